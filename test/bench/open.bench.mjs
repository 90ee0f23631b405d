/**
 * Open + validate + close of a warm region, against the same system calls issued one by one through koffi, including one
 * Wasm memory, since a SharedArrayBuffer over a file has no other source. Each contender runs in a process of its own.
 * `node open.bench.mjs [--short]`; with a contender's name as its argument it runs that one and prints nanoseconds.
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { fileURLToPath } from "node:url";
import { Counter } from "../support/regions/counter.mjs";

const self = fileURLToPath(import.meta.url);
const short = process.argv.includes("--short");
const contender = process.argv.slice(2).find((argument) => !argument.startsWith("--"));
const ROUNDS = 200;
const BATCHES = short ? 10 : 40;
const NAME = "warm";

/** Nanoseconds of one call: the best of many batches, each begun with a clean heap and an empty event loop. */
async function best(work) {
  let fastest = Infinity;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
    const start = process.hrtime.bigint();
    for (let n = 0; n < ROUNDS; n += 1) work();
    fastest = Math.min(fastest, Number(process.hrtime.bigint() - start) / ROUNDS);
  }
  return fastest;
}

/** The sequence of open/open.ts and file/entry.ts on a live region, and nothing else. */
async function bareSequence(directory, withMemory) {
  const { default: koffi } = await import("koffi");
  const libc = koffi.load(null);
  const open = libc.func("openat", "int", ["int", "str", "int", "int"]);
  const close = libc.func("close", "int", ["int"]);
  const flock = libc.func("flock", "int", ["int", "int"]);
  const statx = libc.func("statx", "int", ["int", "str", "int", "uint32_t", "void *"]);
  const pread = libc.func("pread", "int64_t", ["int", "void *", "size_t", "int64_t"]);
  const mmap = libc.func("mmap", "uint64_t", ["uint64_t", "size_t", "int", "int", "int", "int64_t"]);
  const munmap = libc.func("munmap", "int", ["uint64_t", "size_t"]);
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_RDWR, O_NONBLOCK } = fs.constants;
  const O_CLOEXEC = 0x80000;
  const [AT_FDCWD, AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW, STATX_ALL] = [-100, 0x1000, 0x100, 0xfff];
  const [LOCK_SH, LOCK_EX, LOCK_NB] = [1, 2, 4];
  const stat = new Uint8Array(256);
  const header = new Uint8Array(128);
  const enter = () => {
    const fd = open(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    flock(fd, LOCK_EX | LOCK_NB);
    return fd;
  };
  return () => {
    const lifecycle = enter();
    statx(lifecycle, "", AT_EMPTY_PATH, STATX_ALL, stat);
    const path = `/proc/self/fd/${lifecycle}/${NAME}`;
    const fd = open(AT_FDCWD, path, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0);
    flock(fd, LOCK_SH | LOCK_NB);
    flock(fd, LOCK_EX | LOCK_NB);
    flock(fd, LOCK_SH | LOCK_NB);
    statx(fd, "", AT_EMPTY_PATH, STATX_ALL, stat);
    statx(lifecycle, NAME, AT_SYMLINK_NOFOLLOW, STATX_ALL, stat);
    pread(fd, header, 128, 0);
    close(lifecycle);
    let address = 0;
    if (withMemory) {
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
      address = Number(koffi.address(new Uint8Array(memory.buffer)));
      mmap(address, 4096, 3, 0x11, fd, 0);
      mmap(address, 4096, 3, 0x4032, -1, 0);
    } else {
      address = Number(mmap(0, 4096, 3, 0x01, fd, 0));
      munmap(address, 4096);
    }
    const again = enter();
    flock(fd, LOCK_EX | LOCK_NB);
    close(again);
    close(fd);
  };
}

async function contend(directory) {
  if (contender === "shmgen") {
    console.log(await best(() => Counter.open(NAME).close()));
  } else if (contender === "beside-another") {
    // V8 drops optimised code at a garbage collection when no object of the kinds that it was made for is alive.
    const other = Counter.createOrOpen("other");
    console.log(await best(() => Counter.open(NAME).close()));
    other.close();
  } else if (contender === "again") {
    // Open already in this thread: the handles share its lock and its mapping.
    const open = Counter.open(NAME);
    console.log(await best(() => Counter.open(NAME).close()));
    open.close();
  } else if (contender === "memory") {
    globalThis.gc?.();
    const count = 1000;
    // As many files, because a region that is open already would be shared.
    const names = Array.from({ length: count }, (_, n) => `${NAME}-${n}`);
    const before = process.memoryUsage();
    const regions = names.map((name) => Counter.createOrOpen(name));
    globalThis.gc?.();
    const after = process.memoryUsage();
    const each = (key) => Math.round((after[key] - before[key]) / regions.length);
    console.log(JSON.stringify({ heap: each("heapUsed"), rss: each("rss") }));
    for (const region of regions) region.close();
  } else {
    console.log(await best(await bareSequence(directory, contender === "bare")));
  }
}

/** Runs a contender in a process of its own. */
function measure(name, directory) {
  const args = ["--expose-gc", self, name, ...(short ? ["--short"] : [])];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    env: { ...process.env, SHMGEN_DIR: directory },
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

if (contender !== undefined) {
  await contend(process.env.SHMGEN_DIR);
} else {
  const directory = fs.mkdtempSync("/dev/shm/shmgen-bench-");
  try {
    // Alive all the time, so that every open is a warm one.
    const alive = Counter.createOrOpen(NAME, { directory });
    // In turns, so that a busy moment of the machine does not hit one contender alone.
    const times = {
      bare: Infinity,
      "without-memory": Infinity,
      shmgen: Infinity,
      "beside-another": Infinity,
      again: Infinity,
    };
    for (let turn = 0; turn < (short ? 2 : 4); turn += 1) {
      for (const name of Object.keys(times)) times[name] = Math.min(times[name], measure(name, directory));
    }
    const { bare, "without-memory": plain, shmgen: ours, "beside-another": beside, again } = times;
    const us = (ns) => `${(ns / 1000).toFixed(1).padStart(6)} us`;
    console.log(`the same system calls through koffi, with a Wasm memory   ${us(bare)}`);
    console.log(
      `open + validate + close of a warm region                  ${us(ours)}   ${(ours / bare).toFixed(2)} x`,
    );
    console.log(
      `the same in a process that has another region open        ${us(beside)}   ${(beside / bare).toFixed(2)} x`,
    );
    console.log(
      `the system calls alone, plain mmap instead of the memory  ${us(plain)}   ${(ours / plain).toFixed(2)} x to ours`,
    );
    console.log(
      `open + close of a region that the thread has open         ${us(again)}   ${(again / bare).toFixed(2)} x`,
    );
    const memory = measure("memory", directory);
    console.log(`an open region of one page: ${memory.heap} bytes of heap, ${memory.rss} bytes of resident memory`);
    alive.close();
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}
