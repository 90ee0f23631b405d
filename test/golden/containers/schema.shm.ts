import type {
  array,
  atomic,
  bytes,
  bipBuffer,
  broadcast,
  counters,
  event,
  enumOf,
  f64,
  messages,
  map,
  mutex,
  queue,
  Region,
  ring,
  semaphore,
  seqlock,
  since,
  slotPool,
  u32,
  u64,
  u8,
  utf8,
  workQueue,
} from "@shmgen/schema";

/** What all read and few change. */
export interface Limits {
  perMinute: u32;
  name: utf8<16>;
}

export interface Order {
  id: u64;
  price: f64;
  lines: array<u32, 4>;
}

/** What is lent in place may be shared. */
export interface Frame {
  hits: atomic<u32>;
  pixels: bytes<20>;
}

export type Area = enumOf<{ North: 0; South: 1 }, u8>;

/** Containers in a struct, in an array. */
export interface Room {
  doors: array<mutex, 3>;
  lights: event;
}

/** One of each. */
export interface Floor extends Region<{ type: 7; version: 2; participants: 15 }> {
  /** Read whole. */
  limits: seqlock<Limits>;
  level: seqlock<f64>;
  orders: ring<Order, 8>;
  readings: ring<f64, 4>;
  tasks: queue<Order, 8>;
  names: queue<utf8<16>, 2>;
  frames: slotPool<Frame, 3>;
  jobs: workQueue<Order, 6>;
  fills: broadcast<Order, 4>;
  calls: broadcast<utf8<5>, 2>;
  door: mutex;
  rooms: array<Room, 2>;
  desks: semaphore<5>;
  stream: bipBuffer<256>;
  log: messages<1024>;
  /** Found by their names. */
  limitsOf: map<utf8<16>, Limits, 12>;
  ordersOf: map<u64, Order, 3>;
  counts: map<Area, u32, 2>;
  stats: counters<3>;
  exits: since<array<array<mutex, 2>, 2>, 2>;
}
