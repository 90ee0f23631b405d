/**
 * Pages of 16 and 64 KiB, as kernels for arm64 may have them. No machine for tests has such, so the C library is one that says so, and that maps as
 * such kernels do: at multiples of these pages, in memory and in files, and to the end of the last one.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { regionDirectory } from "../support/processes/processes.js";
import { runScript } from "../support/processes/scripts.js";

const support = join(import.meta.dirname, "../support");
const folder = mkdtempSync(join(tmpdir(), "shmgen-pages-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const shim = join(folder, "shim.so");
const built = spawnSync("gcc", ["-shared", "-fPIC", "-o", shim, join(support, "c/libc-shim.c"), "-ldl"]).status === 0;
const runtime = join(import.meta.dirname, "../../runtime/dist/runtime");
const directory = regionDirectory();

const KIT = `
  import { attachForeign } from "@shmgen/runtime/codegen-v1";
  import * as platform from ${JSON.stringify(join(runtime, "os/index.js"))};
  const { accessor, reader } = Counter.definition;
  const file = (name, pages) => {
    const path = directory + "/" + name;
    // Every eighth byte on, the number of the place.
    const words = Uint32Array.from({ length: (pages * page) / 4 }, (_, at) => (at % 2 === 0 ? at * 4 : 0));
    fs.writeFileSync(path, new Uint8Array(words.buffer));
    return path;
  };
  const wordAt = (path, at) => fs.readFileSync(path).readUInt32LE(at);
`;

/** V8 of Node 26 ends itself by a check of its own when the C library has pages of 64 KiB and the kernel has not. */
const PAGES = Number(process.versions.node.split(".")[0]) < 26 ? [16_384, 65_536] : [16_384];

describe.skipIf(!built).each(PAGES)(`pages of %i bytes${built ? "" : " (skipped: needs gcc)"}`, (page) => {
  /** What a script prints, one JSON value. */
  function under(script: string): unknown {
    const env = { LD_PRELOAD: shim, SHIM: `pages-${page}`, SHMGEN_DIR: directory };
    return JSON.parse(runScript(`const page = ${page};\n${KIT}\n${script}`, { env }));
  }

  it("are what the platform says, and nothing is mapped at 4096", () => {
    const found = under(`
      const path = file("small", 2);
      const fd = platform.openForeignFile(path, "read-write");
      const map = (offset) => () => platform.mapFile({ fd, size: 8, offset, access: "read-write", kind: "view", path });
      console.log(JSON.stringify([platform.pageSize(), code(map(4096)), code(map(page))]));
    `);
    expect(found).toEqual([page, "ERR_SHM_SYSCALL", "none"]);
  });

  it.each(["wasm", "view"])("windows of files begin anywhere, mapped as %s", (mapping) => {
    const found = under(`
      const path = file("windows", 6);
      const wrong = [];
      for (const offset of [0, 8, 4096, page - 8, page, page + 4096, 3 * page + 8, 5 * page - 16]) {
        const options = { offset, length: 4104, mapping: "${mapping}", access: "read-write" };
        const region = attachForeign({ accessor, reader, expects: [] }, path, options);
        const { u32 } = region.memory;
        const seen = [region.data.count, u32[1024], region.size, u32.length];
        if (seen.join() !== [offset, offset + 4096, 4104, 1026].join()) wrong.push(offset, ...seen);
        region.data.word = 7;
        if (wordAt(path, offset + 4) !== 7) wrong.push(offset, "is not stored");
        region.close();
        if (u32[0] !== 0 || wordAt(path, offset) !== offset) wrong.push(offset, "is not discarded alone");
      }
      console.log(JSON.stringify([wrong, mapped()]));
    `);
    expect(found).toEqual([[], 0]);
  });

  it.each(["wasm", "view"])("regions grow in steps that are no pages, mapped as %s", (mapping) => {
    const found = under(`
      const Tailed = counterOf({ tailStride: 8, fingerprint: "00000000000000cc" });
      const options = { mapping: "${mapping}", tailLength: 0, cleanup: "keep" };
      const region = Tailed.createOrOpen("grows-${page}-${mapping}", ${mapping === "wasm" ? `{ ...options, maxTail: (5 * page) / 8 }` : "options"});
      const other = Tailed.openReadOnly("grows-${page}-${mapping}", { mapping: "${mapping}" });
      const wrong = [];
      const lengths = [100, 600, page / 8 - 200, page / 8, page / 8 + 513, (3 * page) / 8 + 1, (4 * page) / 8];
      for (const length of lengths) {
        region.growTail(length);
        other.refresh();
        const at = 160 + 8 * (length - 1);
        region.memory.u8[at] = length % 251;
        const size = fs.statSync(region.path).size;
        const seen = [other.tailLength, other.memory.read("u8", at), size % 4096, size - region.size, other.size - region.size];
        if (seen.join() !== [length, length % 251, 0, 0, 0].join()) wrong.push(length, ...seen);
      }
      const { u8 } = region.memory;
      const bytes = () => lengths.map((length) => u8[160 + 8 * (length - 1)]);
      if (bytes().join() !== lengths.map((length) => length % 251).join()) wrong.push(...bytes());
      const { path } = region;
      other.close();
      region.close();
      if (bytes().some((byte) => byte !== 0)) wrong.push("is not discarded");
      const kept = fs.readFileSync(path);
      for (const length of lengths) if (kept[160 + 8 * (length - 1)] !== length % 251) wrong.push(length, "is lost");
      console.log(JSON.stringify([wrong, mapped()]));
    `);
    expect(found).toEqual([[], 0]);
  });

  it.each(["wasm", "view"])("what a file loses reads as zeros from its next page on, mapped as %s", (mapping) => {
    const found = under(`
      const path = file("cut", 5);
      const region = attachForeign({ accessor, reader, expects: [] }, path, { mapping: "${mapping}", access: "read-write" });
      const { u32 } = region.memory;
      // Who still reads there would end by SIGBUS. A kernel with such pages has zeros on the rest of the last one as well.
      fs.truncateSync(path, 3 * page + 104);
      const seen = [region.refresh(), region.size, u32[(3 * page + 96) / 4], u32[(4 * page) / 4], u32.at(-2)];
      fs.truncateSync(path, page);
      seen.push(region.refresh(), region.size, u32[(page - 8) / 4], u32[page / 4], u32[(3 * page + 96) / 4]);
      console.log(JSON.stringify(seen));
    `);
    expect(found).toEqual([true, 3 * page + 104, 3 * page + 96, 0, 0, true, page, page - 8, 0, 0]);
  });

  it.each([{}, { UV_USE_IO_URING: "0" }])("waits without blocking are woken, with %j", (env) => {
    const script = `
      const region = Counter.createOrOpen("waits");
      const waiting = futexOf(region).waitAsync(132, 0, 60_000);
      while (futexOf(region).notify(132, 1) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      console.log(await waiting);
    `;
    const given = { LD_PRELOAD: shim, SHIM: `pages-${page}`, SHMGEN_DIR: directory, ...env };
    expect(runScript(script, { env: given })).toBe("ok");
  });
});
