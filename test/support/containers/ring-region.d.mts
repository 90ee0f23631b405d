import type { CreateOptions, FromSharedOptions, OpenOptions, Region, SharedRegion } from "@shmgen/runtime";
import type { Assignable, Element, Flyweight, ParticipantsPort } from "@shmgen/runtime/codegen-v1";
import type { ContainerShape, Ring } from "@shmgen/runtime/containers-v1";

export class Order extends Flyweight {
  id: number;
  kind: number;
  quantity: number;
  sum: number;
  price: number;
  name: string;
}
export class Pair extends Flyweight {
  first: Order;
  others: Iterable<Order> & { at(index: number): Order };
}
/** What rings of the tests hold, as they show it and as they take it. */
export interface Held {
  readonly Order: [Order, Assignable<Order>];
  readonly Pair: [Pair, { readonly first?: Assignable<Order>; readonly others?: readonly Assignable<Order>[] }];
  readonly u32: [number, number];
  readonly u64: [bigint, bigint];
  readonly text: [string, string];
}
export const ELEMENTS: { readonly [K in keyof Held]: Element<Held[K][0], Held[K][1]> };
export function ringShape<T, W>(length: number, of: Element<T, W>): ContainerShape<T, W>;

type Word = "tail" | "producer" | "consumerSleeps" | "head" | "consumer" | "producerSleeps";
export interface Floor<K extends keyof Held = "Order"> extends Flyweight {
  readonly orders: Ring<Held[K][0], Held[K][1]>;
  readonly answers: Ring<Held[K][0], Held[K][1]>;
  readonly ordersAt: number;
  readonly participants: ParticipantsPort | undefined;
  word(name: Word): number;
  setWord(name: Word, value: number): void;
}
export interface FloorStatics<K extends keyof Held> {
  createOrOpen(name: string, options?: CreateOptions<Floor<K>>): Region<Floor<K>>;
  open(name: string, options?: OpenOptions): Region<Floor<K>>;
  openReadOnly(name: string, options?: OpenOptions): Region<Floor<K>>;
  fromShared(shared: SharedRegion, options?: FromSharedOptions): Region<Floor<K>>;
}
export function floorOf<K extends keyof Held = "Order">(options?: {
  readonly length?: number;
  readonly of?: K;
}): FloorStatics<K>;
