/**
 * The functions of Windows that the runtime calls. Loaded on first use, in workers while they start (loading.ts).
 * Handles and addresses are numbers: user space ends below 2^47. GetLastError is asked right after the call that failed; koffi keeps it.
 * @see https://learn.microsoft.com/windows/win32/api
 */
import type * as Koffi from "koffi";
import { refusal } from "../../errors.js";
import { loadInWorker } from "../../loading.js";
import { loadKoffi } from "../koffi.js";

/** What files, mappings and processes need. Functions return 0 when they fail, unless said otherwise. */
export interface Kernel32 {
  /** Of koffi. */
  readonly version: string;
  lastError(): number;
  addressOf(bytes: Uint8Array): number;
  view(address: number, size: number): ArrayBuffer;
  /** libuv's: the handle of a descriptor of node:fs; -1 for none. */
  osHandle(fd: number): number | bigint;
  closeHandle(handle: number): number;
  lockFileEx(
    handle: number,
    flags: number,
    reserved: number,
    low: number,
    high: number,
    overlapped: Uint8Array,
  ): number;
  unlockFileEx(handle: number, reserved: number, low: number, high: number, overlapped: Uint8Array): number;
  createFileMapping(
    handle: number,
    security: null,
    protection: number,
    high: number,
    low: number,
    name: string | null,
  ): number | bigint;
  virtualAlloc2(
    process: number,
    base: number,
    size: number,
    type: number,
    protection: number,
    parameters: null,
    count: number,
  ): number | bigint;
  virtualFree(base: number, size: number, type: number): number;
  mapViewOfFile3(
    section: number,
    process: number,
    base: number,
    offset: number,
    size: number,
    type: number,
    protection: number,
    parameters: null,
    count: number,
  ): number | bigint;
  openFileMapping(access: number, inherit: number, name: string): number | bigint;
  mapViewOfFile(section: number, access: number, high: number, low: number, size: number): number | bigint;
  /** Bytes written. */
  virtualQuery(address: number, info: Uint8Array, size: number): number | bigint;
  /** Bytes that are the same from the start on, as many as they are. */
  compareMemory(a: number, b: number, size: number): number | bigint;
  copyMemory(to: Uint8Array, from: number, size: number): void;
  unmapViewOfFile2(process: number, base: number, flags: number): number;
  unmapViewOfFile(base: number): number;
  systemInfo(info: Uint8Array): void;
  /** Characters written, without the end; more than `size` when that is too short. */
  finalPath(handle: number, text: Uint16Array, size: number, flags: number): number;
  driveType(root: string): number;
  volumePathName(path: string, text: Uint16Array, size: number): number;
  openProcess(access: number, inherit: number, pid: number): number | bigint;
  processTimes(
    handle: number,
    creation: BigUint64Array,
    exit: BigUint64Array,
    kernel: BigUint64Array,
    user: BigUint64Array,
  ): number;
  imageName(handle: number, flags: number, text: Uint16Array, size: Uint32Array): number;
  /** An NTSTATUS: below 0 when it fails. */
  queryProcess(handle: number, what: number, info: Uint8Array, size: number, needed: Uint32Array): number;
  /** An NTSTATUS. */
  queryObject(handle: number, what: number, info: Uint8Array, size: number, needed: Uint32Array): number;
  enumProcesses(pids: Uint32Array, bytes: number, needed: Uint32Array): number;
  waitForSingleObject(handle: number, ms: number): number;
  /** `security`: `struct SECURITY_ATTRIBUTES`. */
  createEvent(security: BigUint64Array, manual: number, set: number, name: string): number | bigint;
  openEvent(access: number, inherit: number, name: string): number | bigint;
  setEvent(handle: number): number;
  createFile(
    name: string,
    access: number,
    share: number,
    security: null,
    disposition: number,
    flags: number,
    template: number,
  ): number | bigint;
  sessionOf(pid: number, session: Uint32Array): number;
  duplicateHandle(
    from: number,
    handle: number,
    to: number,
    result: BigUint64Array,
    access: number,
    inherit: number,
    options: number,
  ): number;
  reopenFile(handle: number, access: number, share: number, flags: number): number | bigint;
  /** libuv's: a descriptor for a handle, which it owns from then on. */
  openOsHandle(handle: number): number;
}

/** What security.ts needs. */
export interface Security {
  /** An error number, 0 for none. */
  namedSecurity(
    path: string,
    kind: number,
    what: number,
    owner: null,
    group: null,
    acl: null,
    sacl: null,
    descriptor: BigUint64Array,
  ): number;
  descriptorText(descriptor: number, revision: number, what: number, text: BigUint64Array, length: Uint32Array): number;
  /** The other way round. The descriptor is freed by `localFree`. */
  descriptorFromText(text: string, revision: number, descriptor: BigUint64Array, length: Uint32Array): number;
  openToken(process: number, access: number, token: BigUint64Array): number;
  tokenInformation(token: number, what: number, info: Uint8Array, size: number, needed: Uint32Array): number;
  sidText(sid: number, text: BigUint64Array): number;
  localFree(address: number): number | bigint;
  /** A text of 16-bit characters that ends with 0. */
  textAt(address: number): string;
}

/** The pseudo handle of the own process. */
export const OWN_PROCESS = -1;

let loaded: Kernel32 | undefined;
let loadedSecurity: Security | undefined;

/** @throws ShmError ERR_SHM_UNSUPPORTED when this Windows lacks a function, or koffi cannot be loaded. */
export function kernel32(): Kernel32 {
  return (loaded ??= load());
}

/** Loaded by itself: it is asked once for a directory. @throws ShmError as {@link kernel32} */
export function security(): Security {
  return (loadedSecurity ??= loadSecurity());
}

/** The libraries that stand behind the functions. @throws ShmError ERR_SHM_UNSUPPORTED */
function openKoffi(): typeof Koffi {
  return loadKoffi(`${process.platform} ${process.arch}`);
}

/** A function that older versions of Windows lack. */
function bound<F>(name: string, bind: () => F): F {
  try {
    return bind();
  } catch (cause) {
    const what = `this Windows lacks ${name}, which shared memory regions need`;
    throw refusal(
      "ERR_SHM_UNSUPPORTED",
      what,
      { expected: "Windows 10 1803, or Server 2019", cause },
      "use a newer one",
    );
  }
}

/** Wine says so by a function that Windows has not. @see https://gitlab.winehq.org/wine/wine/-/wikis/Developer-FAQ */
export function isWine(): boolean {
  try {
    openKoffi().load("ntdll.dll").func("wine_get_version", "void *", []);
    return true;
  } catch {
    return false;
  }
}

function load(): Kernel32 {
  const koffi = openKoffi();
  const kernel = koffi.load("kernel32.dll");
  const base = koffi.load("kernelbase.dll");
  const nt = koffi.load("ntdll.dll");
  const own = koffi.load(process.execPath);
  const from = (library: Koffi.LibraryHandle, name: string, result: string, parameters: string[]) =>
    bound(name, () => library.func(name, result, parameters));
  const k = (name: string, result: string, parameters: string[]) => from(kernel, name, result, parameters);
  const copyMemory = from(nt, "RtlMoveMemory", "void", ["void *", "intptr_t", "size_t"]);
  const systemInfo = k("GetSystemInfo", "void", ["void *"]);
  return {
    version: koffi.version,
    lastError: k("GetLastError", "uint32_t", []),
    addressOf: (bytes) => Number(koffi.address(bytes)),
    view: (address, size) => koffi.view(BigInt(address), size),
    osHandle: from(own, "uv_get_osfhandle", "intptr_t", ["int"]),
    openOsHandle: from(own, "uv_open_osfhandle", "int", ["intptr_t"]),
    closeHandle: k("CloseHandle", "int", ["intptr_t"]),
    lockFileEx: k("LockFileEx", "int", ["intptr_t", "uint32_t", "uint32_t", "uint32_t", "uint32_t", "void *"]),
    unlockFileEx: k("UnlockFileEx", "int", ["intptr_t", "uint32_t", "uint32_t", "uint32_t", "void *"]),
    createFileMapping: k("CreateFileMappingW", "intptr_t", [
      "intptr_t",
      "void *",
      "uint32_t",
      "uint32_t",
      "uint32_t",
      "str16",
    ]),
    virtualAlloc2: from(base, "VirtualAlloc2", "intptr_t", [
      "intptr_t",
      "intptr_t",
      "size_t",
      "uint32_t",
      "uint32_t",
      "void *",
      "uint32_t",
    ]),
    virtualFree: k("VirtualFree", "int", ["intptr_t", "size_t", "uint32_t"]),
    mapViewOfFile3: from(base, "MapViewOfFile3", "intptr_t", [
      "intptr_t",
      "intptr_t",
      "intptr_t",
      "uint64_t",
      "size_t",
      "uint32_t",
      "uint32_t",
      "void *",
      "uint32_t",
    ]),
    openFileMapping: k("OpenFileMappingW", "intptr_t", ["uint32_t", "int", "str16"]),
    mapViewOfFile: k("MapViewOfFile", "intptr_t", ["intptr_t", "uint32_t", "uint32_t", "uint32_t", "size_t"]),
    virtualQuery: k("VirtualQuery", "size_t", ["intptr_t", "void *", "size_t"]),
    compareMemory: from(nt, "RtlCompareMemory", "size_t", ["intptr_t", "intptr_t", "size_t"]),
    copyMemory: (to, address, size) => void copyMemory(to, address, size),
    unmapViewOfFile2: from(base, "UnmapViewOfFile2", "int", ["intptr_t", "intptr_t", "uint32_t"]),
    unmapViewOfFile: k("UnmapViewOfFile", "int", ["intptr_t"]),
    systemInfo: (info) => void systemInfo(info),
    finalPath: k("GetFinalPathNameByHandleW", "uint32_t", ["intptr_t", "void *", "uint32_t", "uint32_t"]),
    driveType: k("GetDriveTypeW", "uint32_t", ["str16"]),
    volumePathName: k("GetVolumePathNameW", "int", ["str16", "void *", "uint32_t"]),
    openProcess: k("OpenProcess", "intptr_t", ["uint32_t", "int", "uint32_t"]),
    processTimes: k("GetProcessTimes", "int", ["intptr_t", "void *", "void *", "void *", "void *"]),
    imageName: k("QueryFullProcessImageNameW", "int", ["intptr_t", "uint32_t", "void *", "void *"]),
    queryProcess: from(nt, "NtQueryInformationProcess", "int32_t", ["intptr_t", "int", "void *", "uint32_t", "void *"]),
    queryObject: from(nt, "NtQueryObject", "int32_t", ["intptr_t", "int", "void *", "uint32_t", "void *"]),
    enumProcesses: k("K32EnumProcesses", "int", ["void *", "uint32_t", "void *"]),
    waitForSingleObject: k("WaitForSingleObject", "uint32_t", ["intptr_t", "uint32_t"]),
    createEvent: k("CreateEventW", "intptr_t", ["void *", "int", "int", "str16"]),
    openEvent: k("OpenEventW", "intptr_t", ["uint32_t", "int", "str16"]),
    setEvent: k("SetEvent", "int", ["intptr_t"]),
    createFile: k("CreateFileW", "intptr_t", [
      "str16",
      "uint32_t",
      "uint32_t",
      "void *",
      "uint32_t",
      "uint32_t",
      "intptr_t",
    ]),
    sessionOf: k("ProcessIdToSessionId", "int", ["uint32_t", "void *"]),
    duplicateHandle: k("DuplicateHandle", "int", [
      "intptr_t",
      "intptr_t",
      "intptr_t",
      "void *",
      "uint32_t",
      "int",
      "uint32_t",
    ]),
    reopenFile: k("ReOpenFile", "intptr_t", ["intptr_t", "uint32_t", "uint32_t", "uint32_t"]),
  };
}

function loadSecurity(): Security {
  const koffi = openKoffi();
  const library = koffi.load("advapi32.dll");
  const kernel = koffi.load("kernel32.dll");
  const from = (name: string, result: string, parameters: string[]) =>
    bound(name, () => library.func(name, result, parameters));
  const pointers = (count: number): string[] => Array.from({ length: count }, () => "void *");
  return {
    namedSecurity: from("GetNamedSecurityInfoW", "uint32_t", ["str16", "int", "uint32_t", ...pointers(5)]),
    descriptorText: from("ConvertSecurityDescriptorToStringSecurityDescriptorW", "int", [
      "intptr_t",
      "uint32_t",
      "uint32_t",
      "void *",
      "void *",
    ]),
    descriptorFromText: from("ConvertStringSecurityDescriptorToSecurityDescriptorW", "int", [
      "str16",
      "uint32_t",
      "void *",
      "void *",
    ]),
    openToken: from("OpenProcessToken", "int", ["intptr_t", "uint32_t", "void *"]),
    tokenInformation: from("GetTokenInformation", "int", ["intptr_t", "int", "void *", "uint32_t", "void *"]),
    sidText: from("ConvertSidToStringSidW", "int", ["intptr_t", "void *"]),
    localFree: kernel.func("LocalFree", "intptr_t", ["intptr_t"]),
    textAt: (address) => String(koffi.decode(BigInt(address), "char16_t", -1)),
  };
}

function loadEarly(): void {
  try {
    kernel32();
    security();
  } catch {
    // Said to whoever opens a region.
  }
}

if (process.platform === "win32") loadInWorker(loadEarly);
