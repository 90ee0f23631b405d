/** Who we are and who is in the way. Information for people: no decision rests on a process id. */
import { win32 } from "node:path";
import { printable } from "../../../schema/printable.js";
import type { LockHolder, LockedDescriptors, ProcessStamp, ProcessState } from "../contract.js";
import { shortCommand } from "../commands.js";
import { closeQuietly, isHandle, wideText } from "./handles.js";
import { OWN_PROCESS, kernel32 } from "./kernel32.js";
import { ownersAmong } from "./locks.js";
import { fs } from "../node.js";
import { fileKey, identify, pathOfKey } from "./status.js";

const QUERY_LIMITED = 0x1000;
const SYNCHRONIZE = 0x10_0000;
const WAIT_OBJECT_0 = 0;
/** Of NtQueryInformationProcess. */
const COMMAND_LINE = 60;

let own: ProcessStamp | undefined;

/** When a process began is a time of the calendar, so that no number of the boot is needed beside it. */
export function ownStamp(): ProcessStamp {
  return (own ??= { pid: process.pid, startTime: creationOf(OWN_PROCESS) ?? 0n, bootId: 0n });
}

/** In steps of 100 ns since 1601. @see GetProcessTimes */
function creationOf(handle: number): bigint | undefined {
  const times = [0, 1, 2, 3].map(() => new BigUint64Array(1)) as [
    BigUint64Array,
    BigUint64Array,
    BigUint64Array,
    BigUint64Array,
  ];
  return kernel32().processTimes(handle, ...times) === 0 ? undefined : times[0][0];
}

/** Undefined when there is none of that number, or we may not ask about it. */
function withProcess<T>(pid: number, ask: (handle: number) => T): T | undefined {
  const k = kernel32();
  const handle = Number(k.openProcess(QUERY_LIMITED | SYNCHRONIZE, 0, pid));
  if (!isHandle(handle)) return undefined;
  try {
    return ask(handle);
  } finally {
    k.closeHandle(handle);
  }
}

/** A number stays that of a process that has ended while anybody has a handle of it. */
function isOver(handle: number): boolean {
  return kernel32().waitForSingleObject(handle, 0) === WAIT_OBJECT_0;
}

/** The session of Windows, which a user has one of for each time that he is logged in. @see ProcessIdToSessionId */
export function ownSession(): number {
  const session = new Uint32Array(1);
  kernel32().sessionOf(process.pid, session);
  return session[0] ?? 0;
}

export function processState(pid: number): ProcessState {
  return withProcess(pid, isOver) === false ? "running" : "gone";
}

export function startTimeOf(pid: number): bigint | undefined {
  return withProcess(pid, creationOf);
}

/** The very process that left a stamp. */
export function stillRuns({ pid, startTime, bootId }: ProcessStamp): boolean {
  return bootId === 0n && !hasEnded(pid, startTime);
}

export function hasEnded(pid: number, startTime: bigint): boolean {
  return withProcess(pid, (handle) => isOver(handle) || creationOf(handle) !== startTime) ?? true;
}

/** Program and script, `"node writer.js"`. */
export function commandOf(pid: number): string {
  const words = withProcess(pid, (handle) => wordsOf(commandLineOf(handle))) ?? [];
  const image = words.length === 0 ? withProcess(pid, imageOf) : undefined;
  return shortCommand(image === undefined ? words : [image], nameOf) || "unknown";
}

/** Of a program by its path, and of a script. */
export function nameOf(word: string): string {
  return win32.basename(word).replace(/\.exe$/i, "");
}

function imageOf(handle: number): string | undefined {
  let ok = 0;
  const found = wideText((text, size) => {
    const length = new Uint32Array([size]);
    ok = kernel32().imageName(handle, 0, text, length);
    return length[0] ?? 0;
  });
  return ok === 0 ? undefined : found;
}

/** `struct UNICODE_STRING` and its characters behind it. */
function commandLineOf(handle: number): string {
  const words = new Uint32Array(16_384);
  const bytes = new Uint8Array(words.buffer);
  if (kernel32().queryProcess(handle, COMMAND_LINE, bytes, bytes.length, new Uint32Array(1)) < 0) return "";
  const length = (words[0] ?? 0) & 0xffff;
  return Buffer.from(bytes.buffer, 16, Math.min(length, bytes.length - 16)).toString("utf16le");
}

/** Of a command line. What has blanks stands in quotes. */
export function wordsOf(line: string): string[] {
  const words = line.matchAll(/"(?<quoted>[^"]*)"|(?<plain>\S+)/g);
  return [...words].map(({ groups }) => groups?.["quoted"] ?? groups?.["plain"] ?? "");
}

export function describeProcess(pid: number): string {
  return withState(commandOf(pid), processState(pid));
}

/** For people: a process of another user may call itself anything. */
export function withState(command: string, _state: ProcessState): string {
  return printable(command);
}

/** Numbers of all processes. @see EnumProcesses */
function pidsOf(): number[] {
  for (let room = 1024; ; room *= 2) {
    const pids = new Uint32Array(room);
    const needed = new Uint32Array(1);
    if (kernel32().enumProcesses(pids, pids.byteLength, needed) === 0) return [process.pid];
    const count = (needed[0] ?? 0) / 4;
    if (count < room) return [...pids.subarray(0, count)].filter((pid) => pid !== 0);
  }
}

/** Who has a lock of these files: each process that runs is asked for. Files that were not looked at before are missing. */
export function lockTakers(files: ReadonlySet<string>): Map<string, LockHolder[]> {
  const takers = new Map<string, LockHolder[]>();
  const pids = pidsOf();
  for (const key of files) {
    const path = pathOfKey(key);
    const holders = path === undefined ? [] : holdersOf(path, key, pids);
    if (holders.length > 0) takers.set(key, holders);
  }
  return takers;
}

function holdersOf(path: string, key: string, pids: readonly number[]): LockHolder[] {
  let fd: number | undefined;
  try {
    fd = fs.openSync(path, fs.constants.O_RDONLY);
    return fileKey(identify(fd, path)) === key ? ownersAmong(fd, pids, path) : [];
  } catch {
    return [];
  } finally {
    if (fd !== undefined) closeQuietly(fd);
  }
}

/** Nobody inherits a lock: {@link lockTakers} has all that there are. */
export function lockedDescriptors(files: ReadonlySet<string>): LockedDescriptors {
  return { holders: lockTakers(files), seen: new Set() };
}

export function lockHolder(dev: number, ino: number): { readonly pid: number; readonly who: string } | undefined {
  const key = fileKey({ dev, ino });
  const pid = lockTakers(new Set([key])).get(key)?.[0]?.pid;
  return pid === undefined ? undefined : { pid, who: describeProcess(pid) };
}

/** Threads of a process end with its lock on a file, and only with that. */
export function threadStamp(): undefined {
  return undefined;
}

export function mayRun(): boolean {
  return true;
}
