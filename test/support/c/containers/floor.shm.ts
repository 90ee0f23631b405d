/** A region with every container, for peers in C and in Node. */
import type {
  Region,
  array,
  atomic,
  bipBuffer,
  bool,
  broadcast,
  counters,
  event,
  f64,
  messages,
  map,
  mutex,
  queue,
  ring,
  semaphore,
  seqlock,
  slotPool,
  u8,
  u32,
  u64,
  utf8,
  workQueue,
} from "@shmgen/schema";

/** Every word is the same in a whole value; its size is no multiple of 8. */
export interface Sample {
  words: array<u64, 8>;
  mark: u8;
}

export interface Order {
  id: u64;
  price: f64;
  mark: u32;
}

export interface Room {
  door: mutex;
  seats: semaphore<3>;
  names: ring<utf8<8>, 4>;
}

export interface Floor extends Region<{ type: 0x11c0; version: 1; participants: 5 }> {
  /** Guarded by the door. */
  count: u64;
  door: mutex;
  bell: event;
  seats: semaphore<2>;
  sample: seqlock<Sample>;
  level: seqlock<u8>;
  isOpen: seqlock<bool>;
  orders: ring<Order, 16>;
  replies: ring<Order, 16>;
  bytes: bipBuffer<192>;
  log: messages<256>;
  /** More samples than the peers have keys for would not fit. */
  samples: map<utf8<9>, Sample, 4>;
  visits: map<u32, u64, 3>;
  /** Of each who speaks there: how much of it was heard. */
  heard: array<atomic<u32>, 1024>;
  rooms: array<array<Room, 2>, 3>;
  tasks: queue<Order, 4>;
  frames: slotPool<Order, 3>;
  work: workQueue<Order, 4>;
  ticks: broadcast<Sample, 16>;
  names: broadcast<utf8<5>, 2>;
  stats: counters<3>;
}
