/** The threads of this process, as the kernel tells them apart. @see proc_pid_task(5), proc_pid_stat(5) */
import { fs } from "../node.js";
import { errorCode } from "../../errors.js";

/** Of the flags in a thread's state: it is ending, and never runs any code of the process again. */
const PF_EXITING = 4;

/** A thread in one number, which no later thread gets; undefined where /proc does not tell. */
export function threadStamp(): bigint | undefined {
  try {
    // "PID/task/TID"
    const tid = fs.readlinkSync("/proc/thread-self").split("/")[2] ?? "";
    const { startTime } = stateOf(tid);
    return (startTime << 32n) | BigInt(tid);
  } catch {
    return undefined;
  }
}

/**
 * Whether a thread may still run. True where that cannot be told. `self` is the caller's own stamp: where the kernel does not
 * show even that one any more, that it does not show another one says nothing.
 */
export function mayRun(stamp: bigint, self: bigint | undefined): boolean {
  try {
    const { startTime, flags } = stateOf(String(BigInt.asUintN(32, stamp)));
    return startTime === stamp >> 32n && (flags & PF_EXITING) === 0;
  } catch (error) {
    // ESRCH: it has ended between opening and reading.
    const isGone = ["ENOENT", "ESRCH"].includes(errorCode(error) ?? "");
    return !isGone || self === undefined || threadStamp() !== self;
  }
}

function stateOf(tid: string): { readonly startTime: bigint; readonly flags: number } {
  const text = fs.readFileSync(`/proc/self/task/${tid}/stat`, "latin1");
  // The name in brackets may hold anything; behind it the fields begin with the third one.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  // Ticks since boot: 32 bits are enough for a year, and tell threads of one number apart that are not that far apart.
  return { startTime: BigInt.asUintN(32, BigInt(fields[19] ?? "")), flags: Number(fields[6]) };
}
