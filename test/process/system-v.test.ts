/** Segments of System V that a program in C has made: attached, followed, detached, never made or removed by us. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { COMPILERS, compileProgram, withoutCompilers } from "../support/c/gcc.js";
import { codeOf, regionDirectory } from "../support/processes/processes.js";
import { importPages, type Pages } from "../support/regions/pages.js";

const directory = regionDirectory();
/** As no other program of this machine has. */
const KEY = 0x7368_0000 | (process.pid & 0xffff);

interface Owner {
  readonly id: number;
  /** Where the kernel's struct has the members that we read: of the C library's headers. */
  readonly offsets: readonly number[];
  /** How many have it attached, and the page's count. */
  ask(what: "nattch" | "add" | "remove"): Promise<readonly [attached: number, count: number]>;
  end(): Promise<unknown>;
}

const owners: ChildProcessWithoutNullStreams[] = [];
afterAll(() => {
  for (const child of owners) child.kill();
});

async function ownerOf(key: number, size: number): Promise<Owner> {
  const child = spawn(join(directory, "sysv-owner"), [String(key >>> 0), String(size)]);
  owners.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<number[]> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`the owner has ended: ${String(child.stderr.read())}`);
    return value.split(" ").map(Number);
  };
  const [id = -1, ...offsets] = await next();
  return {
    id,
    offsets,
    ask: async (what) => {
      child.stdin.write(`${what}\n`);
      const [attached = -1, count = -1] = await next();
      return [attached, count];
    },
    end: () => {
      child.stdin.end();
      return once(child, "exit");
    },
  };
}

describe.skipIf(withoutCompilers !== undefined)("a segment of System V", () => {
  let pages: Pages;
  let owner: Owner;
  beforeAll(async () => {
    pages = await importPages();
    const [c] = COMPILERS;
    fs.copyFileSync(join(import.meta.dirname, "../support/c/sysv-owner.c"), join(directory, "sysv-owner.c"));
    compileProgram(c!, { folder: directory, source: "sysv-owner.c", program: "sysv-owner", flags: ["-D_GNU_SOURCE"] });
  });
  afterEach(() => owner.end());

  it.each(["wasm", "view"] as const)("is found by key and by number, and detached at close (%s)", async (mapping) => {
    owner = await ownerOf(KEY, 10_000);
    expect(owner.offsets.slice(0, 2)).toEqual([48, 20]);
    const byKey = pages.Page.attachSystemV(KEY, { mapping });
    const byId = pages.Page.attachSystemV({ id: owner.id }, { mapping });
    expect([byKey.size, byId.size, byKey.outcome, byKey.readOnly, byKey.kind]).toEqual([
      10_000,
      10_000,
      "attached",
      true,
      mapping,
    ]);
    expect([byKey.path, byId.path]).toEqual([`sysv:0x${KEY.toString(16)}`, `sysv:id=${owner.id}`]);
    expect([byKey.data.count, byKey.data.big, byKey.memory.text(0)]).toEqual([7, 1n, "FOREIGN"]);
    expect(await owner.ask("add")).toEqual([3, 8]);
    expect([byKey.data.count, byId.data.count, byKey.refresh()]).toEqual([8, 8, false]);
    byKey.close();
    expect(await owner.ask("nattch")).toEqual([2, 8]);
    expect(codeOf(() => byKey.data.count)).toBe("ERR_SHM_CLOSED");
    expect(byId.data.count).toBe(8);
    byId.close();
    expect(await owner.ask("nattch")).toEqual([1, 8]);
  });

  it("is written only where that was asked for, and a window of it begins anywhere", async () => {
    owner = await ownerOf(KEY, 4096);
    using reader = pages.Page.attachSystemV(KEY, { length: 24 });
    using writer = pages.Page.attachSystemV(KEY, { access: "read-write" });
    using counter = pages.Log.attachSystemV(KEY, { offset: 16, length: 32 });
    expect(() => ((reader.data as { count: number }).count = 1)).toThrow(/opened read-only/);
    writer.data.count = 40;
    expect(await owner.ask("add")).toEqual([4, 41]);
    expect([reader.data.count, reader.size, counter.data.count, counter.tailLength]).toEqual([41, 24, 1n, 3]);
    expect(codeOf(() => pages.Log.attachSystemV(KEY, { offset: 4096 }))).toBe("ERR_SHM_FORMAT");
    expect(codeOf(() => pages.Page.attachSystemV(KEY, { length: 4104 }))).toBe("ERR_SHM_FORMAT");
    expect(codeOf(() => pages.Page.attachSystemV(KEY, { offset: 8 }))).toBe("ERR_SHM_FORMAT");
    expect(await owner.ask("nattch")).toEqual([4, 41]);
  });

  it("stays readable when its owner removes it, and says so; nobody else finds it", async () => {
    owner = await ownerOf(0, 4096);
    using region = pages.Page.attachSystemV({ id: owner.id });
    expect(region.isCurrent()).toBe(true);
    await owner.ask("remove");
    expect([region.isCurrent(), region.data.count]).toEqual([false, 7]);
    expect(codeOf(() => pages.Page.attachSystemV(KEY))).toBe("ERR_SHM_NOT_FOUND");
    expect(() => pages.Page.attachSystemV({ id: 0x7fff_fff0 })).toThrow(
      /there is no such segment: errno=EIDRM syscall=shmctl path=sysv:id=2147483632; the program that makes it has to run/,
    );
    expect(codeOf(() => region.onRemoved(() => undefined))).toBe("ERR_SHM_UNSUPPORTED");
    expect(codeOf(() => region.descriptor)).toBe("ERR_SHM_UNSUPPORTED");
    expect(codeOf(() => region.token())).toBe("ERR_SHM_UNSUPPORTED");
    expect(region.owners()).toEqual([]);
    for (const bad of [0, 1.5, 2 ** 32, -(2 ** 31) - 1, "7", undefined, {}, { id: -1 }, { id: 1.5 }, { id: 2 ** 31 }])
      expect(codeOf(() => pages.Page.attachSystemV(bad as never))).toBe("ERR_SHM_RANGE");
  });
});
