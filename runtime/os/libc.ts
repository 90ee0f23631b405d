/**
 * The C library, one line per symbol. The only file that knows koffi: another FFI is another file like this.
 * Everything is loaded on first use, so that generated types can be imported where no region can be opened.
 * Addresses are numbers: user space ends below 2^57 only for those who ask for it, and below 2^47 for us.
 */
import { createRequire } from "node:module";
import type * as Koffi from "koffi";
import { refusal } from "../errors.js";

/** The functions of the C library that the runtime calls, and what belongs to the FFI itself. */
export interface Libc {
  /** Of koffi, `"3.3.4"`. */
  readonly version: string;
  mmap(address: number, size: number, protection: number, flags: number, fd: number, offset: number): number | bigint;
  munmap(address: number, size: number): number;
  flock(fd: number, operation: number): number;
  /** Returns the error number, and leaves errno alone. */
  posixFallocate(fd: number, offset: number, size: number): number;
  memfdCreate(name: string, flags: number): number;
  /** For commands whose argument is a number. */
  fcntl(fd: number, command: number, argument: number): number;
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

let loaded: Libc | undefined;

/** @throws ShmError ERR_SHM_UNSUPPORTED when this machine has no such C library, or koffi cannot be loaded. */
export function libc(): Libc {
  return (loaded ??= load());
}

function load(): Libc {
  const machine = `${process.platform} ${process.arch}`;
  if (process.platform !== "linux") {
    throw refusal("ERR_SHM_UNSUPPORTED", "shared memory regions need Linux", { expected: "linux", found: machine });
  }
  const koffi = loadKoffi(machine);
  const library = koffi.load(null);
  const syscall = ["long", "void *", "int", "uint32_t", "void *", "uint64_t", "uint32_t"];
  return {
    version: koffi.version,
    mmap: library.func("mmap", "uint64_t", ["uint64_t", "size_t", "int", "int", "int", "int64_t"]),
    munmap: library.func("munmap", "int", ["uint64_t", "size_t"]),
    flock: library.func("flock", "int", ["int", "int"]),
    posixFallocate: library.func("posix_fallocate", "int", ["int", "int64_t", "int64_t"]),
    memfdCreate: library.func("memfd_create", "int", ["str", "uint"]),
    fcntl: library.func("fcntl", "int", ["int", "int", "long"]),
    renameat2: library.func("syscall", "long", ["long", "int", "str", "int", "str", "uint32_t"]),
    linkat: library.func("linkat", "int", ["int", "str", "int", "str", "int"]),
    syscall: library.func("syscall", "long", syscall),
    errno: () => koffi.errno(),
    addressOf: (bytes) => Number(koffi.address(bytes)),
    view: (address, size) => koffi.view(BigInt(address), size),
  };
}

function loadKoffi(machine: string): typeof Koffi {
  try {
    return createRequire(import.meta.url)("koffi") as typeof Koffi;
  } catch (cause) {
    throw refusal(
      "ERR_SHM_UNSUPPORTED",
      "koffi, which calls the system's C library, cannot be loaded",
      { found: machine, cause },
      "install it with its optional dependencies (`npm install koffi` without --omit=optional), keep it out of bundles, " +
        "and with Node's --permission allow addons (--allow-addons)",
      { reason: String(cause instanceof Error ? cause.message : cause).split("\n", 1)[0] },
    );
  }
}
