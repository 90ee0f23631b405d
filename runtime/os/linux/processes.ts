/** Who we are and who is in the way, from /proc. Information for people: no decision rests on a process id. */
import { unknownSession } from "./refusals.js";
import { fs } from "../node.js";
import { shortCommand } from "../commands.js";
import { withState } from "../posix/processes.js";
import type { FileId, LockHolder, LockedDescriptors, ProcessStamp, ProcessState } from "../contract.js";

let own: ProcessStamp | undefined;

/** Read once per thread. */
export function ownStamp(): ProcessStamp {
  own ??= {
    pid: process.pid,
    startTime: BigInt(statFields("self")?.[19] ?? 0),
    bootId: BigInt(`0x0${readText("/proc/sys/kernel/random/boot_id").replaceAll("-", "").slice(0, 16)}`),
  };
  return own;
}

let session: number | undefined;

/**
 * The session that we belong to, as getsid(2) gives it. Read once per thread, as .NET reads it.
 * @throws ShmError ERR_SHM_UNSUPPORTED without /proc
 */
export function ownSession(path: string, remedy: string): number {
  const field = session ?? statFields("self")?.[3];
  if (field !== undefined) return (session = Number(field));
  throw unknownSession(path, remedy);
}

/** A file in the words of /proc/locks: `"00:1b:29294"`. */
export function fileKey({ dev, ino }: FileId): string {
  const major = Math.floor(dev / 0x100) & 0xfff;
  const minor = (dev & 0xff) | ((dev / 0x1000) & 0xfff00);
  const hex = (value: number): string => value.toString(16).padStart(2, "0");
  return `${hex(major)}:${hex(minor)}:${ino}`;
}

/** A waiter's line has "->" in it, and does not match. */
const FLOCK_LINE = /^(?:lock:\s*)?\d+:\s+FLOCK\s+\S+\s+(READ|WRITE)\s+(\d+)\s+(\S+)/;

/**
 * Who took which flock, by /proc/locks, under the file's {@link fileKey}. Processes of other pid namespaces are missing, and
 * who inherited a descriptor is not told from who took its lock. The kernel gives a page at a time: while others lock and
 * unlock, a lock may be read twice or be missed. Of one file alone: among a thousand locks that takes a fourth of the time.
 * @see proc_locks(5)
 */
export function lockTakers(files: ReadonlySet<string>): Map<string, LockHolder[]> {
  const takers = new Map<string, LockHolder[]>();
  const [only = ""] = files.size === 1 ? files : [];
  for (const line of readText("/proc/locks").split("\n")) {
    if (!line.includes(only)) continue;
    const match = FLOCK_LINE.exec(line);
    const pid = Number(match?.[2] ?? 0);
    if (match?.[3] === undefined || pid <= 0 || !files.has(match[3])) continue;
    const list = takers.get(match[3]) ?? [];
    if (list.length === 0) takers.set(match[3], list);
    list.push({ pid, exclusive: match[1] === "WRITE" });
  }
  return takers;
}

/**
 * Looks at every descriptor of every process, or of these: some microseconds for each. @see proc_pid_fdinfo(5)
 */
export function lockedDescriptors(
  files: ReadonlySet<string>,
  processes?: readonly Pick<LockHolder, "pid">[],
): LockedDescriptors {
  const holders = new Map<string, LockHolder[]>();
  const seen = new Set<number>();
  for (const pid of processes?.map((one) => String(one.pid)) ?? entriesOf("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    // A zombie has none; nor has the first thread of a process, once it has ended before the others.
    const descriptors = entriesOf(`/proc/${pid}/fd`);
    if (descriptors.length > 0) seen.add(Number(pid));
    for (const fd of descriptors) {
      const file = statOf(`/proc/${pid}/fd/${fd}`);
      const key = file === undefined ? "" : fileKey(file);
      if (!files.has(key)) continue;
      for (const line of readText(`/proc/${pid}/fdinfo/${fd}`).split("\n")) {
        const match = FLOCK_LINE.exec(line);
        if (match === null) continue;
        const list = holders.get(key) ?? [];
        if (list.length === 0) holders.set(key, list);
        list.push({ pid: Number(pid), exclusive: match[1] === "WRITE" });
      }
    }
  }
  return { holders, seen };
}

/**
 * Who holds the flock on a file, by /proc/locks, as its number and {@link describeProcess}.
 * Undefined when it cannot be told, for instance for a holder in another pid namespace.
 */
export function lockHolder(dev: number, ino: number): { readonly pid: number; readonly who: string } | undefined {
  const key = fileKey({ dev, ino });
  // A second look, because the first one may have missed it.
  const only = new Set([key]);
  const pid = (lockTakers(only).get(key) ?? lockTakers(only).get(key))?.[0]?.pid;
  return pid === undefined ? undefined : { pid, who: describeProcess(pid) };
}

const STATES: Readonly<Record<string, ProcessState>> = {
  T: "stopped",
  t: "traced",
  D: "blocked",
  Z: "zombie",
  X: "zombie",
};
/** By the state of its first thread. */
export function processState(pid: number): ProcessState {
  const letter = statFields(String(pid))?.[0];
  return letter === undefined ? "gone" : (STATES[letter] ?? "running");
}

/** `"node writer.js"`: program and script, as the process has them; "unknown" for one that has gone. */
export function commandOf(pid: number): string {
  const line = readText(`/proc/${pid}/cmdline`).replace(/\0$/, "").split("\0");
  return shortCommand(line) || readText(`/proc/${pid}/comm`).trim() || "unknown";
}

/** `"node writer.js, stopped"`: {@link commandOf}, and the state where it explains a wait. */
export function describeProcess(pid: number): string {
  return withState(commandOf(pid), processState(pid));
}

/** Whether the very process that left a stamp still runs: a number alone may have been given to another one. */
export function stillRuns({ pid, startTime, bootId }: ProcessStamp): boolean {
  const fields = statFields(String(pid));
  const isDead = fields?.[0] === undefined || fields[0] === "Z" || fields[0] === "X";
  return !isDead && bootId === ownStamp().bootId && BigInt(fields[19] ?? 0) === startTime;
}

/** Ticks since boot; undefined when there is no such process, or no /proc. */
export function startTimeOf(pid: number): bigint | undefined {
  const field = statFields(String(pid))?.[19];
  return field === undefined ? undefined : BigInt(field);
}

/**
 * Whether a process has ended, is a zombie, or is being taken apart by the kernel, which drops its locks meanwhile. `startTime` as of
 * {@link startTimeOf}. @see proc_pid_stat(5), PF_EXITING
 */
export function hasEnded(pid: number, startTime: bigint): boolean {
  const fields = statFields(String(pid));
  if (fields === undefined || fields[0] === "Z" || fields[0] === "X") return true;
  return (Number(fields[6]) & 4) !== 0 || BigInt(fields[19] ?? 0) !== startTime;
}

/** The fields of /proc/PID/stat after the name, which may itself contain spaces and brackets; 0 is the state. */
function statFields(pid: string): string[] | undefined {
  const text = readText(`/proc/${pid}/stat`);
  return text === "" ? undefined : text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function readText(path: string): string {
  try {
    return fs.readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function entriesOf(path: string): string[] {
  try {
    return fs.readdirSync(path);
  } catch {
    return [];
  }
}

/** Of what a descriptor refers to; undefined when it was closed meanwhile. */
function statOf(path: string): FileId | undefined {
  try {
    return fs.statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
