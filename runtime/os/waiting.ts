/**
 * What the thread needs that sleeps on words for others (wait/wait-worker.ts): as index.ts, without the rest of the platform, which takes longer to
 * load than to wait. Windows has no such thread: its sleeps are events.
 */
export { addressOf } from "./posix/address-of.js";
export { WAIT_ANY_MAX, wait, waitAny, wake } from "./linux/futex.js";
