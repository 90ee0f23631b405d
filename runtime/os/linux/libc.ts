/** What only Linux' C library has, one line per symbol, and system calls by number. */
import { loadInWorker } from "../../loading.js";
import { descriptorCalls, libc, openLibrary } from "../posix/libc.js";

/** What regions need of Linux alone. */
export interface LinuxCalls {
  /** Absent from C libraries of before 2018. */
  statx?(directory: number, path: string, flags: number, mask: number, status: Uint8Array): number;
  /** Returns the error number, and leaves errno alone. */
  posixFallocate(fd: number, offset: number, size: number): number;
  /** With a mode, as of Linux. */
  fallocate(fd: number, mode: number, offset: number, size: number): number;
  /** `renameat2` by number, because not every C library has it. */
  renameat2(number: number, from: number, oldName: string, to: number, newName: string, flags: number): number;
  linkat(from: number, oldName: string, to: number, newName: string, flags: number): number;
  /** `futex` and `futex_waitv` by number, with a fixed prototype, because a variadic one costs half as much again. */
  syscall(
    number: number,
    address: number | Uint8Array,
    operation: number,
    value: number,
    timeout: BigInt64Array | null,
    address2: number,
    value3: number,
  ): number;
  /** Number of the last error. Read it in the statement after the call: any `fs` call overwrites it. */
  errno(): number;
}

/** Sockets that carry descriptors. */
export interface SocketCalls {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, size: number): number;
  listen(fd: number, backlog: number): number;
  accept4(fd: number, address: null, size: null, flags: number): number;
  connect(fd: number, address: Uint8Array, size: number): number;
  sendmsg(fd: number, message: Uint8Array, flags: number): number;
  recvmsg(fd: number, message: Uint8Array, flags: number): number;
  getsockopt(fd: number, level: number, option: number, value: Uint8Array, size: Uint8Array): number;
  errno(): number;
}

/** What segments.ts needs. */
export interface SegmentCalls {
  shmget(key: number, size: number, flags: number): number;
  shmat(id: number, address: number, flags: number): number | bigint;
  shmctl(id: number, command: number, status: Uint8Array): number;
  errno(): number;
}

/** What wait-ring.ts needs. The calls of io_uring by number, with fixed prototypes. */
export interface RingCalls {
  setup(entries: number, params: Uint32Array): number;
  enter(fd: number, toSubmit: number, minComplete: number, flags: number): number;
  pipe2(fds: Int32Array, flags: number): number;
  dup3(from: number, to: number, flags: number): number;
  close(fd: number): number;
  errno(): number;
  addressOf(bytes: Uint8Array): number;
  pageSize(): number;
}

let loaded: LinuxCalls | undefined;
let loadedSockets: SocketCalls | undefined;
let loadedRing: RingCalls | undefined;
let loadedSegments: SegmentCalls | undefined;

/** @throws ShmError as {@link libc} */
export function linuxCalls(): LinuxCalls {
  return (loaded ??= load());
}

/** Loaded by themselves, because most programs need none of them. @throws ShmError as {@link libc} */
export function socketCalls(): SocketCalls {
  return (loadedSockets ??= loadSocketCalls());
}

/** As {@link socketCalls}. */
export function ringCalls(): RingCalls {
  return (loadedRing ??= loadRingCalls());
}

/** As {@link socketCalls}. */
export function segmentCalls(): SegmentCalls {
  return (loadedSegments ??= loadSegmentCalls());
}

/** Workers load everything while they start, before anybody can have heard of them and think of ending them. */
function loadEarly(): void {
  if (process.platform !== "linux") return;
  try {
    libc();
    linuxCalls();
    descriptorCalls();
    socketCalls();
    ringCalls();
    segmentCalls();
  } catch {
    // Said to whoever opens a region.
  }
}

function load(): LinuxCalls {
  const { koffi, library } = openLibrary();
  const syscall = ["long", "void *", "int", "uint32_t", "void *", "uint64_t", "uint32_t"];
  return {
    ...optional("statx", () => library.func("statx", "int", ["int", "str", "int", "uint32_t", "void *"])),
    posixFallocate: library.func("posix_fallocate", "int", ["int", "int64_t", "int64_t"]),
    fallocate: library.func("fallocate", "int", ["int", "int", "int64_t", "int64_t"]),
    renameat2: library.func("syscall", "long", ["long", "int", "str", "int", "str", "uint32_t"]),
    linkat: library.func("linkat", "int", ["int", "str", "int", "str", "int"]),
    syscall: library.func("syscall", "long", syscall),
    errno: () => koffi.errno(),
  };
}

function loadSocketCalls(): SocketCalls {
  const { koffi, library } = openLibrary();
  return {
    socket: library.func("socket", "int", ["int", "int", "int"]),
    bind: library.func("bind", "int", ["int", "void *", "uint32_t"]),
    listen: library.func("listen", "int", ["int", "int"]),
    accept4: library.func("accept4", "int", ["int", "void *", "void *", "int"]),
    connect: library.func("connect", "int", ["int", "void *", "uint32_t"]),
    sendmsg: library.func("sendmsg", "int64_t", ["int", "void *", "int"]),
    recvmsg: library.func("recvmsg", "int64_t", ["int", "void *", "int"]),
    getsockopt: library.func("getsockopt", "int", ["int", "int", "int", "void *", "void *"]),
    errno: () => koffi.errno(),
  };
}

function loadSegmentCalls(): SegmentCalls {
  const { koffi, library } = openLibrary();
  return {
    shmget: library.func("shmget", "int", ["int", "size_t", "int"]),
    shmat: library.func("shmat", "uint64_t", ["int", "uint64_t", "int"]),
    shmctl: library.func("shmctl", "int", ["int", "int", "void *"]),
    errno: () => koffi.errno(),
  };
}

/** Both have one number on all processors. */
const IO_URING_SETUP = 425;
const IO_URING_ENTER = 426;

function loadRingCalls(): RingCalls {
  const { koffi, library } = openLibrary();
  const setup = library.func("syscall", "long", ["long", "uint32_t", "void *"]);
  const enter = library.func("syscall", "long", [
    "long",
    "int",
    "uint32_t",
    "uint32_t",
    "uint32_t",
    "void *",
    "size_t",
  ]);
  return {
    setup: (entries, params) => setup(IO_URING_SETUP, entries, params),
    enter: (fd, toSubmit, minComplete, flags) => enter(IO_URING_ENTER, fd, toSubmit, minComplete, flags, null, 0),
    pipe2: library.func("pipe2", "int", ["void *", "int"]),
    dup3: library.func("dup3", "int", ["int", "int", "int"]),
    close: library.func("close", "int", ["int"]),
    errno: () => koffi.errno(),
    addressOf: (bytes) => Number(koffi.address(bytes)),
    pageSize: library.func("getpagesize", "int", []),
  };
}

/** A function that the C library may lack, which koffi throws for. */
function optional<K extends keyof LinuxCalls>(name: K, load: () => LinuxCalls[K]): Partial<Pick<LinuxCalls, K>> {
  try {
    return { [name]: load() } as Partial<Pick<LinuxCalls, K>>;
  } catch {
    return {};
  }
}

loadInWorker(loadEarly);
