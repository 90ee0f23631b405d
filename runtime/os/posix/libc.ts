/**
 * The C library, one line per symbol. Only files like this one know koffi: another FFI is another file like it.
 * The main thread loads everything on first use, so that generated types can be imported where no region can be opened.
 * Addresses are numbers: user space ends below 2^57 only for those who ask for it, and below 2^47 for us.
 */
import type * as Koffi from "koffi";
import { refusal } from "../../errors.js";
import { loadKoffi } from "../koffi.js";
import { type CType, C_TYPES, DESCRIPTORS, LIBC, type Prototype } from "./prototypes.js";
import { system } from "./system.js";

/** The functions of the C library that the runtime calls, and what belongs to the FFI itself. */
export interface Libc {
  /** Of koffi, `"3.3.4"`. */
  readonly version: string;
  mmap(address: number, size: number, protection: number, flags: number, fd: number, offset: number): number | bigint;
  munmap(address: number, size: number): number;
  pageSize(): number;
  flock(fd: number, operation: number): number;
  lseek(fd: number, offset: number, whence: number): number | bigint;
  pread(fd: number, bytes: Uint8Array, size: number, offset: number): number | bigint;
  fchmod(fd: number, mode: number): number;
  /** -1 leaves user or group as they are. */
  fchown(fd: number, uid: number, gid: number): number;
  /** Number of the last error. Read it in the statement after the call: any `fs` call overwrites it. */
  errno(): number;
  addressOf(bytes: Uint8Array): number;
  /** An ArrayBuffer over memory that nobody else owns. */
  view(address: number, size: number): ArrayBuffer;
}

/** What only some regions need: flags of descriptors, and locks of bytes. */
export interface DescriptorCalls {
  /** With a fixed prototype, as `syscall`. */
  fcntl(fd: number, command: number, argument: number): number;
  /** `fcntl` with a struct, such as that of a lock. */
  fcntlStruct(fd: number, command: number, lock: Uint8Array): number;
  /** For descriptors that came by FFI; the others are closed with `node:fs`, which counts them. */
  close(fd: number): number;
  /** As that of {@link Libc}, which need not be loaded. */
  errno(): number;
}

/** Where these rooms know the C library. */
const SYSTEMS: ReadonlySet<string> = new Set(["linux", "darwin"]);

let loaded: Libc | undefined;
let loadedCalls: DescriptorCalls | undefined;

/** @throws ShmError ERR_SHM_UNSUPPORTED when this machine has no such C library, or koffi cannot be loaded. */
export function libc(): Libc {
  return (loaded ??= load());
}

/** Loaded by themselves, because most programs need none of them. @throws ShmError as {@link libc} */
export function descriptorCalls(): DescriptorCalls {
  return (loadedCalls ??= loadDescriptorCalls());
}

/** The library that the process already has in it. @throws ShmError ERR_SHM_UNSUPPORTED */
export function openLibrary(): { readonly koffi: typeof Koffi; readonly library: Koffi.LibraryHandle } {
  const machine = `${process.platform} ${process.arch}`;
  if (!SYSTEMS.has(process.platform)) {
    const remedy = "for tests and development createLocal() makes the same region in memory of this process alone";
    const facts = { found: machine };
    throw refusal("ERR_SHM_UNSUPPORTED", "shared memory regions need Linux, macOS or Windows", facts, remedy);
  }
  const koffi = loadKoffi(machine);
  return { koffi, library: koffi.load(null) };
}

/** A function of the library. What stands for `...` goes elsewhere than other arguments on some processors, so koffi is told of it there. */
export function bind<F extends (...values: never[]) => unknown>(library: Koffi.LibraryHandle, prototype: Prototype): F {
  const [name, result, takes, variadic = []] = prototype;
  const typesOf = (types: readonly CType[]): string[] => types.map((type) => C_TYPES[type]);
  if (variadic.length === 0 || !system.variadicApart) {
    return library.func(name, C_TYPES[result], typesOf([...takes, ...variadic])) as unknown as F;
  }
  const call = library.func(name, C_TYPES[result], [...typesOf(takes), "..."]);
  const more = typesOf(variadic);
  const apart = (...values: readonly unknown[]): unknown =>
    call(...values.slice(0, takes.length), ...more.flatMap((type, at) => [type, values[takes.length + at]]));
  return apart as unknown as F;
}

function loadDescriptorCalls(): DescriptorCalls {
  const { koffi, library } = openLibrary();
  return {
    fcntl: bind(library, DESCRIPTORS.fcntl),
    fcntlStruct: bind(library, DESCRIPTORS.fcntlStruct),
    close: bind(library, DESCRIPTORS.close),
    errno: () => koffi.errno(),
  };
}

function load(): Libc {
  const { koffi, library } = openLibrary();
  return {
    version: koffi.version,
    mmap: bind(library, LIBC.mmap),
    munmap: bind(library, LIBC.munmap),
    pageSize: bind(library, LIBC.pageSize),
    flock: bind(library, LIBC.flock),
    pread: bind(library, LIBC.pread),
    fchmod: bind(library, LIBC.fchmod),
    fchown: bind(library, LIBC.fchown),
    lseek: bind(library, LIBC.lseek),
    errno: () => koffi.errno(),
    addressOf: (bytes) => Number(koffi.address(bytes)),
    view: (address, size) => koffi.view(BigInt(address), size),
  };
}
