/**
 * The C library, one line per symbol. Only files like this one know koffi: another FFI is another file like it.
 * The main thread loads everything on first use, so that generated types can be imported where no region can be opened.
 * Addresses are numbers: user space ends below 2^57 only for those who ask for it, and below 2^47 for us.
 */
import type * as Koffi from "koffi";
import { refusal } from "../../errors.js";
import { loadInWorker } from "../../loading.js";
import { loadKoffi } from "../koffi.js";

/** The functions of the C library that the runtime calls, and what belongs to the FFI itself. */
export interface Libc {
  /** Of koffi, `"3.3.4"`. */
  readonly version: string;
  mmap(address: number, size: number, protection: number, flags: number, fd: number, offset: number): number | bigint;
  munmap(address: number, size: number): number;
  pageSize(): number;
  flock(fd: number, operation: number): number;
  /** Absent from C libraries of before 2018. */
  statx?(directory: number, path: string, flags: number, mask: number, status: Uint8Array): number;
  /** Returns the error number, and leaves errno alone. */
  posixFallocate(fd: number, offset: number, size: number): number;
  /** With a mode, as of Linux. */
  fallocate(fd: number, mode: number, offset: number, size: number): number;
  lseek(fd: number, offset: number, whence: number): number | bigint;
  pread(fd: number, bytes: Uint8Array, size: number, offset: number): number | bigint;
  fchmod(fd: number, mode: number): number;
  /** -1 leaves user or group as they are. */
  fchown(fd: number, uid: number, gid: number): number;
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
  addressOf(bytes: Uint8Array): number;
  /** An ArrayBuffer over memory that nobody else owns. */
  view(address: number, size: number): ArrayBuffer;
}

/** What only some regions need: seals, sockets that carry descriptors, and locks of bytes. */
export interface DescriptorCalls {
  /** With a fixed prototype, as `syscall`. */
  fcntl(fd: number, command: number, argument: number): number;
  /** `fcntl` with a `struct flock`. */
  fcntlLock(fd: number, command: number, lock: Uint8Array): number;
  /** For descriptors that came by FFI; the others are closed with `node:fs`, which counts them. */
  close(fd: number): number;
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, size: number): number;
  listen(fd: number, backlog: number): number;
  accept4(fd: number, address: null, size: null, flags: number): number;
  connect(fd: number, address: Uint8Array, size: number): number;
  sendmsg(fd: number, message: Uint8Array, flags: number): number;
  recvmsg(fd: number, message: Uint8Array, flags: number): number;
  getsockopt(fd: number, level: number, option: number, value: Uint8Array, size: Uint8Array): number;
  /** As that of {@link Libc}, which need not be loaded. */
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

let loaded: Libc | undefined;
let loadedCalls: DescriptorCalls | undefined;
let loadedRing: RingCalls | undefined;
let loadedSegments: SegmentCalls | undefined;

/** @throws ShmError ERR_SHM_UNSUPPORTED when this machine has no such C library, or koffi cannot be loaded. */
export function libc(): Libc {
  return (loaded ??= load());
}

/** Loaded by themselves, because most programs need none of them. @throws ShmError as {@link libc} */
export function descriptorCalls(): DescriptorCalls {
  return (loadedCalls ??= loadDescriptorCalls());
}

/** As {@link descriptorCalls}. */
export function ringCalls(): RingCalls {
  return (loadedRing ??= loadRingCalls());
}

/** As {@link descriptorCalls}. */
export function segmentCalls(): SegmentCalls {
  return (loadedSegments ??= loadSegmentCalls());
}

/** Workers load everything while they start, before anybody can have heard of them and think of ending them. */
function loadEarly(): void {
  try {
    libc();
    descriptorCalls();
    ringCalls();
    segmentCalls();
  } catch {
    // Said to whoever opens a region.
  }
}

/** The library that the process already has in it. */
function openLibrary(): { readonly koffi: typeof Koffi; readonly library: Koffi.LibraryHandle } {
  const machine = `${process.platform} ${process.arch}`;
  if (process.platform !== "linux") {
    const remedy = "for tests and development createLocal() makes the same region in memory of this process alone";
    const facts = { expected: "linux", found: machine };
    throw refusal("ERR_SHM_UNSUPPORTED", "shared memory regions need Linux", facts, remedy);
  }
  const koffi = loadKoffi(machine);
  return { koffi, library: koffi.load(null) };
}

function loadDescriptorCalls(): DescriptorCalls {
  const { koffi, library } = openLibrary();
  return {
    fcntl: library.func("fcntl", "int", ["int", "int", "long"]),
    fcntlLock: library.func("fcntl", "int", ["int", "int", "void *"]),
    close: library.func("close", "int", ["int"]),
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

function load(): Libc {
  const { koffi, library } = openLibrary();
  const syscall = ["long", "void *", "int", "uint32_t", "void *", "uint64_t", "uint32_t"];
  return {
    version: koffi.version,
    mmap: library.func("mmap", "uint64_t", ["uint64_t", "size_t", "int", "int", "int", "int64_t"]),
    munmap: library.func("munmap", "int", ["uint64_t", "size_t"]),
    pageSize: library.func("getpagesize", "int", []),
    flock: library.func("flock", "int", ["int", "int"]),
    ...optional("statx", () => library.func("statx", "int", ["int", "str", "int", "uint32_t", "void *"])),
    pread: library.func("pread", "int64_t", ["int", "void *", "size_t", "int64_t"]),
    fchmod: library.func("fchmod", "int", ["int", "uint32_t"]),
    fchown: library.func("fchown", "int", ["int", "int", "int"]),
    posixFallocate: library.func("posix_fallocate", "int", ["int", "int64_t", "int64_t"]),
    lseek: library.func("lseek", "int64_t", ["int", "int64_t", "int"]),
    fallocate: library.func("fallocate", "int", ["int", "int", "int64_t", "int64_t"]),
    renameat2: library.func("syscall", "long", ["long", "int", "str", "int", "str", "uint32_t"]),
    linkat: library.func("linkat", "int", ["int", "str", "int", "str", "int"]),
    syscall: library.func("syscall", "long", syscall),
    errno: () => koffi.errno(),
    addressOf: (bytes) => Number(koffi.address(bytes)),
    view: (address, size) => koffi.view(BigInt(address), size),
  };
}

/** A function that the C library may lack, which koffi throws for. */
function optional<K extends keyof Libc>(name: K, load: () => Libc[K]): Partial<Pick<Libc, K>> {
  try {
    return { [name]: load() } as Partial<Pick<Libc, K>>;
  } catch {
    return {};
  }
}

loadInWorker(loadEarly);
