import type { Order } from "./generated/floor.js";

/** What makes an order whole: the same number in TypeScript and in C. */
export function checkOf({ id, amount }: Pick<Order, "id" | "amount">): number {
  return (Math.imul(Number(id & 0xffffffffn), 31) + amount) >>> 0;
}
