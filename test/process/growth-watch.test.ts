/** What a peer or a lack of resources does to a process that watches a tail: it is told, and lives. */
import * as fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { rawMemory } from "@shmgen/runtime/codegen-v1";
import { HEADER_OFFSET as AT } from "@shmgen/schema/region-format";
import { counterOf } from "../support/regions/counter.mjs";
import { type Child, regionDirectory, startProcess, until } from "../support/processes/processes.js";
import { BY_THREAD, endOfScript } from "../support/processes/scripts.js";
import { KINDS } from "../support/run/system.js";

const directory = regionDirectory();
const FIELDS = [
  { name: "count", type: "atomic<u32>", offset: 0, size: 4, align: 4, docs: "" },
  { name: "tail", type: "tail<u64>", offset: 32, size: 0, align: 8, docs: "" },
];
const SHAPE = { tailStride: 8, fingerprint: "00000000000000cf", fields: FIELDS };
const Tailed = counterOf(SHAPE);

const children: Child[] = [];
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()));
});

/** A process that watches a region and writes down what it hears, into a file of one line for each. */
async function watcher(name: string, mapping: "wasm" | "view"): Promise<{ child: Child; heard: () => string[] }> {
  const child = await startProcess();
  children.push(child);
  const log = `${directory}/.heard-${name}`;
  fs.writeFileSync(log, "");
  await child.run(
    ({ counterOf, fs, kept }, shape, name, mapping, log) => {
      const region = counterOf(shape).open(name, { mapping });
      kept["it"] = region;
      process.on("uncaughtException", (error) => fs.appendFileSync(log, `uncaught ${error.message}\n`));
      process.on("warning", (warning) => fs.appendFileSync(log, `${(warning as { code?: string }).code}\n`));
      region.onGrow((length) => fs.appendFileSync(log, `grown ${length}\n`));
    },
    SHAPE,
    name,
    mapping,
    log,
  );
  return { child, heard: () => fs.readFileSync(log, "utf8").split("\n").slice(0, -1) };
}

/** As a peer that writes the header without the protocol. */
function storeLength(region: { readonly memory: Parameters<typeof rawMemory>[0] }, length: number): void {
  Atomics.store(rawMemory(region.memory).u64, AT.tailLength / 8, BigInt(length));
}

describe.each(KINDS)("a watched tail in a region mapped as %s", (mapping) => {
  it("a length that no growth can have ends no process: one warning, and the next growth is heard", async () => {
    using region = Tailed.createOrOpen(`damaged-${mapping}`, { mapping, tailLength: 3 });
    const { child, heard } = await watcher(region.name, mapping);
    const expected: string[] = [];
    for (const wrong of [1_000_000, 0, 2, Number.MAX_SAFE_INTEGER, 2 ** 60]) {
      const right = region.tailLength;
      storeLength(region, wrong);
      expected.push("SHM_GROWTH_MISSED");
      await until(() => heard().length >= expected.length, `the warning for ${wrong}`);
      storeLength(region, right);
      region.growTail(right + 100);
      expected.push(`grown ${right + 100}`);
      await until(() => heard().length >= expected.length, `the growth after ${wrong}`);
    }
    expect(heard()).toEqual(expected);
    expect(await child.run(({ kept }) => kept["it"]?.tailLength)).toBe(region.tailLength);
  });

  it("who lacks descriptors or addresses for a growth is told, and hears of it when he has them [faults 36 37]", async () => {
    const child = await startProcess();
    children.push(child);
    using region = Tailed.createOrOpen(`starved-${mapping}`, { mapping, tailLength: 3 });
    await child.run(
      ({ counterOf, fs, kept }, shape, name, mapping) => {
        const region = counterOf(shape).open(name, { mapping });
        kept["it"] = region;
        const told: string[] = [];
        const onError = (error: unknown): void => void told.push((error as { code: string }).code);
        region.onGrow((length) => void told.push(`grown ${length}`), { onError });
        // A new mapping opens its file again, or needs a Wasm memory.
        const taken: number[] = [];
        const wasm = globalThis as unknown as { readonly WebAssembly: { Memory: unknown } };
        const { Memory } = wasm.WebAssembly;
        const takeAll = (): void => {
          try {
            for (;;) taken.push(fs.openSync("/dev/null", "r"));
          } catch {
            // There are no more.
          }
          wasm.WebAssembly.Memory = function NoAddresses() {
            throw new RangeError("could not allocate memory");
          };
        };
        const giveBack = (): void => {
          for (const fd of taken) fs.closeSync(fd);
          wasm.WebAssembly.Memory = Memory;
        };
        Object.assign(globalThis, { told, takeAll, giveBack });
      },
      SHAPE,
      region.name,
      mapping,
    );
    const told = (): Promise<string[]> => child.run(() => (globalThis as unknown as { told: string[] }).told);
    // By now the thread that waits has what it needs itself.
    region.growTail(4);
    while ((await told()).length === 0) await sleep(5);
    await child.run(() => (globalThis as unknown as { takeAll: () => void }).takeAll());
    region.growTail(20_000);
    while ((await told()).length === 1) await sleep(5);
    await child.run(() => (globalThis as unknown as { giveBack: () => void }).giveBack());
    while ((await told()).length === 2) await sleep(5);
    const refused = mapping === "wasm" ? "ERR_SHM_UNSUPPORTED" : "ERR_SHM_SYSCALL";
    expect(await told()).toEqual(["grown 4", refused, "grown 20000"]);
    expect(await child.run(({ kept }) => kept["it"]?.tailLength)).toBe(20_000);
  }, 60_000);

  it("an exception of the listener is the caller's, and ends no watch", async () => {
    using region = Tailed.createOrOpen(`rude-${mapping}`, { mapping, tailLength: 3 });
    const printed = endOfScript(`
      const open = () => counterOf(${JSON.stringify(SHAPE)}).open("${region.name}", { mapping: "${mapping}" });
      const [region, grower] = [open(), open()];
      process.on("uncaughtException", ({ message }) => console.log("uncaught", message));
      region.onGrow((length) => {
        console.log("heard", length);
        if (length > 4) return setImmediate(() => process.exit(0));
        grower.growTail(5);
        throw new Error("of the listener");
      });
      setTimeout(() => grower.growTail(4), 1);
      setInterval(() => undefined, 1000);`);
    expect([printed.stdout.trim().split("\n").sort(), printed.stderr]).toEqual([
      ["heard 4", "heard 5", "uncaught of the listener"],
      "",
    ]);
  });
});

it("what keeps a thread from waiting is said at the call, and what is no function is refused there", () => {
  const permission = Number(process.versions.node.split(".")[0]) < 23 ? "--experimental-permission" : "--permission";
  const flags = [permission, "--allow-addons", "--allow-fs-read=*", "--allow-fs-write=*", "--no-warnings"];
  const script = `
    const region = counterOf(${JSON.stringify(SHAPE)}).createOrOpen("refused", { tailLength: 3 });
    console.log(code(() => region.onGrow(5)), code(() => region.onGrow(() => {}, { onError: "x" })), code(() => region.onGrow(() => {})));`;
  const { stdout, stderr } = endOfScript(script, { flags, env: BY_THREAD });
  expect([stdout.trim(), stderr]).toEqual(["ERR_SHM_RANGE ERR_SHM_RANGE ERR_SHM_UNSUPPORTED", ""]);
});
