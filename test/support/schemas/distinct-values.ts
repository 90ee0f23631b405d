/** Values of the same shape, all different as far as two bits allow: what each number, enum and bit field can hold. */
export function distinctValues(shape: unknown, count: { now: number } = { now: 0 }): unknown {
  if (typeof shape === "number") return (count.now = (count.now + 1) % 4);
  if (typeof shape === "bigint") return BigInt((count.now = (count.now + 1) % 4));
  if (typeof shape === "boolean") return (count.now = (count.now + 1) % 4) === 1;
  if (typeof shape === "string") return `t${(count.now += 1) % 1000}`;
  if (shape instanceof Uint8Array) return shape.map(() => (count.now += 1) % 256);
  if (Array.isArray(shape)) return shape.map((part: unknown) => distinctValues(part, count));
  return Object.fromEntries(Object.entries(shape as object).map(([key, part]) => [key, distinctValues(part, count)]));
}
