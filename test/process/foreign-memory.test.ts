/** Memory of other programs: windows of files, files that change, and what no path leads to. */
import * as fs from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import koffi from "koffi";
import type { ShmError } from "@shmgen/runtime";
import { Counter } from "../support/regions/counter.mjs";
import { codeOf, mappedFrom, regionDirectory } from "../support/processes/processes.js";
import { importPages, pageBytes, type Pages } from "../support/regions/pages.js";

const directory = regionDirectory();
let pages: Pages;
beforeAll(async () => {
  pages = await importPages();
});

/** A file with a page at an offset. The rest is a hole. */
function fileWith(name: string, offset: number, size = offset + 24, bytes = pageBytes(7)): string {
  const path = join(directory, name);
  const fd = fs.openSync(path, "w");
  fs.ftruncateSync(fd, size);
  fs.writeSync(fd, bytes, 0, bytes.length, offset);
  fs.closeSync(fd);
  return path;
}

function thrownBy(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}
const messageOf = (call: () => unknown): string => thrownBy(call).message;

const openDescriptors = (): number => fs.readdirSync("/proc/self/fd").length;

describe.each(["wasm", "view"] as const)("a window of a file, mapped as %s", (mapping) => {
  it.each([0, 8, 4088, 4096, 65_528, 65_536, 1_000_008])("begins %d bytes behind the file's start", (offset) => {
    const path = fileWith("window", offset, offset + 4096);
    using region = pages.Page.attach(path, { offset, mapping });
    expect([region.data.count, region.data.big, region.size, region.memory.byteLength]).toEqual([7, 7n, 4096, 4096]);
    expect([region.memory.text(0), region.memory.read("u32", 8)]).toEqual(["FOREIGN", 7]);
    expect(region.view({ offset: 8 }).read("u32", 0)).toBe(7);
    using writer = pages.Page.attach(path, { offset, length: 24, mapping, access: "read-write" });
    writer.data.count = 9;
    expect([region.data.count, writer.size, fs.readFileSync(path).readUInt32LE(offset + 8)]).toEqual([9, 24, 9]);
    expect(codeOf(() => writer.memory.read("u8", 24))).toBe("ERR_SHM_RANGE");
  });

  it("may lie beyond 4 GiB, in a file that no buffer could hold", () => {
    const offset = 5 * 2 ** 30;
    const path = fileWith("sparse", offset, offset + 2 ** 20);
    using far = pages.Page.attach(path, { offset, mapping });
    expect([far.data.count, far.size]).toEqual([7, 2 ** 20]);
    fs.writeSync(fs.openSync(path, "r+"), pageBytes(5), 0, 24, 0);
    using near = pages.Page.attach(path, { length: 4096, mapping });
    expect([near.data.count, near.size]).toEqual([5, 4096]);
    if (Number(process.versions.node.split(".")[0]) === 20) {
      const message = messageOf(() => pages.Page.attach(path, { mapping: "view" }));
      expect(message).toContain("attach a window of it: { offset, length }");
    }
    fs.rmSync(path);
  });

  it("a tail goes to the window's end", () => {
    const path = join(directory, "rows");
    fs.writeFileSync(path, new Uint8Array(BigUint64Array.from({ length: 100 }, (_, at) => BigInt(at)).buffer));
    using region = pages.Log.attach(path, { offset: 80, length: 48, mapping });
    expect([region.tailLength, region.data.rows.length, region.data.rows.at(4)]).toEqual([5, 5, 15n]);
    using open = pages.Log.attach(path, { offset: 80, mapping });
    expect([open.tailLength, open.data.rows.at(88)]).toEqual([89, 99n]);
  });
});

describe("a window that cannot be", () => {
  it("says what is wrong with it, in numbers, and leaves nothing open", () => {
    const path = fileWith("refused", 0, 200);
    const before = openDescriptors();
    const attach = (options: object) => (): unknown => pages.Page.attach(path, options);
    const wide = (offset: number) => (): unknown => pages.Wide.attach(path, { offset });
    expect(messageOf(wide(72))).toContain("Wide has to begin at a multiple of 64: offset=72");
    expect(messageOf(attach({ offset: 12 }))).toContain("offset is bytes, a multiple of 8: found=12");
    expect(messageOf(attach({ length: 16 }))).toContain("length is at least 24 bytes, which Page has: found=16");
    expect(messageOf(attach({ length: 208 }))).toBe(
      `the memory ends before the window does: field=length expected="at least 208 bytes" found=200 offset=0 length=208 ` +
        `path=${path}; what lies behind its end cannot be mapped: attach less, and refresh() when it has grown`,
    );
    expect(messageOf(attach({ offset: 184 }))).toContain(
      'too short for Page: field=big expected="at least 208 bytes" found=200 offset=184 fieldEndsAt=208',
    );
    for (const offset of [-8, 0.5, Number.NaN, 2 ** 60, "8"]) expect(codeOf(attach({ offset }))).toBe("ERR_SHM_RANGE");
    for (const length of [0, -1, 1.5, Infinity, "8"]) expect(codeOf(attach({ length }))).toBe("ERR_SHM_RANGE");
    expect(codeOf(attach({ offset: 2 ** 52 }))).toBe("ERR_SHM_FORMAT");
    expect([openDescriptors(), mappedFrom(path)]).toEqual([before, []]);
  });

  it("expected values are those of the window", () => {
    const path = fileWith("expected", 4096, 8192);
    expect(messageOf(() => pages.Page.attach(path))).toContain("field=magic expected=FOREIGN");
    pages.Page.attach(path, { offset: 4096 }).close();
  });
});

describe.each(["wasm", "view"] as const)("refresh, mapped as %s", (mapping) => {
  it("shows what the owner has appended, and says false where nothing has changed", () => {
    const path = fileWith("growing", 4088, 4088 + 24);
    using region = pages.Page.attach(path, { offset: 4088, mapping });
    const before = region.memory;
    expect([region.refresh(), region.memory === before]).toEqual([false, true]);
    for (const size of [9000, 70_000, 300_000]) {
      fs.truncateSync(path, size);
      fs.writeSync(fs.openSync(path, "r+"), "end", size - 3);
      expect([region.refresh(), region.size, region.memory.text(region.size - 3, 3)]).toEqual([
        true,
        size - 4088,
        "end",
      ]);
      expect([region.data.count, before.read("u32", 8), before.byteLength]).toEqual([7, 7, 24]);
    }
    expect(region.refresh()).toBe(false);
  });

  it("a window with a length stays as it is while the file grows", () => {
    const path = fileWith("fixed", 0, 100);
    using region = pages.Page.attach(path, { length: 64, mapping });
    fs.truncateSync(path, 10_000);
    expect([region.refresh(), region.size]).toEqual([false, 64]);
  });

  it("of a file that was cut short takes the lost pages out of reach before they end the process", () => {
    const path = fileWith("shrinking", 0, 40_000);
    using region = pages.Page.attach(path, { mapping });
    const { memory, data } = region;
    fs.truncateSync(path, 5000);
    expect([region.refresh(), region.size, region.data.count]).toEqual([true, 5000, 7]);
    // Older views know the old length: a read there would end the process (SIGBUS) without refresh.
    expect([memory.byteLength, memory.read("u64", 30_000), data.count]).toEqual([40_000, 0n, 7]);
    expect(codeOf(() => region.memory.read("u8", 5000))).toBe("ERR_SHM_RANGE");
    fs.truncateSync(path, 10);
    expect(messageOf(() => region.refresh())).toBe(
      `the file was made shorter than Page: field=Page expected="at least 24 bytes" found=10 path=${path}; attach it again ` +
        "once its owner has written it; what was there reads as zeros now",
    );
    fs.truncateSync(path, 0);
    expect(codeOf(() => region.refresh())).toBe("ERR_SHM_FORMAT");
    expect(region.data.count).toBe(0);
    fs.writeFileSync(path, Buffer.concat([pageBytes(11), Buffer.alloc(40_000 - 24)]));
    expect([region.refresh(), region.size, region.data.count]).toEqual([true, 40_000, 11]);
    fs.truncateSync(path, 0);
    // Printing asks for the length first.
    expect(inspect(region)).toContain("[its file is shorter than the region]");
  });

  it("a tail that was cut short has fewer elements, and those of older views are zeros", () => {
    const path = join(directory, "cut-rows");
    fs.writeFileSync(path, new Uint8Array(BigUint64Array.from({ length: 10_000 }, (_, at) => BigInt(at)).buffer));
    using region = pages.Log.attach(path, { mapping });
    const { data } = region;
    fs.truncateSync(path, 800);
    expect([region.refresh(), region.tailLength, region.data.rows.at(98)]).toEqual([true, 99, 99n]);
    expect([data.rows.length, data.rows.at(9000)]).toEqual([9999, 0n]);
  });
});

describe("a foreign file", () => {
  it("that is missing is its owner's to make", () => {
    const path = join(directory, "nobody-made-it");
    const call = (): unknown => pages.Page.attach(path);
    expect(messageOf(call)).toBe(
      `there is no such file of another program: errno=ENOENT syscall=open path=${path}; the program that owns it has to run, ` +
        "and makes it; check the path as well",
    );
    expect(call).toThrow(
      expect.objectContaining({ code: "ERR_SHM_NOT_FOUND", errno: "ENOENT", path } satisfies Partial<ShmError>),
    );
    expect(messageOf(() => pages.Page.attach(`${path}/deeper`))).not.toContain("create it first");
  });

  it("that is a device is told of attachFd", () => {
    expect(messageOf(() => pages.Page.attach("/dev/zero"))).toContain("attachFd(fd, { length })");
  });

  it("says whether its path still leads to it, through links as well, and when that ends", async () => {
    const path = fileWith("current", 0);
    const link = join(directory, "link");
    fs.symlinkSync(path, link);
    using direct = pages.Page.attach(path);
    using linked = pages.Page.attach(link);
    expect([direct.isCurrent(), linked.isCurrent()]).toEqual([true, true]);
    const removed = new Promise((resolve) => linked.onRemoved(resolve));
    fs.rmSync(path);
    expect([direct.isCurrent(), linked.isCurrent()]).toEqual([false, false]);
    expect(await removed).toEqual({ path: link, replaced: false });
  });

  it("whose bytes a terminal would obey is described without them", () => {
    const hostile = ["\u001b[31mRED", "\u009b31m\r\n\t", "\u0007\b\u007f\u0000\u0000\u0000", "\u001b]0;hi\u0007"];
    for (const magic of hostile) {
      const path = fileWith("hostile", 0, 24, pageBytes(1, magic));
      const message = messageOf(() => pages.Page.attach(path));
      expect(message).toContain("field=magic expected=FOREIGN found=");
      expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      // As Node shows an error that nobody catches: message, stack and facts.
      const shown = inspect(thrownBy(() => pages.Page.attach(path)));
      expect(shown.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });
});

describe("attachFd of memory that is another program's", () => {
  it("maps files and memory without a name, leaves the descriptor open, and follows their growth", () => {
    const path = fileWith("by-descriptor", 4096, 8192);
    const fd = fs.openSync(path, "r");
    const before = openDescriptors();
    using region = pages.Page.attachFd(fd, { offset: 4096 });
    expect([region.path, region.data.count, region.outcome, region.isCurrent()]).toEqual([path, 7, "attached", true]);
    fs.closeSync(fd);
    fs.truncateSync(path, 20_000);
    expect([region.refresh(), region.size, region.data.count]).toEqual([true, 15_904, 7]);
    region.close();
    expect(openDescriptors()).toBe(before - 1);
  });

  it("a descriptor for reading gives no more, and a number of none is refused", () => {
    const fd = fs.openSync(fileWith("for-reading", 0), "r");
    expect(codeOf(() => pages.Page.attachFd(fd, { access: "read-write" }))).toBe("ERR_SHM_READ_ONLY");
    fs.closeSync(fd);
    expect(codeOf(() => pages.Page.attachFd(fd))).toBe("ERR_SHM_NOT_FOUND");
    for (const bad of [-1, 1.5, Number.NaN, 2 ** 31, "3"]) {
      expect(codeOf(() => pages.Page.attachFd(bad as number))).toBe("ERR_SHM_RANGE");
    }
  });

  it("memory without a name is mapped, and says whether it is sealed", () => {
    using region = Counter.createAnonymous();
    region.data.count = 5;
    using seen = pages.Log.attachFd(region.descriptor, { offset: 128, length: 64 });
    expect([seen.path, seen.data.count, seen.sealed, seen.isCurrent()]).toEqual([region.path, 5n, true, true]);
    region.data.count = 6;
    expect([seen.data.count, seen.refresh()]).toEqual([6n, false]);
    using handedOn = pages.Log.attachFd(seen.descriptor, { offset: 128 });
    expect(handedOn.data.count).toBe(6n);
  });

  it("maps the rings of io_uring, each at the offset that stands for it", ({ skip }) => {
    const [IO_URING_SETUP, ENTRIES, SQES] = [425, 8, 0x1000_0000];
    const setup = koffi.load(null).func("syscall", "long", ["long", "uint32_t", "void *"]);
    const params = new Uint32Array(30);
    const fd = Number(setup(IO_URING_SETUP, ENTRIES, params));
    skip(fd < 0, "io_uring_setup is refused here");
    // struct io_sqring_offsets, behind ten words: head, tail, ring_mask, ring_entries.
    const [mask = 0, entries = 0] = params.subarray(12, 14);
    using ring = pages.Log.attachFd(fd, { length: 4096 });
    expect([ring.memory.read("u32", mask), ring.memory.read("u32", entries)]).toEqual([ENTRIES - 1, ENTRIES]);
    using queue = pages.Log.attachFd(fd, { offset: SQES, length: ENTRIES * 64, access: "read-write" });
    queue.data.count = 1n;
    expect([queue.data.count, queue.size, ring.path]).toEqual([1n, 512, "anon_inode:[io_uring]"]);
    fs.closeSync(fd);
  });

  it("what has no size needs a length; pipes and directories cannot be mapped", () => {
    const zero = fs.openSync("/dev/zero", "r+");
    expect(messageOf(() => pages.Log.attachFd(zero))).toContain("length is needed");
    const before = openDescriptors();
    using region = pages.Log.attachFd(zero, { length: 4096, access: "read-write" });
    region.data.count = 3n;
    expect([region.data.count, region.tailLength, region.refresh(), openDescriptors()]).toEqual([
      3n,
      511,
      false,
      before,
    ]);
    expect(messageOf(() => pages.Page.attachFd(zero, { length: 4096 }))).toContain("field=magic");
    const folder = fs.openSync(directory, "r");
    expect(codeOf(() => pages.Log.attachFd(folder, { length: 4096 }))).toBe("ERR_SHM_FOREIGN");
    for (const fd of [zero, folder]) fs.closeSync(fd);
  });
});
