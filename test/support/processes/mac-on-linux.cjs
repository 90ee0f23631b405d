/**
 * Makes the runtime of this process take Linux for macOS: the platform's name, and under koffi a library whose functions take the numbers and
 * structs of macOS and do with the calls of Linux what Apple's documents say. What macOS has not is not found in it. $SHMGEN_TEST_FAULT names
 * what this Mac lacks or does wrong, $SHMGEN_TEST_RELEASE its kernel.
 */
"use strict";
const fs = require("node:fs");
const os = require("node:os");
const koffi = require("koffi");

const own = koffi.load(null);
const real = {
  mmap: own.func("mmap", "uint64_t", ["uint64_t", "size_t", "int", "int", "int", "int64_t"]),
  lock: own.func("fcntl", "int", ["int", "int", "void *"]),
  flags: own.func("fcntl", "int", ["int", "int", "long"]),
  lseek: own.func("lseek", "int64_t", ["int", "int64_t", "int"]),
  fallocate: own.func("fallocate", "int", ["int", "int", "int64_t", "int64_t"]),
  futex: own.func("syscall", "long", ["long", "uint64_t", "int", "uint32_t", "void *", "uint64_t", "uint32_t"]),
  rename: own.func("syscall", "long", ["long", "int", "str", "int", "str", "uint32_t"]),
  getsid: own.func("getsid", "int", ["int"]),
};
/** The same on both. */
const SHARED = new Set(["munmap", "getpagesize", "flock", "pread", "fchmod", "fchown", "close"]);
const FUTEX = process.arch === "arm64" ? 98 : 202;
const RENAMEAT2 = process.arch === "arm64" ? 276 : 316;
const number = (value) => Number(value);
const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const text = (bytes, value) => bytes.set(Buffer.from(`${value}\0`));

function mmap(address, size, protection, flags, fd, offset) {
  const known = 0x1 | 0x2 | 0x10 | 0x1000 | 0x40;
  if ((flags & ~known) !== 0) throw new Error(`flags of mmap that macOS has not: 0x${flags.toString(16)}`);
  const more = ((flags & 0x1000) !== 0 ? 0x20 : 0) | ((flags & 0x40) !== 0 ? 0x4000 : 0);
  return real.mmap(address, size, protection, (flags & 0x13) | more, fd, offset);
}

/** A variadic function of koffi: the type of each further argument stands before it. */
function fcntl(fd, command, type, argument) {
  if (type !== "void *") return real.flags(fd, command, argument);
  const view = viewOf(argument);
  if (command === 90 || command === 92) return rangeLock(fd, command === 90 ? 37 : 36, view);
  if (command === 42) {
    const { size } = fs.fstatSync(fd);
    return real.fallocate(fd, 1, size, view.getBigInt64(16, true));
  }
  if (command === 99) return real.fallocate(fd, 3, view.getBigInt64(8, true), view.getBigInt64(16, true));
  if (command !== 50) throw new Error(`a command of fcntl that is not known: ${command}`);
  const path = fs.readlinkSync(`/proc/self/fd/${fd}`);
  if (path.endsWith(" (deleted)")) return -1;
  text(argument, path);
  return 0;
}

function rangeLock(fd, command, view) {
  const lock = new Uint8Array(32);
  const linux = viewOf(lock);
  const types = [undefined, 0, 2, 1];
  linux.setInt16(0, types[view.getInt16(20, true)], true);
  linux.setBigInt64(8, view.getBigInt64(0, true), true);
  linux.setBigInt64(16, view.getBigInt64(8, true), true);
  const result = real.lock(fd, command, lock);
  view.setInt16(20, [1, 3, 2][linux.getInt16(0, true)], true);
  return result;
}

function sleep(address, expected, size, flags, clock, ns) {
  if (size !== 4 || flags !== 1 || clock !== 32 || ns === 0n) throw new Error("not a wait on shared words");
  const timeout = new BigInt64Array([BigInt(ns) / 1_000_000_000n, BigInt(ns) % 1_000_000_000n]);
  const result = real.futex(FUTEX, address, 0, number(expected), timeout, 0, 0);
  // EAGAIN: a word that has changed is a wake-up.
  return result < 0 && koffi.errno() === 11 ? 0 : result;
}

function wakeSome(count) {
  return (address) => {
    const woken = real.futex(FUTEX, address, 1, count, null, 0, 0);
    if (woken === 0) koffi.errno(2);
    return woken > 0 ? 0 : -1;
  };
}

const BOOT = BigInt(/^btime (\d+)$/m.exec(fs.readFileSync("/proc/stat", "utf8"))[1]);

/** Their number and kind, which is that of files. */
function descriptorsOf(pid, buffer) {
  const fds = fs.readdirSync(`/proc/${pid}/fd`).map(Number);
  if (buffer === null) return fds.length * 8;
  const view = viewOf(buffer);
  const count = Math.min(fds.length, Math.floor(buffer.length / 8));
  for (let at = 0; at < count; at += 1) {
    view.setInt32(at * 8, fds[at], true);
    view.setUint32(at * 8 + 4, 1, true);
  }
  return count * 8;
}

function procPidfdinfo(pid, fd, flavor, buffer) {
  const stat = flavor === 1 ? fs.statSync(`/proc/${pid}/fd/${fd}`, { throwIfNoEntry: false }) : undefined;
  if (stat === undefined) return 0;
  const view = viewOf(buffer);
  view.setUint32(24, stat.dev, true);
  view.setBigUint64(32, BigInt(stat.ino), true);
  return 176;
}

function procPidinfo(pid, flavor, argument, buffer) {
  const stat = (file) => fs.readFileSync(file, "latin1").split(") ").pop().split(" ");
  try {
    if (flavor === 1) return descriptorsOf(pid, buffer);
    if (flavor === 15) return (stat(`/proc/self/task/${argument}/stat`), 112);
    if (flavor !== 3) return 0;
    const fields = stat(`/proc/${pid}/stat`);
    const view = viewOf(buffer);
    view.setUint32(4, { T: 4, Z: 5 }[fields[0]] ?? 2, true);
    // Hundredths of a second since the machine's start.
    const start = BOOT * 100n + BigInt(fields[19]);
    view.setBigUint64(120, start / 100n, true);
    view.setBigUint64(128, (start % 100n) * 10_000n, true);
    return 136;
  } catch {
    koffi.errno(3);
    return 0;
  }
}

function volume(status, type, flags) {
  viewOf(status).setUint32(0, 4096, true);
  viewOf(status).setUint32(64, flags, true);
  text(status.subarray(72), type);
  return 0;
}

const FUNCTIONS = {
  mmap,
  fcntl,
  lseek: (fd, offset, whence) => real.lseek(fd, offset, whence === 4 ? 3 : whence === 3 ? 4 : whence),
  renamex_np: (from, to, flags) => (flags === 4 ? real.rename(RENAMEAT2, -100, from, -100, to, 1) : -1),
  confstr: (name, buffer) => (text(buffer, `${process.env.SHMGEN_TEST_CACHE}/`), name === 65538 ? 2 : 0),
  fstatfs: (_fd, status) => volume(status, "apfs", 0x1000),
  proc_pidinfo: procPidinfo,
  proc_pidfdinfo: procPidfdinfo,
  proc_name: (_pid, buffer) => (text(buffer, "node"), 4),
  proc_listallpids: () => 0,
  sysctl: () => -1,
  sysctlbyname: (_name, buffer) => (text(buffer, "01234567-89AB-CDEF-0123-456789ABCDEF"), 0),
  pthread_threadid_np: (_thread, id) => ((id[0] = BigInt(fs.readlinkSync("/proc/thread-self").split("/")[2])), 0),
  getpwnam: () => 0,
  getgrnam: () => 0,
  getsid: real.getsid,
  os_sync_wait_on_address_with_timeout: sleep,
  os_sync_wake_by_address_any: wakeSome(1),
  os_sync_wake_by_address_all: wakeSome(0x7fffffff),
};

/** Refused with a number of Linux' errors. */
const refuse = (errno, result = -1) => {
  koffi.errno(errno);
  return result;
};
const fcntlBut = (commands, answer) => ({
  fcntl: (fd, command, ...rest) => (commands.includes(command) ? answer(fd, ...rest) : fcntl(fd, command, ...rest)),
});
const infoBut = (flavor, answer) => ({
  proc_pidinfo: (...request) => (request[1] === flavor ? answer(...request) : procPidinfo(...request)),
});
const isFixed = (flags) => (flags & 0x10) !== 0;
const mmapBut = (isRefused) => ({
  mmap: (...request) =>
    isRefused(request[3]) && request[4] >= 0 ? refuse(12, ~0n & (2n ** 64n - 1n)) : mmap(...request),
});
const [EAGAIN, EINVAL, ENOSPC, ENOLCK, ENOTSUP, ETIMEDOUT, ENOENT, ESRCH] = [11, 22, 28, 37, 95, 110, 2, 3];

/** What takes the place of functions; undefined for one that is not there. */
const FAULTS = {
  "no-wasm": mmapBut(isFixed),
  "no-view": mmapBut((flags) => !isFixed(flags)),
  "no-flock": { flock: () => refuse(ENOLCK) },
  "no-range-locks": fcntlBut([90, 92], () => refuse(EINVAL)),
  "unsupported-range-locks": fcntlBut([90, 92], () => refuse(ENOTSUP)),
  "busy-range-locks": fcntlBut([90], () => refuse(EAGAIN)),
  "no-paths": fcntlBut([50], () => refuse(EINVAL)),
  "replacing-renames": { renamex_np: (from, to) => (fs.renameSync(from, to), 0) },
  "no-renames": { renamex_np: () => refuse(ENOTSUP) },
  "no-space": fcntlBut([42], () => refuse(ENOSPC)),
  "hollow-space": fcntlBut([42], () => 0),
  "no-holes": fcntlBut([99], () => refuse(ENOTSUP)),
  "no-waits": { os_sync_wait_on_address_with_timeout: undefined },
  "early-waits": { os_sync_wait_on_address_with_timeout: () => refuse(ETIMEDOUT) },
  "no-wakes": { os_sync_wake_by_address_any: () => refuse(EINVAL) },
  "deaf-wakes": { os_sync_wake_by_address_any: () => refuse(ENOENT) },
  "no-start": infoBut(3, () => refuse(ESRCH, 0)),
  "other-start": infoBut(3, () => 136),
  "no-boot": { sysctlbyname: () => refuse(ENOENT) },
  "no-thread": infoBut(15, () => refuse(ESRCH, 0)),
  "no-descriptors": infoBut(1, () => 0),
  remote: { fstatfs: (_fd, status) => volume(status, "smbfs", 0) },
};
Object.assign(FUNCTIONS, FAULTS[process.env.SHMGEN_TEST_FAULT]);

const load = koffi.load;
koffi.load = (name) => {
  if (name !== null) return load(name);
  return {
    func(symbol, ...types) {
      const plain = symbol.replace("$INODE64", "");
      const found = FUNCTIONS[plain];
      if (found === undefined && SHARED.has(plain)) return own.func(plain, ...types);
      if (found === undefined) throw new Error(`macOS has no ${symbol}`);
      return found;
    },
  };
};
os.release = () => process.env.SHMGEN_TEST_RELEASE ?? "23.4.0";
Object.defineProperty(process, "platform", { value: "darwin" });
