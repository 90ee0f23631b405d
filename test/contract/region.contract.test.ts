/** What holds for every open region, whatever it is mapped with. */
import * as fs from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { attachForeign, type ExpectedField } from "@shmgen/runtime/codegen-v1";
import { Counter, counterOf } from "../support/regions/counter.mjs";
import { byDepth } from "../support/run/depth.js";
import { codeOf, mappedFrom, regionDirectory } from "../support/processes/processes.js";
import { runScript } from "../support/processes/scripts.js";
import { IS_WINDOWS, KINDS } from "../support/run/system.js";

const LEAKED = byDepth(1000, 1000, 100_000);
const SCRIPT_MS = byDepth(60_000, 60_000, 600_000);

const directory = regionDirectory();
const support = join(import.meta.dirname, "../support/regions/counter.mjs");

describe.each(KINDS)("a region mapped as %s", (mapping) => {
  const options = { mapping };

  it("says whether it was created or opened, and both see the same memory [C-07 S-11]", () => {
    using first = Counter.createOrOpen("same", options);
    using second = Counter.createOrOpen("same", options);
    using reader = Counter.openReadOnly("same", options);
    expect([first.outcome, second.outcome, reader.outcome]).toEqual(["created", "opened", "opened"]);
    expect([first.kind, second.kind, reader.kind]).toEqual([mapping, mapping, mapping]);
    expect([first.readOnly, reader.readOnly]).toEqual([false, true]);
    first.data.big = 0xffff_ffff_ffff_fffen;
    second.data.addBig(1n);
    expect([second.data.big, reader.data.big]).toEqual([0xffff_ffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn]);
    const bytes = fs.readFileSync(first.path);
    expect(bytes.readBigUInt64LE(128 + 8)).toBe(0xffff_ffff_ffff_ffffn);
  });

  it("sees exactly the mapped length, not the rounded Wasm pages [C-13]", () => {
    using region = Counter.createOrOpen("length", options);
    expect([region.size, region.memory.byteLength, region.memory.u8.length, region.memory.f64.length]).toEqual([
      4096, 4096, 4096, 512,
    ]);
    expect(region.memory.buffer instanceof SharedArrayBuffer).toBe(mapping === "wasm");
    expect(region.header).toMatchObject({
      typeId: 7,
      version: 1,
      generation: 1,
      payloadSize: 32,
      creatorPid: process.pid,
    });
    expect(inspect(region)).toMatch(/^Region \{\s+name: 'length',[^]*outcome: 'created'/);
  });

  it("a tail has the length that was chosen at creation", () => {
    const tailed = counterOf({ tailStride: 24, fingerprint: "00000000000000cc" });
    // Who forgets the length gets told, not an empty tail; nothing of the region remains.
    expect(() => tailed.createOrOpen("tail", options)).toThrow(
      expect.objectContaining({ code: "ERR_SHM_RANGE", field: "tailLength" }),
    );
    expect(() => tailed.open("tail", options)).toThrow(expect.objectContaining({ code: "ERR_SHM_NOT_FOUND" }));
    using first = tailed.createOrOpen("tail", { ...options, tailLength: 1000 });
    using second = tailed.createOrOpen("tail", { ...options, tailLength: 5 });
    expect([first.tailLength, second.tailLength, first.size]).toEqual([1000, 1000, second.size]);
    expect(first.size).toBe(Math.ceil((128 + 32 + 24_000 + (first.header?.descriptorSize ?? 0)) / 4096) * 4096);
    second.memory.u8[128 + 32 + 24_000 - 1] = 9;
    expect(first.memory.u8[128 + 32 + 24_000 - 1]).toBe(9);
  });

  it("use after close is a typed error, leaked arrays read zeros, closing twice is fine [faults 74 75]", () => {
    const region = Counter.createOrOpen("closed", options);
    const { u8, u32 } = region.memory;
    const { data, memory } = region;
    data.count = 77;
    expect(u32[32]).toBe(77);
    region.close();
    region.close();
    region[Symbol.dispose]();
    expect(region.closed).toBe(true);
    expect(codeOf(() => data.count)).toBe("ERR_SHM_CLOSED");
    expect(codeOf(() => (data.count = 1))).toBe("ERR_SHM_CLOSED");
    expect(codeOf(() => data.addBig(1n))).toBe("ERR_SHM_CLOSED");
    expect(codeOf(() => memory.u8)).toBe("ERR_SHM_CLOSED");
    expect(u8.some((byte) => byte !== 0)).toBe(false);
    u8.fill(255);
    expect(u8[4095]).toBe(255);
    expect(region.isCurrent()).toBe(false);
    expect(fs.existsSync(region.path)).toBe(false);
  });
});

describe.each(KINDS)("a region mapped as %s that nobody keeps", (mapping) => {
  it(`${LEAKED.toLocaleString("en")} leaked views of closed regions: typed errors or zeros, no signal [figure 13]`, () => {
    // A thousand at a time, because V8 has address space for about 13,000 Wasm memories.
    const output = runScript(
      `
      let wrong = 0;
      let looked = 0;
      for (let round = 0; round < ${LEAKED} / 1000; round += 1) {
        const leaked = [];
        for (let n = 0; n < 1000; n += 1) {
          const region = Counter.createOrOpen("leak" + n % 7, { mapping: "${mapping}" });
          region.data.count = n + 1;
          leaked.push({ data: region.data, u8: region.memory.u8, f64: region.memory.f64 });
          region.close();
        }
        for (const { data, u8, f64 } of leaked) {
          if (code(() => data.count) !== "ERR_SHM_CLOSED" || u8.some((byte) => byte !== 0)) wrong += 1;
          f64.fill(1.5);
          if (u8.length !== 4096 || f64[511] !== 1.5) wrong += 1;
          looked += 1;
        }
        gc();
        await new Promise((resolve) => setImmediate(resolve));
      }
      console.log(looked, wrong, mapped(), descriptors());
    `,
      { flags: ["--expose-gc"], timeoutMs: SCRIPT_MS },
    );
    // Wine counts no handles, and says 0.
    expect(output).toMatch(new RegExp(`^${LEAKED} 0 0 ${IS_WINDOWS ? "\\d+" : "\\d\\d"}$`));
  });

  it("a region that is collected without close lets go of its lock and memory, and warns once [fault 76]", () => {
    const output = runScript(
      `
      const warnings = [];
      process.on("warning", (warning) => warnings.push(warning.name + " " + warning.message));
      let before = 0;
      (function () {
        for (let n = 0; n < 20; n += 1) Counter.createOrOpen("lost" + n, { mapping: "${mapping}" }).data.count = 1;
        before = mapped();
      })();
      const files = () => fs.readdirSync(${JSON.stringify(directory)}).filter((name) => name.startsWith("lost")).length;
      for (let round = 0; round < 50 && (mapped() > 0 || files() > 0); round += 1) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      console.log(before, mapped(), files(), warnings.length, warnings[0]?.slice(0, 70));
    `,
      { flags: ["--expose-gc"], timeoutMs: SCRIPT_MS },
    );
    expect(output).toMatch(/^20 0 0 1 ShmWarning a region was collected without being closed: path=/);
  });

  it("what is still used is not collected: data alone keeps the region open", () => {
    const output = runScript(
      `
      const data = (() => Counter.createOrOpen("held", { mapping: "${mapping}" }).data)();
      const array = (() => Counter.createOrOpen("array", { mapping: "${mapping}" }).memory.f64)();
      for (let round = 0; round < 5; round += 1) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      data.count = 5;
      array[20] = 2.5;
      const [first, second] = [Counter.openReadOnly("held"), Counter.openReadOnly("array")];
      console.log(first.outcome, first.data.count, second.outcome, array[20]);
    `,
      { flags: ["--expose-gc"], timeoutMs: SCRIPT_MS },
    );
    expect(output).toBe("opened 5 opened 2.5");
  });

  it("opening and closing leaks no descriptor and no mapping [fault 76, figure 12]", () => {
    const output = runScript(
      `
      const keep = Counter.createOrOpen("keep", { mapping: "${mapping}" });
      const round = () => { for (let n = 0; n < 500; n += 1) Counter.open("keep", { mapping: "${mapping}" }).close(); };
      const settle = async () => { for (let n = 0; n < 3; n += 1) { gc(); await new Promise((resolve) => setTimeout(resolve, 20)); } };
      round();
      await settle();
      const before = [descriptors(), mapped()];
      const linesBefore = maps();
      for (let n = 0; n < 4; n += 1) round();
      await settle();
      console.log(descriptors() - before[0], mapped() - before[1], maps() - linesBefore < 100);
    `,
      { flags: ["--expose-gc"], timeoutMs: SCRIPT_MS },
    );
    expect(output).toBe("0 0 true");
  });
});

describe.each(KINDS)("what a region mapped as %s is kept from", (mapping) => {
  const options = { mapping };

  it("a read-only region cannot be written through any cast, and the process lives", () => {
    using region = Counter.createOrOpen("readonly", options);
    region.data.count = 5;
    using reader = Counter.openReadOnly("readonly", options);
    const data = reader.data as unknown as typeof region.data;
    expect(() => (data.count = 1)).toThrow();
    expect(codeOf(() => reader.memory.u8.fill(1))).toBe("ERR_SHM_READ_ONLY");
    expect(codeOf(() => reader.memory.buffer)).toBe("ERR_SHM_READ_ONLY");
    expect(codeOf(() => new Counter.definition.accessor(reader.memory, 128))).toBe("ERR_SHM_READ_ONLY");
    expect(reader.data.count).toBe(5);
  });

  it("bounds and alignment are proven before an accessor exists", () => {
    using region = Counter.createOrOpen("bounds", options);
    for (const offset of [-8, 4, 4096, 4072, Number.NaN, 2 ** 40]) {
      expect(
        codeOf(() => new Counter.definition.accessor(region.memory, offset)),
        String(offset),
      ).toBe("ERR_SHM_RANGE");
    }
    expect(new Counter.definition.accessor(region.memory, 4064).count).toBe(0);
  });

  it("one region can be open twice in one process and in a worker [fault 79]", async () => {
    using region = Counter.createOrOpen("worker", options);
    const source = `
      import { parentPort } from "node:worker_threads";
      import { Counter } from ${JSON.stringify(support)};
      const region = Counter.open("worker", { mapping: "${mapping}" });
      for (let n = 0; n < 100000; n += 1) region.data.addCount(1);
      parentPort.postMessage(region.outcome);
      region.close();`;
    const worker = new Worker(
      new URL(
        `data:text/javascript,${encodeURIComponent(source.replace(JSON.stringify(support), JSON.stringify(pathToFileURL(support).href)))}`,
      ),
    );
    const ended = new Promise((resolve) => worker.once("exit", resolve));
    const outcome = new Promise((resolve) => worker.once("message", resolve));
    for (let n = 0; n < 100_000; n += 1) region.data.addCount(1);
    expect(await outcome).toBe("opened");
    await ended;
    expect(region.data.count).toBe(200_000);
    expect(fs.existsSync(region.path)).toBe(true);
  });

  it("a terminated worker lets go of its regions; its memory goes without a signal [fault 19]", () => {
    const output = runScript(`
      const source = \`
        import { parentPort } from "node:worker_threads";
        import { Counter, futexOf } from ${JSON.stringify(pathToFileURL(support).href)};
        const region = Counter.createOrOpen("terminated", { mapping: "${mapping}" });
        region.data.count = 3;
        futexOf(region).waitAsync(132, 0, 60000).catch(() => {});
        parentPort.postMessage("open");
        futexOf(region).wait(132, 0, 60000);\`;
      let slowest = 0;
      for (let n = 0; n < 3; n += 1) {
        const worker = new Worker(new URL("data:text/javascript," + encodeURIComponent(source)));
        await new Promise((resolve) => worker.once("message", resolve));
        if (code(() => Counter.create("terminated")) !== "ERR_SHM_EXISTS") console.log("not alive");
        await new Promise((resolve) => setTimeout(resolve, 100));
        const start = performance.now();
        await worker.terminate();
        slowest = Math.max(slowest, performance.now() - start);
        if (code(() => Counter.open("terminated")) !== "ERR_SHM_STALE") console.log("not stale");
      }
      const region = Counter.createOrOpen("terminated");
      console.log(region.outcome, region.data.count, slowest < 30_000);
    `);
    expect(output).toBe("reinitialised 0 true");
  });

  it("foreign memory: read-only by default, values and length checked, nothing of it touched", () => {
    const path = join(directory, "foreign.bin");
    const bytes = Buffer.alloc(5000);
    bytes.writeUInt32LE(3_007_000, 0);
    bytes.writeUInt32BE(7, 4);
    fs.writeFileSync(path, bytes);
    const { accessor, reader } = Counter.definition;
    const expects: ExpectedField[] = [
      { field: "count", offset: 0, scalar: "u32", values: [3_007_000] },
      { field: "word", offset: 4, scalar: "u32", bigEndian: true, values: [1, 7] },
    ];
    const definition = { accessor, reader, expects };
    const region = attachForeign(definition, path, options);
    expect([region.outcome, region.readOnly, region.size, region.data.count, region.header]).toEqual([
      "attached",
      true,
      5000,
      3_007_000,
      undefined,
    ]);
    expect(region.isCurrent()).toBe(true);
    region.close();
    expect(fs.existsSync(path)).toBe(true);
    const writable = attachForeign(definition, path, { ...options, access: "read-write" });
    writable.data.big = 5n;
    writable.close();
    expect(fs.readFileSync(path).readBigUInt64LE(8)).toBe(5n);
    expect(codeOf(() => writable.data.big)).toBe("ERR_SHM_CLOSED");
    const attach = (): unknown => attachForeign(definition, path, options);
    bytes.writeUInt32LE(3_007_001, 0);
    fs.writeFileSync(path, bytes);
    expect(attach).toThrow(/field=count expected=3007000 found=3007001 path=.*foreign\.bin/);
    fs.truncateSync(path, 20);
    expect(attach).toThrow(
      /too short for Counter: field=real expected="at least 32 bytes" found=20 fieldEndsAt=24 path=/,
    );
    fs.truncateSync(path, 0);
    expect(attach).toThrow(/too short/);
    fs.rmSync(path);
    expect(codeOf(attach)).toBe("ERR_SHM_NOT_FOUND");
    expect(codeOf(() => attachForeign(definition, directory, options))).toBe("ERR_SHM_FOREIGN");
    if (!IS_WINDOWS) expect(codeOf(() => attachForeign(definition, "/dev/zero", options))).toBe("ERR_SHM_FOREIGN");
    expect(mappedFrom(path)).toEqual([]);
  });
});

it("memory of kind view cannot be moved away under the mapping [fault 78]", () => {
  using region = Counter.createOrOpen("transfer", { mapping: "view" });
  const buffer = region.memory.buffer as ArrayBuffer & { transfer?(): ArrayBuffer };
  expect(() => buffer.transfer?.()).toThrow(/cannot be transferred/);
});

it.skipIf(IS_WINDOWS)("Electron: a view is refused before it would end the process [fault 83]", () => {
  const output = runScript(`
    Object.defineProperty(process.versions, "electron", { value: "43.0.0" });
    console.log(code(() => Counter.createOrOpen("electron", { mapping: "view" })), Counter.createOrOpen("electron").kind);
  `);
  expect(output).toBe("ERR_SHM_UNSUPPORTED wasm");
});

it("without koffi the types can be imported, and the first region says what to install [fault 84]", () => {
  const output = runScript(`
    import { Module } from "node:module";
    const load = Module._load;
    Module._load = (name, ...rest) => { if (name === "koffi") throw new Error("Cannot find the native Koffi module"); return load(name, ...rest); };
    try { Counter.createOrOpen("x"); } catch (error) { console.log(error.code, error.message); }
  `);
  expect(output).toMatch(/^ERR_SHM_UNSUPPORTED koffi.* cannot be loaded.*npm install koffi/);
});
