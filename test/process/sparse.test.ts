/** Files that are long and hold nothing: nobody reads holes, and there is an end to what is read of zeros. */
import * as fs from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { cleanStale, listRegions, removeRegion } from "@shmgen/runtime";
import { Counter, counterOf } from "../support/regions/counter.mjs";
import { codeOf, regionDirectory } from "../support/processes/processes.js";
import { packDescriptor, regionBytes } from "../support/regions/region-bytes.js";
import { runScript } from "../support/processes/scripts.js";

const directory = regionDirectory();
const GIB = 2 ** 30;
const MIB = 2 ** 20;
const path = `${directory}/long`;
const blocks = (): number => fs.statSync(path).blocks;

/** A file of zeros without blocks. */
function makeSparse(size: number): void {
  fs.writeFileSync(path, "", { mode: 0o600 });
  fs.truncateSync(path, size);
}

/** A file of zeros that are there. */
function makeZeros(size: number): void {
  const file = fs.openSync(path, "w", 0o600);
  const zeros = Buffer.alloc(MIB);
  for (let at = 0; at < size; at += zeros.length) fs.writeSync(file, zeros, 0, Math.min(zeros.length, size - at), at);
  fs.closeSync(file);
}

/**
 * Runs a script that makes `result`, with the runtime in `runtime`; what it gave, and the MiB that its process has read and
 * written meanwhile.
 */
function measure(script: string): { readonly result: unknown; readonly read: number; readonly written: number } {
  const text = runScript(`
    const runtime = await import(${JSON.stringify(new URL("../../runtime/lib/index.js", import.meta.url).href)});
    Counter.createOrOpen("warm").close();
    const tried = (call) => { try { return call(); } catch ({ code, message }) { return code; } };
    const io = () => [...fs.readFileSync("/proc/self/io", "utf8").matchAll(/[rw]char: (\\d+)/g)].map(([, n]) => Number(n) / ${MIB});
    const before = io();
    let result;
    ${script}
    const [read, written] = io().map((value, index) => value - before[index]);
    console.log(JSON.stringify({ result, read, written }));`);
  return JSON.parse(text) as ReturnType<typeof measure>;
}

beforeEach(() => fs.rmSync(path, { force: true }));

describe.each([
  ["16 GiB", 16 * GIB],
  ["10 TiB", 10_240 * GIB],
])("a file of %s without blocks", (_, size) => {
  it("of zeros is taken for a region at once, by all who look, open, clean and remove", () => {
    makeSparse(size);
    const { result, read, written } = measure(`
      const made = () => fs.truncateSync(directory + "/long", ${size});
      const states = runtime.listRegions({ directory }).map(({ state }) => state);
      const region = Counter.createOrOpen("long", { timeoutMs: 800 });
      region.data.count = 7;
      const created = [region.outcome, fs.statSync(region.path).size, fs.statSync(region.path).blocks < 64];
      region.close();
      const remake = () => { fs.writeFileSync(directory + "/long", "", { mode: 0o600 }); made(); };
      remake();
      const stale = tried(() => Counter.open("long"));
      const removed = runtime.removeRegion("long", { directory }).size;
      remake();
      const dry = runtime.cleanStale({ directory, dryRun: true }).removed.length;
      const cleaned = runtime.cleanStale({ directory }).removed.length;
      result = [states, created, stale, removed, dry, cleaned];`);
    expect(result).toEqual([["unknown"], ["created", size, true], "ERR_SHM_STALE", size, 1, 1]);
    expect([read < 4, written < 1], `${read} ${written}`).toEqual([true, true]);
  });

  it("with something at its end is refused by all, and stays as it is", () => {
    makeSparse(size);
    fs.appendFileSync(path, "x");
    const { result, read } = measure(`
      const calls = [() => Counter.createOrOpen("long", { timeoutMs: 800 }), () => runtime.removeRegion("long", { directory }),
        () => runtime.removeRegion("long", { directory, force: true })];
      result = [calls.map((call) => tried(call)), runtime.cleanStale({ directory }).kept.map(({ why }) => why)];`);
    expect(result).toEqual([Array.from({ length: 3 }, () => "ERR_SHM_FOREIGN"), ["not a shmgen region"]]);
    expect(read).toBeLessThan(4);
    expect(fs.statSync(path).size).toBe(size + 1);
  });

  it("that was a region is joined while somebody has it, and made anew afterwards, all zero behind its end", () => {
    {
      using region = Counter.createOrOpen("long", { cleanup: "keep" });
      fs.truncateSync(path, size);
      const file = fs.openSync(path, "r+");
      fs.writeSync(file, Buffer.from("left"), 0, 4, size - 4096);
      fs.closeSync(file);
      region.data.count = 7;
      using other = Counter.openReadOnly("long");
      expect([other.data.count, other.size]).toEqual([7, region.size]);
    }
    const { result, read, written } = measure(`
      const region = Counter.createOrOpen("long", { timeoutMs: 800, cleanup: "keep" });
      result = [region.outcome, region.generation, region.data.count];
      region.close();`);
    expect(result).toEqual(["reinitialised", 2, 0]);
    expect([read < 4, written < 1], `${read} ${written}`).toEqual([true, true]);
    const rest = Buffer.alloc(4096);
    const file = fs.openSync(path, "r");
    fs.readSync(file, rest, 0, rest.length, size - 4096);
    fs.closeSync(file);
    expect([rest.every((byte) => byte === 0), fs.statSync(path).size, blocks() < 64]).toEqual([true, size, true]);
  });

  it("whose header says that all of it is tail is a typed error or a region, and takes no memory", () => {
    const Tailed = counterOf({ tailStride: 8, fingerprint: "00000000000000d7" });
    const descriptor = packDescriptor("{}");
    const parts = {
      typeId: 7,
      version: 1,
      readableFrom: 1,
      fingerprint: "00000000000000d7",
      payloadSize: 32,
      descriptor,
    };
    const bytes = regionBytes({ ...parts, tailStride: 8, tailLength: 0 });
    const view = new DataView(bytes.buffer);
    view.setBigUint64(72, BigInt((size - 8192) / 8), true);
    view.setBigUint64(80, BigInt(size - 4096), true);
    fs.writeFileSync(path, bytes.subarray(0, 128), { mode: 0o600 });
    fs.truncateSync(path, size);
    const before = blocks();
    const attempts = [
      () => Tailed.createOrOpen("long", { tailLength: 1, onStale: "keep", cleanup: "keep" }).close(),
      () => Tailed.createOrOpen("long", { tailLength: 1, onStale: "keep", cleanup: "keep", mapping: "wasm" }).close(),
      () => Tailed.createOrOpen("long", { tailLength: 1, onStale: "throw" }).close(),
      () => Tailed.open("long").close(),
    ];
    expect(attempts.map(codeOf).join(" ")).toMatch(
      /^(none|ERR_SHM_RANGE|ERR_SHM_SYSCALL) ERR_SHM_UNSUPPORTED ERR_SHM_STALE ERR_SHM_STALE$/,
    );
    expect([fs.existsSync(path), blocks()]).toEqual([true, before]);
    expect(listRegions({ directory }).map(({ state }) => state)).toEqual(["stale"]);
  });
});

describe("zeros that are there", () => {
  it("are looked through where that takes no longer than a glance of a second", () => {
    makeZeros(64 * MIB);
    using region = Counter.createOrOpen("long", { cleanup: "keep" });
    expect([region.outcome, fs.statSync(path).size]).toEqual(["created", 64 * MIB]);
  });

  it("are refused where there are more than anybody looks through, and stay", () => {
    makeZeros(320 * MIB);
    const before = blocks();
    const { result, read } = measure(`
      const calls = [() => Counter.createOrOpen("long"), () => runtime.removeRegion("long", { directory })];
      result = [calls.map((call) => tried(call)), runtime.cleanStale({ directory }).kept.map(({ why }) => why)];`);
    expect(result).toEqual([["ERR_SHM_FOREIGN", "ERR_SHM_FOREIGN"], ["zeros, too many to be looked through"]]);
    expect(read).toBeLessThan(3 * 257 + 4);
    expect(blocks()).toBe(before);
  });

  it("are looked through in a file of just the size that is to be made", () => {
    const Tailed = counterOf({ tailStride: 8, fingerprint: "00000000000000d7" });
    const tailLength = (300 * MIB) / 8;
    {
      using probe = Tailed.createOrOpen("long", { tailLength });
      const { size } = probe;
      probe.close();
      makeZeros(size);
    }
    using region = Tailed.createOrOpen("long", { tailLength, timeoutMs: 60_000 });
    expect(region.outcome).toBe("created");
  });

  it("are not read beyond the deadline of a call", () => {
    makeZeros(64 * MIB);
    const { result, read } = measure(`
      result = [tried(() => Counter.createOrOpen("long", { timeoutMs: 0 })),
        tried(() => runtime.removeRegion("long", { directory, timeoutMs: 0 })),
        runtime.cleanStale({ directory, timeoutMs: 0 }).kept.map(({ why }) => why)];`);
    expect(result).toEqual(["ERR_SHM_FOREIGN", "ERR_SHM_FOREIGN", ["zeros, too many to be looked through"]]);
    expect(read).toBeLessThan(3 * 17 + 4);
    expect(cleanStale({ directory }).removed.length).toBe(1);
    expect(codeOf(() => removeRegion("long", { directory }))).toBe("ERR_SHM_NOT_FOUND");
  });
});
