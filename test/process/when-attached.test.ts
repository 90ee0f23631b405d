/** Waiting for memory that another program makes: files and segments that come, grow and are written while somebody waits. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { COMPILERS, compileProgram, withoutCompilers } from "../support/c/gcc.js";
import { codeOf, regionDirectory } from "../support/processes/processes.js";
import { importPages, pageBytes, type Pages } from "../support/regions/pages.js";

const directory = regionDirectory();
let pages: Pages;
beforeAll(async () => {
  pages = await importPages();
});

/** Long enough for any machine: nothing here ends by it. */
const LONG = { timeoutMs: 60_000 };
const rejected = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => Promise.reject(new Error("it was attached")),
    (error: Error) => error,
  );

/** Whether a wait has ended after some looks of it. */
async function isPending(waiting: Promise<unknown>): Promise<boolean> {
  const still = Symbol("still");
  return (await Promise.race([waiting, sleep(100, still)])) === still;
}

describe("whenAttached waits for a file", () => {
  it("until it is there, long enough, and has what is expected", async () => {
    const path = join(directory, "coming", "page");
    const waiting = pages.Page.whenAttached(path, LONG);
    expect(await isPending(waiting)).toBe(true);
    fs.mkdirSync(join(directory, "coming"));
    fs.writeFileSync(path, "");
    expect(await isPending(waiting)).toBe(true);
    fs.truncateSync(path, 20);
    expect(await isPending(waiting)).toBe(true);
    fs.truncateSync(path, 24);
    expect(await isPending(waiting)).toBe(true);
    const fd = fs.openSync(path, "r+");
    fs.writeSync(fd, pageBytes(7), 0, 24, 0);
    fs.closeSync(fd);
    using region = await waiting;
    expect([region.data.count, region.readOnly, region.outcome, region.isCurrent()]).toEqual([
      7,
      true,
      "attached",
      true,
    ]);
  });

  it("as long as a window of it, written where that was asked for", async () => {
    const path = join(directory, "window");
    fs.writeFileSync(path, pageBytes(1));
    const waiting = pages.Page.whenAttached(path, { ...LONG, offset: 24, length: 24, access: "read-write" });
    expect(await isPending(waiting)).toBe(true);
    fs.appendFileSync(path, pageBytes(2));
    using region = await waiting;
    region.data.count = 3;
    expect(fs.readFileSync(path).readUInt32LE(32)).toBe(3);
  });

  it("and says what the last look has found, when the time is over", async () => {
    const path = join(directory, "never");
    const absent = await rejected(pages.Page.whenAttached(path, { timeoutMs: 30 }));
    expect(absent).toMatchObject({ code: "ERR_SHM_NOT_READY", path, cause: { code: "ERR_SHM_NOT_FOUND" } });
    expect(absent.message).toBe(
      `the memory of another program was not there in time: waitedMs=30 last=ERR_SHM_NOT_FOUND path=${path}; ` +
        "start that program, or wait longer (timeoutMs)",
    );
    fs.writeFileSync(path, "x");
    const short = await rejected(pages.Page.whenAttached(path, { timeoutMs: 30 }));
    expect(short).toMatchObject({ code: "ERR_SHM_NOT_READY", cause: { code: "ERR_SHM_FORMAT" } });
    await expect(pages.Page.whenAttached(path, { timeoutMs: 0 })).rejects.toMatchObject({ code: "ERR_SHM_NOT_READY" });
  });

  it("until the signal ends it, with its reason", async () => {
    const control = new AbortController();
    const path = join(directory, "aborted");
    const waiting = rejected(pages.Page.whenAttached(path, { timeoutMs: Infinity, signal: control.signal }));
    const reason = new Error("enough");
    control.abort(reason);
    expect(await waiting).toBe(reason);
    fs.writeFileSync(path, pageBytes(1));
    expect(await rejected(pages.Page.whenAttached(path, { signal: control.signal }))).toBe(reason);
  });

  it("and keeps the process alive meanwhile", async () => {
    const path = join(directory, "alive");
    const script = `
      const { foreignBase } = await import("@shmgen/runtime/codegen-v1");
      const { Counter } = await import(${JSON.stringify(join(import.meta.dirname, "../support/regions/counter.mjs"))});
      const { accessor, reader } = Counter.definition;
      const Page = foreignBase(() => ({ accessor, reader, expects: [] }));
      Page.whenAttached(${JSON.stringify(path)}, { timeoutMs: Infinity }).then((region) => console.log(region.size));
      console.log("waits");`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      cwd: import.meta.dirname,
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      let text = "";
      child.stdout.on("data", (chunk) => (text += String(chunk)));
      await once(child.stdout, "data");
      await sleep(300);
      expect(child.exitCode).toBeNull();
      fs.writeFileSync(path, Buffer.alloc(4096));
      expect(await once(child, "exit")).toEqual([0, null]);
      expect(text).toBe("waits\n4096\n");
    } finally {
      child.kill("SIGKILL");
    }
  });
});

describe("whenAttached refuses at once", () => {
  it("what is written and not as expected, what is no file, and what is no place", async () => {
    const path = join(directory, "other");
    fs.writeFileSync(path, pageBytes(7, "STRANGE\0"));
    const strange = await rejected(pages.Page.whenAttached(path, LONG));
    expect(strange).toMatchObject({ code: "ERR_SHM_FORMAT", field: "magic", found: "STRANGE" });
    await expect(pages.Page.whenAttached(directory, LONG)).rejects.toMatchObject({ code: "ERR_SHM_FOREIGN" });
    for (const wrong of ["", "a\0b", null, undefined, {}, [], 0, 1.5, { id: -1 }, Symbol("s")]) {
      await expect(pages.Page.whenAttached(wrong as never, LONG)).rejects.toMatchObject({ code: "ERR_SHM_RANGE" });
    }
    for (const wrong of [{ offset: 4 }, { length: 0 }, { length: 8 }, { access: "private" }, { cleanup: "keep" }]) {
      await expect(pages.Page.whenAttached(path, { ...LONG, ...wrong } as never)).rejects.toMatchObject({
        code: "ERR_SHM_RANGE",
      });
    }
  });

  it("names of Windows, on other systems, with what to use", async () => {
    const place = { mapping: "Local\\Game" };
    const refused = await rejected(pages.Page.whenAttached(place, LONG));
    expect(refused).toMatchObject({ code: "ERR_SHM_UNSUPPORTED", path: "mapping:Local\\Game" });
    expect(refused.message).toMatch(/on Windows alone: .*; attach what the program has here: a file/);
    expect(codeOf(() => pages.Page.attach(place, { access: "read-write" }))).toBe("ERR_SHM_UNSUPPORTED");
  });

  it.each(["", "\\Game", "Local\\", "local\\Game", "Local\\a\\b", "Game\0", 7, undefined, null])(
    "what is no such name: %j",
    async (mapping) => {
      expect(codeOf(() => pages.Page.attach({ mapping } as never))).toBe("ERR_SHM_RANGE");
      await expect(pages.Page.whenAttached({ mapping } as never)).rejects.toMatchObject({ code: "ERR_SHM_RANGE" });
    },
  );
});

describe.skipIf(withoutCompilers !== undefined)("whenAttached waits for a segment of System V", () => {
  /** As no other program of this machine has. */
  const KEY = 0x7369_0000 | (process.pid & 0xffff);
  const owners: ChildProcess[] = [];
  beforeAll(() => {
    const [c] = COMPILERS;
    fs.copyFileSync(join(import.meta.dirname, "../support/c/sysv-owner.c"), join(directory, "sysv-owner.c"));
    compileProgram(c!, { folder: directory, source: "sysv-owner.c", program: "sysv-owner", flags: ["-D_GNU_SOURCE"] });
  });
  afterEach(async () => {
    for (const child of owners.splice(0)) {
      child.stdin?.end();
      if (child.exitCode === null) await once(child, "exit");
    }
  });
  const own = async (size: number): Promise<number> => {
    const child = spawn(join(directory, "sysv-owner"), [String(KEY), String(size)]);
    owners.push(child);
    return Number(String(((await once(child.stdout, "data")) as [Buffer])[0]).split(" ")[0]);
  };

  it("by its key, until somebody makes it", async () => {
    const waiting = pages.Page.whenAttached(KEY, LONG);
    expect(await isPending(waiting)).toBe(true);
    const id = await own(4096);
    using region = await waiting;
    using byId = await pages.Page.whenAttached({ id }, LONG);
    expect([region.data.count, byId.data.count, region.size]).toEqual([7, 7, 4096]);
  });

  it("and not for one that is too short for ever", async () => {
    await own(100);
    const refused = await rejected(pages.Page.whenAttached(KEY, { ...LONG, length: 4096 }));
    expect(refused).toMatchObject({ code: "ERR_SHM_FORMAT", expected: "at least 4096 bytes", found: 100 });
    expect(refused.message).toMatch(/its size never changes/);
  });
});
