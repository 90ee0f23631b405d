/** Containers hold counts and owners, and no addresses. */
import type { Region } from "@shmgen/runtime";
import { HEADER_SIZE } from "@shmgen/schema/region-format";
import { expect, it } from "vitest";
import { importSchema } from "../support/schemas/generated.js";

interface Order {
  id: number;
}
interface FloorData {
  readonly orders: {
    producer(): { push(order: Order): boolean; close(): void };
    consumer(): { pop(): Order | undefined };
  };
  readonly limits: { write(order: Order): number; read(): Order };
  readonly found: { set(key: number, order: Order): unknown; get(key: number): Order | undefined };
  readonly door: { lock(options?: { onAbandoned: "take" }): { unlock(): void; readonly abandoned: boolean } };
}
interface Module {
  readonly Floor: { createAnonymous(): Region & { readonly data: FloorData } };
}

it("their bytes mean the same at another address, in another file, where their owners are nobody [P-01]", async () => {
  const { Floor } = await importSchema<Module>(
    {
      "floor.shm.ts": `import type { map, mutex, Region, ring, seqlock, u32 } from "@shmgen/schema";
        export interface Order { id: u32 }
        export interface Floor extends Region<{ type: 1; version: 1 }> {
          orders: ring<Order, 4>; limits: seqlock<Order>; door: mutex; found: map<u32, Order, 3>;
        }`,
    },
    "floor.shm.ts",
  );
  using here = Floor.createAnonymous();
  using there = Floor.createAnonymous();
  const producer = here.data.orders.producer();
  for (const id of [7, 8, 9]) producer.push({ id });
  here.data.limits.write({ id: 42 });
  here.data.found.set(5, { id: 43 });
  here.data.door.lock();
  there.memory.u8.set(here.memory.u8.subarray(HEADER_SIZE), HEADER_SIZE);
  const consumer = there.data.orders.consumer();
  expect([1, 2, 3, 4].map(() => consumer.pop()?.id)).toEqual([7, 8, 9, undefined]);
  expect(there.data.limits.read()).toEqual({ id: 42 });
  expect(there.data.found.get(5)).toEqual({ id: 43 });
  // The producer and the owner of the lock live in the other file alone.
  expect(there.data.door.lock({ onAbandoned: "take" }).abandoned).toBe(true);
  expect(there.data.orders.producer().push({ id: 10 })).toBe(true);
});
