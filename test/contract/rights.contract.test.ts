/** Views, rights, private copies, names that go at once, and one region several times in one process. */
import * as fs from "node:fs";
import { describe, expect, it } from "vitest";
import { rawMemory } from "@shmgen/runtime/codegen-v1";
import type { Region } from "@shmgen/runtime";
import { Counter, counterOf, futexOf } from "../support/regions/counter.mjs";
import { codeOf, mappedFrom, regionDirectory, startProcess } from "../support/processes/processes.js";
import { protectionsOf } from "../support/regions/mapped.mjs";
import { endOfScript } from "../support/processes/scripts.js";
import { IS_WINDOWS, KINDS } from "../support/run/system.js";

const directory = regionDirectory();

/** Descriptors of this process that are open on a file. */
const descriptorsOf = (path: string): number[] =>
  fs.readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(path) ? [Number(fd)] : [];
    } catch {
      return [];
    }
  });

describe.each(KINDS)("a region mapped as %s", (mapping) => {
  const options = { mapping };

  it("a read-only open has a descriptor and pages that cannot write [C-34 I-01 I-07]", () => {
    const path = Counter.createOrOpen("reader", { ...options, cleanup: "keep" });
    path.close();
    using region = Counter.createOrOpen("reader", { ...options, onStale: "keep" });
    using reader = Counter.openReadOnly("reader", options);
    expect([region.access, reader.access, reader.readOnly]).toEqual(["read-write", "read-only", true]);
    expect(protectionsOf(region.path).toSorted()).toEqual(["r--s", "rw-s"]);
    if (IS_WINDOWS) return;
    const modes = descriptorsOf(region.path).map(
      (fd) =>
        Number.parseInt(/flags:\s+(\d+)/.exec(fs.readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1] ?? "", 8) & 3,
    );
    expect(modes.toSorted()).toEqual([fs.constants.O_RDONLY, fs.constants.O_RDWR]);
  });

  it("a private map shows the region, keeps its own writes, and shows them to nobody [I-07]", async () => {
    using region = Counter.createOrOpen("private", options);
    region.data.count = 5;
    region.data.big = 6n;
    using copy = Counter.open("private", { ...options, access: "private" });
    expect([copy.access, copy.readOnly, copy.data.count, copy.outcome]).toEqual(["private", false, 5, "opened"]);
    expect(protectionsOf(region.path).toSorted()).toEqual(["rw-p", "rw-s"]);
    copy.data.count = 100;
    copy.data.addBig(1n);
    expect([copy.data.count, copy.data.big, region.data.count, region.data.big]).toEqual([100, 7n, 5, 6n]);
    expect(fs.readFileSync(region.path).readUInt32LE(128)).toBe(5);
    // Two private copies are two.
    using other = Counter.open("private", { ...options, access: "private" });
    expect(other.data.count).toBe(5);
    // Nobody can wake who waits on a copy.
    expect(futexOf(copy)).toBeUndefined();
    using late = await Counter.whenReady("private", { ...options, access: "private" });
    expect(late.access).toBe("private");
  });

  it("wishes beyond what there is are refused with the reason [I-07]", () => {
    using region = Counter.createOrOpen("wishes", options);
    const wish = (access: string) => ({ ...options, access: access as "private" });
    expect(() => Counter.open("wishes", wish("execute"))).toThrow(
      /never mapped executable.*could run code.*access.*path=.*wishes/,
    );
    expect(codeOf(() => Counter.open("wishes", wish("read-write-exec")))).toBe("ERR_SHM_UNSUPPORTED");
    expect(codeOf(() => Counter.open("wishes", wish("read-only")))).toBe("ERR_SHM_RANGE");
    expect(() => Counter.createOrOpen("wishes", wish("private") as object)).toThrow(
      /access is read-write here: found="private"/,
    );
    expect(codeOf(() => region.view({ access: "execute" as "read-only" }))).toBe("ERR_SHM_UNSUPPORTED");
    expect(codeOf(() => region.view({ access: "write" as "read-only" }))).toBe("ERR_SHM_RANGE");
    using reader = Counter.openReadOnly("wishes", options);
    expect(() => reader.view({ access: "read-write" })).toThrow(
      /opened read-only.*expected=read-only found=read-write path=/,
    );
    expect(protectionsOf(region.path).some((protection) => protection.includes("x"))).toBe(false);
  });

  it("parts of the memory as views of their own [C-32 C-33 I-08]", () => {
    using region = Counter.createOrOpen("views", options);
    const data = region.view({ offset: 128, length: 32 });
    const all = region.view();
    const reading = region.view({ offset: 128, access: "read-only" });
    expect([data.byteLength, all.byteLength, reading.byteLength]).toEqual([32, 4096, 4096 - 128]);
    expect([data.u8.length, data.u32.length, data.f64.length, data.dataView.byteLength]).toEqual([32, 8, 4, 32]);
    const there = new Counter.definition.accessor(data, 0);
    there.count = 9;
    data.u32[1] = 10;
    data.dataView.setBigUint64(8, 11n, true);
    expect([region.data.count, region.data.word, region.data.big]).toEqual([9, 10, 11n]);
    expect([all.u32[32], new Counter.definition.reader(reading, 0).count]).toEqual([9, 9]);
    expect(codeOf(() => reading.u8)).toBe("ERR_SHM_READ_ONLY");
    expect(codeOf(() => new Counter.definition.accessor(reading, 0))).toBe("ERR_SHM_READ_ONLY");
    // Not one byte beyond its end.
    expect(codeOf(() => new Counter.definition.accessor(data, 8))).toBe("ERR_SHM_RANGE");
    // Waits of a part are waits on the same word.
    expect([futexPort(data).notify(0, 1), futexPort(data).wait(0, 8, 0)]).toEqual([0, "not-equal"]);
    expect(codeOf(() => futexPort(data).wait(32, 0, 0))).toBe("ERR_SHM_RANGE");
    // A view can go before its region.
    all.retire();
    expect([codeOf(() => all.u8), region.data.count]).toEqual(["ERR_SHM_CLOSED", 9]);
    region.close();
    expect([codeOf(() => data.u8), codeOf(() => there.count)]).toEqual(["ERR_SHM_CLOSED", "ERR_SHM_CLOSED"]);
    expect(codeOf(() => region.view())).toBe("ERR_SHM_CLOSED");
  });

  it("a view that does not lie in the memory, or not on 8 bytes, is refused with the numbers [C-32]", () => {
    using region = Counter.createOrOpen("bad-views", options);
    expect(() => region.view({ offset: 4096 - 8, length: 16 })).toThrow(/offset=4088 size=16 mapped=4096 path=/);
    for (const bad of [
      { offset: 4096 },
      { offset: -8 },
      { offset: 4 },
      { offset: 0, length: 0 },
      { length: -1 },
      { length: 4097 },
      { length: 1.5 },
      { offset: Number.NaN },
      { offset: 2 ** 53 },
      { length: Infinity },
      { offset: "8" as unknown as number, length: 8 },
    ]) {
      expect(
        codeOf(() => region.view(bad)),
        JSON.stringify(bad),
      ).toBe("ERR_SHM_RANGE");
    }
  });
});

describe.each(KINDS)("a region mapped as %s with several handles", (mapping) => {
  const options = { mapping };

  it("cleanup immediately: the name is gone, the memory is not, and nothing remains when its users are killed [S-01]", async () => {
    using region = Counter.createOrOpen("unnamed", { ...options, cleanup: "immediately" });
    expect([fs.existsSync(region.path), region.isCurrent(), region.outcome]).toEqual([false, false, "created"]);
    region.data.count = 3;
    expect(region.data.count).toBe(3);
    expect(codeOf(() => Counter.open("unnamed", options))).toBe("ERR_SHM_NOT_FOUND");
    using other = Counter.createOrOpen("unnamed", options);
    expect([other.outcome, other.data.count]).toEqual(["created", 0]);
    region.close();
    // It closes its own file, not the one that has the name by now.
    expect(other.isCurrent()).toBe(true);
    // Who joins can take the name away as well; who is open stays open.
    using joined = Counter.open("unnamed", { ...options, cleanup: "immediately" });
    joined.data.count = 4;
    expect([fs.existsSync(other.path), other.data.count]).toEqual([false, 4]);
    const child = await startProcess();
    await child.run(({ Counter, kept }) => {
      kept["gone"] = Counter.createOrOpen("killed-unnamed", { cleanup: "immediately" });
    });
    await child.kill();
    expect(fs.readdirSync(directory)).not.toContain("killed-unnamed");
  });

  it("opened again, it shares lock and mapping, and each handle closes for itself [N-08 I-02]", () => {
    const first = Counter.createOrOpen("again", options);
    const second = Counter.createOrOpen("again", options);
    const third = Counter.open("again", options);
    if (!IS_WINDOWS) expect(descriptorsOf(first.path)).toHaveLength(1);
    expect(mappedFrom(first.path)).toHaveLength(1);
    expect([second.outcome, second.generation, second.header?.creatorPid]).toEqual(["opened", 1, process.pid]);
    second.data.count = 4;
    const { data } = first;
    first.close();
    expect([codeOf(() => data.count), codeOf(() => first.memory.u8), second.data.count]).toEqual([
      "ERR_SHM_CLOSED",
      "ERR_SHM_CLOSED",
      4,
    ]);
    first.close();
    expect(mappedFrom(second.path)).toHaveLength(1);
    third.close();
    second.data.count = 5;
    expect(fs.existsSync(second.path)).toBe(true);
    second.close();
    expect([mappedFrom(second.path), fs.existsSync(second.path)]).toEqual([[], false]);
    if (!IS_WINDOWS) expect(descriptorsOf(second.path)).toEqual([]);
    using next = Counter.createOrOpen("again", options);
    expect([next.outcome, next.data.count]).toEqual(["created", 0]);
  });

  it("only the same region is shared: not a file that took its name, another layout, or other rights [N-08]", () => {
    using region = Counter.createOrOpen("same", options);
    fs.renameSync(region.path, `${region.path}-moved`);
    using other = Counter.createOrOpen("same", options);
    other.data.count = 1;
    expect([other.outcome, region.data.count]).toEqual(["created", 0]);
    expect(codeOf(() => counterOf({ fingerprint: "00000000000000dd" }).open("same", options))).toBe("ERR_SHM_LAYOUT");
    expect(codeOf(() => counterOf({ version: 2 }).open("same", options))).toBe("ERR_SHM_VERSION");
    using twin = counterOf({}).open("same", options);
    twin.data.count = 7;
    expect([other.data.count, Counter.createOrOpen("same", options).close()]).toEqual([7, undefined]);
    expect(codeOf(() => Counter.create("same", options))).toBe("ERR_SHM_EXISTS");
    // Windows removes no file that is mapped.
    region.close();
    fs.rmSync(`${region.path}-moved`);
  });

  it("cleanup is decided by the handle that closes last [N-08]", () => {
    const keep = Counter.createOrOpen("decide", { ...options, cleanup: "keep" });
    const last = Counter.createOrOpen("decide", options);
    keep.close();
    last.close();
    expect(fs.existsSync(last.path)).toBe(false);
    const remove = Counter.createOrOpen("decide", options);
    const stay = Counter.createOrOpen("decide", { ...options, cleanup: "keep" });
    remove.close();
    stay.close();
    expect(fs.existsSync(stay.path)).toBe(true);
    fs.rmSync(stay.path);
  });
});

it("a process that exits with handles of both kinds keeps what one of them wants to keep [N-08]", () => {
  const { status, stderr } = endOfScript(`
    globalThis.kept = [Counter.createOrOpen("exit-keep"), Counter.createOrOpen("exit-keep", { cleanup: "keep" }), Counter.createOrOpen("exit-gone"), Counter.open("exit-gone")];
  `);
  expect([status, stderr]).toEqual([0, ""]);
  expect(fs.readdirSync(directory).filter((name) => name.startsWith("exit-"))).toEqual(["exit-keep"]);
});

function futexPort(view: Region["memory"]) {
  const { futex } = rawMemory(view);
  if (futex === undefined) throw new Error("the view has no futex");
  return futex;
}
