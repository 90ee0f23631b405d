/** What only the C library of macOS has, one line per symbol. */
import { loadInWorker } from "../../loading.js";
import { bind, descriptorCalls, libc, openLibrary } from "../posix/libc.js";
import type { Prototype } from "../posix/prototypes.js";
import { CALLS, INODE64, SYNC, SYNC_CALLS, ULOCK, ULOCK_CALLS } from "./headers.js";

type Bytes = Uint8Array | null;

export interface DarwinCalls {
  renamex(from: string, to: string, flags: number): number;
  confstr(name: number, text: Uint8Array, size: number): number | bigint;
  fstatfs(fd: number, status: Uint8Array): number;
  procPidinfo(pid: number, flavor: number, argument: bigint | number, buffer: Bytes, size: number): number;
  procPidfdinfo(pid: number, fd: number, flavor: number, buffer: Uint8Array, size: number): number;
  procName(pid: number, buffer: Uint8Array, size: number): number;
  procListallpids(buffer: Bytes, size: number): number;
  sysctl(name: Int32Array, length: number, value: Bytes, size: BigUint64Array, fresh: null, freshSize: number): number;
  sysctlbyname(name: string, value: Bytes, size: BigUint64Array, fresh: null, freshSize: number): number;
  threadid(thread: null, id: BigUint64Array): number;
  getpwnam(name: string): number | bigint;
  getgrnam(name: string): number | bigint;
  getsid(pid: number): number;
  /** The 32-bit word at an address. */
  wordAt(address: number | bigint): number;
  errno(): number;
}

/** Sleeping and waking on words of shared memory: 0 or more, or -1 with errno. */
export interface WaitCalls {
  wait(address: number, expected: number, timeoutNs: bigint): number;
  wakeOne(address: number): number;
  wakeAll(address: number): number;
  /** Which calls these are, for people. */
  readonly name: string;
  errno(): number;
}

let loaded: DarwinCalls | undefined;
let loadedWaits: WaitCalls | "missing" | undefined;

/** @throws ShmError as {@link libc} */
export function darwinCalls(): DarwinCalls {
  return (loaded ??= load());
}

/** Undefined before macOS 11. @throws ShmError as {@link libc} */
export function waitCalls(): WaitCalls | undefined {
  loadedWaits ??= loadSync() ?? loadUlock() ?? "missing";
  return loadedWaits === "missing" ? undefined : loadedWaits;
}

/** The name of a function in the library. */
export function symbolOf(name: string, arch: string): string {
  return arch === "x64" && INODE64.includes(name) ? `${name}$INODE64` : name;
}

function load(): DarwinCalls {
  const { koffi, library } = openLibrary();
  const own = <F extends (...values: never[]) => unknown>([name, ...rest]: Prototype): F =>
    bind(library, [symbolOf(name, process.arch), ...rest]);
  return {
    renamex: own(CALLS.renamex),
    confstr: own(CALLS.confstr),
    fstatfs: own(CALLS.fstatfs),
    procPidinfo: own(CALLS.procPidinfo),
    procPidfdinfo: own(CALLS.procPidfdinfo),
    procName: own(CALLS.procName),
    procListallpids: own(CALLS.procListallpids),
    sysctl: own(CALLS.sysctl),
    sysctlbyname: own(CALLS.sysctlbyname),
    threadid: own(CALLS.threadid),
    getpwnam: own(CALLS.getpwnam),
    getgrnam: own(CALLS.getgrnam),
    getsid: own(CALLS.getsid),
    wordAt: (address) => Number(koffi.decode(BigInt(address), "uint32_t")),
    errno: () => koffi.errno(),
  };
}

const WORD = 4;

/** Undefined before macOS 14.4. */
function loadSync(): WaitCalls | undefined {
  const { koffi, library } = openLibrary();
  try {
    const wait = bind<(...values: readonly (number | bigint)[]) => number>(library, SYNC_CALLS.wait);
    const one = bind<(...values: readonly number[]) => number>(library, SYNC_CALLS.wakeAny);
    const all = bind<(...values: readonly number[]) => number>(library, SYNC_CALLS.wakeAll);
    return {
      wait: (address, expected, ns) => wait(address, expected, WORD, SYNC.SHARED, SYNC.MACH_ABSOLUTE_TIME, ns),
      wakeOne: (address) => one(address, WORD, SYNC.SHARED),
      wakeAll: (address) => all(address, WORD, SYNC.SHARED),
      name: "os_sync_wait_on_address",
      errno: () => koffi.errno(),
    };
  } catch {
    return undefined;
  }
}

/** Undefined before macOS 11. */
function loadUlock(): WaitCalls | undefined {
  const { koffi, library } = openLibrary();
  try {
    const wait = bind<(...values: readonly (number | bigint)[]) => number>(library, ULOCK_CALLS.wait);
    const wake = bind<(...values: readonly number[]) => number>(library, ULOCK_CALLS.wake);
    return {
      wait: (address, expected, ns) => wait(ULOCK.COMPARE_AND_WAIT_SHARED, address, expected, ns, 0),
      wakeOne: (address) => wake(ULOCK.COMPARE_AND_WAIT_SHARED, address, 0),
      wakeAll: (address) => wake(ULOCK.COMPARE_AND_WAIT_SHARED | ULOCK.WAKE_ALL, address, 0),
      name: "__ulock_wait2",
      errno: () => koffi.errno(),
    };
  } catch {
    return undefined;
  }
}

/** As linux/libc.ts does it. */
function loadEarly(): void {
  if (process.platform !== "darwin") return;
  try {
    libc();
    descriptorCalls();
    darwinCalls();
    waitCalls();
  } catch {
    // Said to whoever opens a region.
  }
}

loadInWorker(loadEarly);
