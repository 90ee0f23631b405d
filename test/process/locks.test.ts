/** The real runtime against the steps of test/model: which lock is asked for when, and what others meet in between. */
import { execFile } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Counter, counterOf } from "../support/regions/counter.mjs";
import { codeOf, regionDirectory, startProcess } from "../support/processes/processes.js";
import { ownDirectory, straceWorks } from "../support/syscalls/strace.js";

const base = regionDirectory();
const title = straceWorks ? "" : " (skipped: strace is missing or may not trace here)";
const DELAY_US = 500_000;

/** A process whose calls on one region are traced, with something injected. */
interface Traced {
  /** Of the region's file or directory, in order. */
  lines(): string[];
  /** Waits until so many flock calls are done, and a little longer, so that the next traced call has begun. */
  afterLocks(count: number): Promise<void>;
  /** What the process printed: outcome, count and generation, or a code. */
  readonly said: Promise<string>;
}

/** Runs `Counter.createOrOpen("x")` or the like, then `close()`, under strace. `inject` is an expression of strace's. */
function traced(directory: string, expression: string, inject: string): Traced {
  const log = `${directory}.strace`;
  const script = `
    const { Counter, counterOf } = await import(${JSON.stringify(join(import.meta.dirname, "../support/regions/counter.mjs"))});
    try {
      const region = ${expression};
      console.log(region.outcome, region.data.count, region.generation);
      region.close();
    } catch (error) {
      console.log(error.code ?? error.message);
    }`;
  const args = ["-f", "-qq", "-y", "-o", log, "-P", directory, "-P", join(directory, "x")];
  args.push("-e", "trace=flock,close,pread64,fallocate,mmap", ...(inject === "" ? [] : ["-e", inject]));
  const env = { ...process.env, SHMGEN_DIR: directory };
  const said = new Promise<string>((resolve) => {
    execFile("strace", [...args, process.execPath, "--input-type=module", "-e", script], { env }, (_error, out) =>
      resolve(out.trim()),
    );
  });
  const lines = (): string[] => (fs.existsSync(log) ? fs.readFileSync(log, "utf8").split("\n").slice(0, -1) : []);
  const afterLocks = async (count: number): Promise<void> => {
    for (let round = 0; lines().filter((line) => line.includes("flock(")).length < count; round += 1) {
      if (round > 6000) throw new Error(`not reached: ${count} locks of ${expression}\n${lines().join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  };
  return { lines, afterLocks, said };
}

/** "[SH EX! SH] close": the calls on the file, in brackets those under the lifecycle lock; "!" is a refusal. */
function locksOf(lines: readonly string[], directory: string): string {
  let text = "";
  for (const line of lines) {
    const [, name, path, rest = ""] = /(flock|close)\(\d+<([^>]*)>(.*)/.exec(line) ?? [];
    if (name === undefined) continue;
    if (path === directory) text += name === "close" ? "] " : rest.endsWith("= 0") ? "[" : "";
    else text += `${name === "close" ? name : rest.slice(7, 9)}${rest.includes("= -1") ? "! " : " "}`;
  }
  return text.replaceAll(" ]", "]").trim();
}

function leaveBehind(directory: string): void {
  const region = Counter.createOrOpen("x", { directory, cleanup: "keep" });
  region.data.count = 41;
  region.close();
}

const exists = (directory: string): boolean => fs.existsSync(join(directory, "x"));

describe.skipIf(!straceWorks)(
  `locks are asked for in the order of docs/PROTOCOL.md${title} [N-11 N-12 N-15 N-19 N-23]`,
  () => {
    const cases: readonly (readonly [string, "absent" | "left" | "live", string, string, string, string])[] = [
      ["create", "absent", 'Counter.createOrOpen("x")', "created 0 1", "[SH EX] [SH] [EX close]", ""],
      ["reinitialise", "left", 'Counter.createOrOpen("x")', "reinitialised 0 2", "[SH EX] [SH] [EX close]", ""],
      ["open", "live", 'Counter.open("x")', "opened 41 1", "[SH EX! SH] [EX! close]", ""],
      ["keep", "left", 'Counter.createOrOpen("x", { onStale: "keep" })', "opened 41 1", "[SH EX SH] [EX close]", ""],
      ["stay", "absent", 'Counter.createOrOpen("x", { cleanup: "keep" })', "created 0 1", "[SH EX] [SH] close", ""],
      ["stale", "left", 'Counter.open("x")', "ERR_SHM_STALE", "[SH EX close]", ""],
      ["throw", "left", 'Counter.createOrOpen("x", { onStale: "throw" })', "ERR_SHM_STALE", "[SH EX close]", ""],
      ["exists", "live", 'Counter.create("x")', "ERR_SHM_EXISTS", "[SH EX! SH close]", ""],
      ["version", "live", 'counterOf({ version: 2 }).open("x")', "ERR_SHM_VERSION", "[SH EX! SH close]", ""],
      ["type", "left", 'counterOf({ typeId: 9 }).createOrOpen("x")', "ERR_SHM_FORMAT", "[SH EX close]", ""],
      [
        "a throwing initialise",
        "left",
        'Counter.createOrOpen("x", { initialise() { throw new Error("boom"); } })',
        "boom",
        "[SH EX] [EX close]",
        "",
      ],
      [
        "no space",
        "left",
        'Counter.createOrOpen("x")',
        "ERR_SHM_NO_SPACE",
        "[SH EX] [close]",
        "inject=fallocate:error=ENOSPC",
      ],
      [
        "no memory to map a live one",
        "live",
        'Counter.open("x")',
        "ERR_SHM_SYSCALL",
        "[SH EX! SH] [EX! close]",
        "inject=mmap:error=ENOMEM",
      ],
      [
        "fault 5 a lock that is lost on the way to shared",
        "left",
        'Counter.createOrOpen("x")',
        "ERR_SHM_BUSY",
        "[SH EX] [SH!] [EX close]",
        "inject=flock:error=EAGAIN:when=5",
      ],
    ];
    it.each(cases)("%s (%s)", async (_name, before, expression, outcome, locks, inject) => {
      const directory = ownDirectory(base);
      if (before !== "absent") leaveBehind(directory);
      const live = before === "live" ? Counter.createOrOpen("x", { directory, onStale: "keep" }) : undefined;
      const life = traced(directory, expression, inject);
      expect(await life.said).toBe(outcome);
      expect(locksOf(life.lines(), directory)).toBe(locks);
      // What was removed and what stays: the step that removes needs the exclusive lock.
      expect(exists(directory)).toBe(!locks.endsWith("EX close]") || locks === "[SH EX close]");
      live?.close();
    });
  },
);

describe.skipIf(!straceWorks)(`what happens between two locks${title} [N-12 N-22]`, () => {
  it.each((["left", "empty"] as const).flatMap((before) => [2, 3, 4].map((when) => [before, when] as const)))(
    "the holder of the exclusive lock dies before an opener's lock call: %s, call %i [faults 1 5 24]",
    async (before, when) => {
      const directory = ownDirectory(base);
      if (before === "left") leaveBehind(directory);
      else fs.writeFileSync(join(directory, "x"), "", { mode: 0o600 });
      const holder = await startProcess();
      // An initialiser that has not stored anything yet.
      const path = join(directory, "x");
      expect(await holder.run(({ tryExclusive, fs }, path) => tryExclusive(fs.openSync(path, "r"), path), path)).toBe(
        true,
      );
      const expression = 'Counter.createOrOpen("x", { timeoutMs: 20000 })';
      const opener = traced(directory, expression, `inject=flock:delay_enter=${DELAY_US}:when=${when}`);
      await opener.afterLocks(when - 1);
      await holder.kill();
      expect(await opener.said).toBe(before === "left" ? "reinitialised 0 2" : "created 0 1");
      expect(exists(directory)).toBe(false);
    },
  );

  it.each([
    ["STALE", 'Counter.open("x")'],
    ["STALE", 'Counter.openReadOnly("x")'],
    ["STALE", 'Counter.createOrOpen("x", { onStale: "throw" })'],
    ["VERSION", 'counterOf({ version: 2 }).createOrOpen("x", { onStale: "keep" })'],
  ])("create is not told that a left-over exists while somebody looks at it: %s", async (code, expression) => {
    for (const call of ["pread64", "close"]) {
      const directory = ownDirectory(base);
      leaveBehind(directory);
      const looker = traced(directory, expression, `inject=${call}:delay_enter=${DELAY_US}`);
      await looker.afterLocks(3);
      const region = Counter.create("x", { directory });
      expect([region.outcome, region.data.count]).toEqual(["reinitialised", 0]);
      region.close();
      expect(await looker.said).toBe(`ERR_SHM_${code}`);
    }
  });

  it.each([
    ["VERSION", "pread64", 'counterOf({ version: 2 }).open("x")', ""],
    ["EXISTS", "close", 'Counter.create("x")', ""],
    ["SYSCALL", "mmap", 'Counter.open("x")', ":error=ENOMEM"],
  ])(
    "the file does not outlive its last user, who leaves while an opener gives up: %s, in %s [fault 24]",
    async (code, call, expression, error) => {
      const directory = ownDirectory(base);
      const region = Counter.createOrOpen("x", { directory });
      // Who leaves waits for a second at most, and what the opener does besides takes several tenths of it on a busy machine;
      // header and description are read one after the other.
      const delay = DELAY_US * 0.12;
      const looker = traced(directory, expression, `inject=${call}:delay_enter=${delay}${error}`);
      await looker.afterLocks(4);
      region.close();
      expect(await looker.said).toBe(`ERR_SHM_${code}`);
      expect(exists(directory)).toBe(false);
    },
  );
});

it("a region that is made anew smaller leaves no byte of the old one in the file, which does not shrink [faults 6 18]", () => {
  const directory = ownDirectory(base);
  const wide = counterOf({ tailStride: 8, fingerprint: "00000000000000aa" });
  const old = wide.createOrOpen("x", { directory, tailLength: 100_000, cleanup: "keep" });
  old.memory.u8.fill(0xa5, 4096, 700_000);
  old.close();
  const { size } = fs.statSync(join(directory, "x"));
  const region = wide.createOrOpen("x", { directory, tailLength: 1 });
  expect([region.outcome, region.size]).toEqual(["reinitialised", 4096]);
  const bytes = fs.readFileSync(join(directory, "x"));
  expect(bytes.length).toBe(size);
  expect(bytes.subarray(4096).every((byte) => byte === 0)).toBe(true);
  region.close();
});

it("data far behind zeros is found before anything is stored, and the file's lock is given up [fault 47]", () => {
  const directory = ownDirectory(base);
  const path = join(directory, "x");
  fs.writeFileSync(path, Buffer.concat([Buffer.alloc(1 << 20), Buffer.from("data")]), { mode: 0o600 });
  const before = fs.readFileSync(path);
  for (let round = 0; round < 2; round += 1) {
    expect(codeOf(() => Counter.createOrOpen("x", { directory, timeoutMs: 0 }))).toBe("ERR_SHM_FOREIGN");
    expect(codeOf(() => Counter.create("x", { directory }))).toBe("ERR_SHM_FOREIGN");
  }
  expect(fs.readFileSync(path).equals(before)).toBe(true);
});
