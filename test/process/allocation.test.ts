/** Memory is allocated for what can be mapped, and given back where something fails on the way. */
import { constants } from "node:buffer";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { counterOf } from "../support/regions/counter.mjs";
import { codeOf, regionDirectory, startProcess } from "../support/processes/processes.js";
import { runScript } from "../support/processes/scripts.js";
import {
  callsBetweenMarks,
  failedCall,
  liveUnderStrace,
  meetEach,
  ownDirectory,
  straceWorks,
} from "../support/syscalls/strace.js";

const directory = regionDirectory();
const Tailed = counterOf({ tailStride: 8, fingerprint: "00000000000000d7" });
/** Elements of 8 bytes that no Wasm memory can show. */
const BEYOND_WASM = 2 ** 32 / 8;
/** Elements that no buffer can show. */
const BEYOND_BUFFERS = Math.ceil(constants.MAX_LENGTH / 8) + 1;
const TAILED = 'const Tailed = counterOf({ tailStride: 8, fingerprint: "00000000000000d7" });';
const canLimit = spawnSync("prlimit", ["--version"]).status === 0;
const title = canLimit ? "" : " (skipped: prlimit is missing)";
const straced = straceWorks ? "" : " (skipped: strace is missing or may not trace here)";
/** Sets the soft limit of a resource, for the rest of a script. */
const LIMIT = `
  const { spawnSync } = await import("node:child_process");
  const limit = (resource, value) => {
    const { status, stderr } = spawnSync("prlimit", ["--pid", String(process.pid), "--" + resource + "=" + value + ":"]);
    if (status !== 0) throw new Error(String(stderr));
  };
  const sizeNow = () => Number(/VmSize:\\s+(\\d+)/.exec(fs.readFileSync("/proc/self/status", "utf8"))[1]) * 1024;`;

it("a region that cannot be mapped is refused before anything is made, its directory included", () => {
  const nowhere = `${directory}/never-made`;
  const refused = [
    () => Tailed.createOrOpen("long", { directory: nowhere, tailLength: BEYOND_BUFFERS }),
    () => Tailed.create("long", { directory: nowhere, tailLength: BEYOND_BUFFERS, mapping: "view" }),
    () => Tailed.createUnique("long", { directory: nowhere, tailLength: BEYOND_BUFFERS }),
    () => Tailed.createAnonymous({ directory: nowhere, tailLength: BEYOND_BUFFERS }),
  ];
  expect(refused.map(codeOf)).toEqual(refused.map(() => "ERR_SHM_RANGE"));
  const wasm = { directory: nowhere, mapping: "wasm" } as const;
  const unsupported = [
    () => Tailed.createOrOpen("long", { ...wasm, tailLength: BEYOND_WASM }),
    () => Tailed.createOrOpen("long", { ...wasm, tailLength: 1, maxTail: BEYOND_WASM }),
    () => Tailed.create("long", { ...wasm, tailLength: BEYOND_WASM }),
    () => Tailed.createUnique("long", { ...wasm, tailLength: BEYOND_WASM }),
    () => Tailed.createAnonymous({ ...wasm, tailLength: BEYOND_WASM }),
    () => Tailed.createAnonymous({ ...wasm, tailLength: 1, maxTail: BEYOND_WASM }),
  ];
  expect(unsupported.map(codeOf)).toEqual(unsupported.map(() => "ERR_SHM_UNSUPPORTED"));
  expect(codeOf(() => Tailed.create("long", { directory: nowhere, tailLength: 1, maxTail: -1 }))).toBe("ERR_SHM_RANGE");
  expect(fs.existsSync(nowhere)).toBe(false);
});

it("a tail that cannot be mapped when it has grown takes no memory, and others go on with the region", async () => {
  using region = Tailed.createOrOpen("tail", { tailLength: 4, mapping: "wasm" });
  const before = fs.statSync(region.path);
  expect(codeOf(() => region.growTail(BEYOND_WASM))).toBe("ERR_SHM_UNSUPPORTED");
  const after = fs.statSync(region.path);
  expect([after.size, after.blocks]).toEqual([before.size, before.blocks]);
  const child = await startProcess();
  const there = await child.run(({ counterOf }) => {
    const opened = counterOf({ tailStride: 8, fingerprint: "00000000000000d7" }).open("tail");
    opened.growTail(1000);
    opened.close();
    return opened.tailLength;
  });
  expect(there).toBe(1000);
  expect([region.refresh(), region.tailLength]).toEqual([true, 1000]);
  await child.kill();
});

it.skipIf(!canLimit)(`without address space nothing is made or allocated, and a region stays as it was${title}`, () => {
  const report = runScript(`${TAILED}${LIMIT}
    const region = Tailed.createOrOpen("narrow", { tailLength: 4, mapping: "view" });
    // A left-over of another length, which is to stay as it was.
    Tailed.createOrOpen("left", { tailLength: 4, mapping: "view", cleanup: "keep" }).close();
    const left = fs.readFileSync(directory + "/left");
    const { size, blocks } = fs.statSync(region.path);
    limit("as", sizeNow() + (512 << 20));
    const tailLength = (768 << 20) / 8;
    const tried = [
      () => Tailed.createOrOpen("wide", { tailLength }),
      () => Tailed.createOrOpen("left", { tailLength }),
      () => Tailed.createAnonymous({ tailLength }),
      () => region.growTail(tailLength),
    ].map((call) => {
      try {
        call();
        return "none";
      } catch ({ code, errno, syscall }) {
        return code + " " + errno + " " + syscall;
      }
    });
    limit("as", "unlimited");
    const now = fs.statSync(region.path);
    region.growTail(5);
    const result = [tried, now.size - size, now.blocks - blocks, fs.readdirSync(directory).filter((name) => /wide/.test(name)),
      left.equals(fs.readFileSync(directory + "/left")), region.tailLength];
    region.close();
    console.log(JSON.stringify(result));`);
  const noMemory = "ERR_SHM_SYSCALL ENOMEM mmap";
  expect(JSON.parse(report)).toEqual([[noMemory, noMemory, noMemory, noMemory], 0, 0, [], true, 5]);
});

it.skipIf(!canLimit)(
  `where files may not be so long nothing stays allocated, and a region stays as it was${title}`,
  () => {
    const report = runScript(`${TAILED}${LIMIT}
    const region = Tailed.createOrOpen("short", { tailLength: 4 });
    const kept = Tailed.createOrOpen("reserved", { tailLength: 4, maxTail: 1 << 20 });
    Tailed.createOrOpen("before", { tailLength: 4, cleanup: "keep" }).close();
    const left = fs.readFileSync(directory + "/before");
    const factsOf = ({ path }) => [fs.statSync(path).size, fs.statSync(path).blocks];
    const facts = () => JSON.stringify([region, kept, { path: directory + "/before" }].map(factsOf));
    const before = facts();
    limit("fsize", 1 << 20);
    const tailLength = (2 << 20) / 8;
    const tried = [
      () => Tailed.createOrOpen("longer", { tailLength }),
      () => Tailed.createOrOpen("before", { tailLength }),
      () => Tailed.createAnonymous({ tailLength }),
      () => region.growTail(tailLength),
      () => kept.growTail(tailLength),
    ].map(code);
    limit("fsize", "unlimited");
    const result = [tried, facts() === before, fs.existsSync(directory + "/longer"), left.equals(fs.readFileSync(directory + "/before"))];
    region.growTail(tailLength);
    kept.growTail(tailLength);
    region.close();
    kept.close();
    console.log(JSON.stringify(result));`);
    expect(JSON.parse(report)).toEqual([Array.from({ length: 5 }, () => "ERR_SHM_NO_SPACE"), true, false, true]);
  },
);

interface Growth {
  readonly added: number;
  readonly lengthThen: number;
  readonly lengthNow: number;
}

it.skipIf(!straceWorks)(
  `whatever call fails while a tail grows, the region goes on, and what no lock keeps from it gives its blocks back${straced}`,
  async () => {
    const script = [join(import.meta.dirname, "../support/syscalls/one-growth.mjs")];
    const grow = (injection?: string) => liveUnderStrace(ownDirectory(directory), injection, {}, script);
    const reference = await grow();
    expect(reference.report).toMatchObject({ outcome: "wasm", code: "none", lengthNow: 1 << 20 });
    const calls = callsBetweenMarks(reference.lines);
    const isMapping = ({ line }: { readonly line: string }): boolean => /MAP_SHARED/.test(line);
    expect(calls.filter(({ name }) => name === "fallocate").length).toBe(1);
    expect(calls.filter(isMapping).length).toBe(1);
    const trials = calls.filter((call) => /^(openat|fallocate|flock|statx|fstat)$/.test(call.name) || isMapping(call));
    const met = await meetEach(trials, async ({ name, when }) => {
      const { report, lines } = await grow(`${name}:error=ENOMEM:when=${when}`);
      const failed = failedCall(lines);
      if (failed === undefined) return false;
      const growth = report as unknown as Growth & { readonly code: string };
      const where = `${failed} -> ${JSON.stringify(report)}`;
      expect(growth.lengthNow, where).toBe(1 << 20);
      expect(growth.code, where).toMatch(/^(none|ERR_SHM_SYSCALL)$/);
      // Without the lifecycle lock nobody can tell whether others rely on the blocks.
      if (growth.code !== "none" && /fallocate|MAP_SHARED/.test(failed)) {
        expect([growth.added, growth.lengthThen], where).toEqual([0, 5]);
      }
      return true;
    });
    expect(met).toBeGreaterThan(3);
  },
  120_000,
);
