/** Who we are and who is in the way. Information for people: no decision rests on a process id. @see libproc.h, sysctl(3) */
import { constants } from "node:os";
import type { FileId, LockHolder, LockedDescriptors, ProcessStamp, ProcessState } from "../contract.js";
import { shortCommand } from "../commands.js";
import { withState } from "../posix/processes.js";
import { errnoName, syscallError } from "../posix/syscall.js";
import { NUMBERS, STRUCTS } from "./headers.js";
import { darwinCalls } from "./libc.js";
import { textOf } from "./texts.js";

const INFO = STRUCTS["struct proc_bsdinfo"];
const VNODE = STRUCTS["struct vnode_fdinfo"];
const DESCRIPTOR = STRUCTS["struct proc_fdinfo"];
/** Of proc_pidinfo, for PROC_PIDTBSDINFO: also of who has ended and was not waited for. */
const WITH_ZOMBIES = 1;
/** Bytes of a command line that are looked at. */
const LINE_MAX = 1 << 16;

interface Info {
  readonly flags: number;
  readonly status: number;
  /** Microseconds since 1970. */
  readonly startTime: bigint;
}

/** Undefined for who has gone, or is not ours to know. */
function infoOf(pid: number): Info | undefined {
  const bytes = new Uint8Array(INFO.size);
  const size = darwinCalls().procPidinfo(pid, NUMBERS.PROC_PIDTBSDINFO, WITH_ZOMBIES, bytes, bytes.length);
  if (size !== INFO.size) return undefined;
  const view = new DataView(bytes.buffer);
  return {
    flags: view.getUint32(INFO.pbi_flags, true),
    status: view.getUint32(INFO.pbi_status, true),
    startTime:
      view.getBigUint64(INFO.pbi_start_tvsec, true) * 1_000_000n + view.getBigUint64(INFO.pbi_start_tvusec, true),
  };
}

let own: ProcessStamp | undefined;

/** Read once per thread. */
export function ownStamp(): ProcessStamp {
  own ??= { pid: process.pid, startTime: startTimeOf(process.pid) ?? 0n, bootId: bootId() };
  return own;
}

/** The first 8 bytes of a UUID that each start of the system has; its time would change when the clock is set. */
function bootId(): bigint {
  const text = new Uint8Array(64);
  const size = BigUint64Array.of(BigInt(text.length));
  if (darwinCalls().sysctlbyname("kern.bootsessionuuid", text, size, null, 0) !== 0) return 0n;
  return BigInt(
    `0x0${textOf(text)
      .replaceAll(/[^0-9A-Fa-f]/g, "")
      .slice(0, 16)}`,
  );
}

/** @see getsid(2) */
export function ownSession(path: string): number {
  const c = darwinCalls();
  const session = c.getsid(0);
  if (session < 0) throw syscallError("getsid", errnoName(c.errno()), path);
  return session;
}

/** When a process began, in microseconds since 1970. */
export function startTimeOf(pid: number): bigint | undefined {
  return infoOf(pid)?.startTime;
}

const isOver = (info: Info | undefined): boolean =>
  info === undefined || info.status === NUMBERS.SZOMB || (info.flags & NUMBERS.PROC_FLAG_INEXIT) !== 0;

/** Whether the very process that left a stamp still runs. */
export function stillRuns({ pid, startTime, bootId: boot }: ProcessStamp): boolean {
  const info = infoOf(pid);
  const isDead = info === undefined || info.status === NUMBERS.SZOMB;
  return !isDead && boot === ownStamp().bootId && info.startTime === startTime;
}

/** Whether that very process has ended, or is ending. */
export function hasEnded(pid: number, startTime: bigint): boolean {
  const info = infoOf(pid);
  return isOver(info) || info?.startTime !== startTime;
}

export function processState(pid: number): ProcessState {
  const info = infoOf(pid);
  if (info === undefined) return "gone";
  if (info.status === NUMBERS.SZOMB) return "zombie";
  if (info.status !== NUMBERS.SSTOP) return "running";
  return (info.flags & NUMBERS.PROC_FLAG_TRACED) !== 0 ? "traced" : "stopped";
}

/** `"node writer.js"`; the name alone for processes of others. */
export function commandOf(pid: number): string {
  return shortCommand(argumentsOf(pid)) || nameOf(pid) || "unknown";
}

/** What KERN_PROCARGS2 gives: how many, the program's path, NULs, then the arguments. */
function argumentsOf(pid: number): string[] {
  const bytes = new Uint8Array(LINE_MAX);
  const size = BigUint64Array.of(BigInt(bytes.length));
  const name = Int32Array.of(NUMBERS.CTL_KERN, NUMBERS.KERN_PROCARGS2, pid);
  if (darwinCalls().sysctl(name, name.length, bytes, size, null, 0) !== 0) return [];
  const count = new DataView(bytes.buffer).getInt32(0, true);
  const text = Buffer.from(bytes.subarray(4, Number(size[0]))).toString("utf8");
  const line = text.slice(text.indexOf("\0")).replace(/^\0+/, "");
  return line.split("\0").slice(0, count);
}

function nameOf(pid: number): string {
  const bytes = new Uint8Array(256);
  return darwinCalls().procName(pid, bytes, bytes.length) > 0 ? textOf(bytes) : "";
}

export function describeProcess(pid: number): string {
  return withState(commandOf(pid), processState(pid));
}

/** A file in words that no other one has. */
export function fileKey({ dev, ino }: FileId): string {
  return `${dev}:${ino}`;
}

/** The system has no list of locks: who has a file open is what can be told, by {@link lockedDescriptors}. */
export function lockTakers(): Map<string, LockHolder[]> {
  return new Map();
}

/** Who has the files open, with a lock or without, as far as their processes are ours to look into. */
export function lockedDescriptors(
  files: ReadonlySet<string>,
  processes?: readonly Pick<LockHolder, "pid">[],
): LockedDescriptors {
  const holders = new Map<string, LockHolder[]>();
  const seen = new Set<number>();
  for (const pid of processes?.map((one) => one.pid) ?? allProcesses()) {
    const descriptors = descriptorsOf(pid);
    if (descriptors.length > 0) seen.add(pid);
    const found = descriptors.map((fd) => keyOf(pid, fd)).filter((key) => key !== undefined && files.has(key));
    for (const key of new Set(found)) {
      if (key !== undefined) holders.set(key, [...(holders.get(key) ?? []), { pid, exclusive: false }]);
    }
  }
  return { holders, seen };
}

/** Processes come while they are counted: there is room for more. */
function allProcesses(): number[] {
  const c = darwinCalls();
  const pids = new Int32Array(Math.max(0, c.procListallpids(null, 0)) + 64);
  const count = c.procListallpids(new Uint8Array(pids.buffer), pids.byteLength);
  return [...pids.subarray(0, Math.max(0, count))].filter((pid) => pid > 0);
}

function descriptorsOf(pid: number): number[] {
  const c = darwinCalls();
  const size = c.procPidinfo(pid, NUMBERS.PROC_PIDLISTFDS, 0, null, 0);
  if (size <= 0) return [];
  const bytes = new Uint8Array(size + 16 * DESCRIPTOR.size);
  const length = c.procPidinfo(pid, NUMBERS.PROC_PIDLISTFDS, 0, bytes, bytes.length);
  const view = new DataView(bytes.buffer);
  const found: number[] = [];
  for (let at = 0; at + DESCRIPTOR.size <= length; at += DESCRIPTOR.size) {
    if (view.getUint32(at + DESCRIPTOR.proc_fdtype, true) !== NUMBERS.PROX_FDTYPE_VNODE) continue;
    found.push(view.getInt32(at + DESCRIPTOR.proc_fd, true));
  }
  return found;
}

function keyOf(pid: number, fd: number): string | undefined {
  const bytes = new Uint8Array(VNODE.size);
  const size = darwinCalls().procPidfdinfo(pid, fd, NUMBERS.PROC_PIDFDVNODEINFO, bytes, bytes.length);
  if (size < VNODE.size) return undefined;
  const view = new DataView(bytes.buffer);
  const ino = Number(view.getBigUint64(VNODE["pvi.vi_stat.vst_ino"], true));
  return fileKey({ dev: view.getUint32(VNODE["pvi.vi_stat.vst_dev"], true), ino });
}

/** Who else has the file open, and so may have its lock. */
export function lockHolder(dev: number, ino: number): { readonly pid: number; readonly who: string } | undefined {
  const key = fileKey({ dev, ino });
  const others = lockedDescriptors(new Set([key]))
    .holders.get(key)
    ?.filter(({ pid }) => pid !== process.pid);
  const pid = others?.[0]?.pid;
  return pid === undefined ? undefined : { pid, who: describeProcess(pid) };
}

/** The number that the system gives to a thread, and to no other one while it runs. @see pthread_threadid_np(3) */
export function threadStamp(): bigint | undefined {
  const id = new BigUint64Array(1);
  return darwinCalls().threadid(null, id) === 0 ? id[0] : undefined;
}

/** True where it cannot be told. */
export function mayRun(stamp: bigint): boolean {
  const c = darwinCalls();
  const bytes = new Uint8Array(STRUCTS["struct proc_threadinfo"].size);
  if (c.procPidinfo(process.pid, NUMBERS.PROC_PIDTHREADID64INFO, stamp, bytes, bytes.length) > 0) return true;
  return c.errno() !== constants.errno.ESRCH;
}

/** Whether a file is what lies at an address. */
export function isMappedAt(address: number, ino: number): boolean {
  const region = STRUCTS["struct proc_regionwithpathinfo"];
  const bytes = new Uint8Array(region.size);
  const flavor = NUMBERS.PROC_PIDREGIONPATHINFO;
  if (darwinCalls().procPidinfo(process.pid, flavor, BigInt(address), bytes, bytes.length) < region.size) return false;
  const view = new DataView(bytes.buffer);
  const isThere = Number(view.getBigUint64(region["prp_prinfo.pri_address"], true)) <= address;
  return isThere && Number(view.getBigUint64(region["prp_vip.vip_vi.vi_stat.vst_ino"], true)) === ino;
}
