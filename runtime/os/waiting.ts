/**
 * What the thread needs that sleeps on words for others (wait/wait-worker.ts): as index.ts, without the rest of the platform, which takes longer to
 * load than to wait. Windows has no such thread: its sleeps are events.
 */
import { wait as waitOfDarwin, wake as wakeOfDarwin, waitAny as waitAnyOfDarwin } from "./darwin/waits.js";
import { wait as waitOfLinux, wake as wakeOfLinux, waitAny as waitAnyOfLinux } from "./linux/futex.js";

export { WAIT_ANY_MAX } from "./linux/futex.js";
export { addressOf } from "./posix/address-of.js";

const isDarwin = process.platform === "darwin";
export const wait = isDarwin ? waitOfDarwin : waitOfLinux;
export const waitAny = isDarwin ? waitAnyOfDarwin : waitAnyOfLinux;
export const wake = isDarwin ? wakeOfDarwin : wakeOfLinux;
