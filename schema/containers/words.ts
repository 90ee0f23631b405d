/** The words of containers, as schemas import them. */
export type { bipBuffer } from "./bip-buffer.js";
export type { broadcast } from "./broadcast.js";
export type { counters } from "./counters.js";
export type { event } from "./event.js";
export type { messages } from "./messages.js";
export type { map } from "./map.js";
export type { mutex } from "./mutex.js";
export type { queue } from "./queue.js";
export type { ring } from "./ring.js";
export type { semaphore } from "./semaphore.js";
export type { seqlock } from "./seqlock.js";
export type { slotPool } from "./slot-pool.js";
export type { workQueue } from "./work-queue.js";
