/** Reads of memory that a program in C writes without a lock, guarded by counters as such programs have them. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Flyweight,
  type FlyweightReader,
  type ShmError,
  snapshot,
  stable,
  type StableOptions,
} from "@shmgen/runtime";
import type { ForeignBase } from "@shmgen/runtime/codegen-v1";
import { COMPILERS, compileProgram, withoutCompilers } from "../support/c/gcc.js";
import { regionDirectory, until } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { importSchema } from "../support/schemas/generated.js";

const directory = regionDirectory();
const READ_MS = byDepth(1000, 10_000, 60_000);

type Words = ArrayLike<bigint> & { [Symbol.iterator](): Iterator<bigint> };
interface Pair extends Flyweight {
  begin: number;
  end: number;
  readonly words: Words;
}
interface Head extends Flyweight {
  readonly filler: number;
  sequence: number;
}
interface Even extends Flyweight {
  readonly head: Head;
  readonly words: Words;
}
interface Slot extends Flyweight {
  tick: number;
  readonly number: number;
  readonly words: Words;
}
interface Newest extends Flyweight {
  inUse: number;
  readonly slots: { readonly length: number; at(index: number): Slot };
}
interface Guarded {
  readonly Pair: ForeignBase<Pair, Pair & FlyweightReader>;
  readonly Even: ForeignBase<Even, Even & FlyweightReader>;
  readonly Newest: ForeignBase<Newest, Newest & FlyweightReader>;
  readonly Big: ForeignBase<Head, Head & FlyweightReader>;
}

const SCHEMA = `
import type { Foreign, array, be, i32, u32, u64 } from "@shmgen/schema";
export interface Pair extends Foreign { begin: u32; end: u32; words: array<u64, 64> }
export interface Head { filler: u32; sequence: u32 }
export interface Even extends Foreign { head: Head; words: array<u64, 64> }
export interface Slot { tick: i32; number: u32; words: array<u64, 64> }
export interface Newest extends Foreign { inUse: u32; filler: u32; slots: array<Slot, 4> }
export interface Big extends Foreign { filler: u32; sequence: be<u32> }
`;

let guarded: Guarded;
const writers: ChildProcess[] = [];
beforeAll(async () => {
  guarded = await importSchema({ "guarded.shm.ts": SCHEMA }, "guarded.shm.ts");
});
afterAll(() => {
  for (const child of writers) child.kill("SIGKILL");
});

function blank(name: string): string {
  const path = join(directory, name);
  fs.writeFileSync(path, Buffer.alloc(4096));
  return path;
}

function refused(call: () => unknown): ShmError {
  try {
    call();
  } catch (error) {
    return error as ShmError;
  }
  throw new Error("nothing was thrown");
}

/** The one number that all words have; undefined for a mixture. */
function numberIn(words: Words): bigint | undefined {
  const all = [...words];
  return all.every((word) => word === all[0]) ? all[0] : undefined;
}

describe.skipIf(withoutCompilers !== undefined)("memory that a foreign writer guards", () => {
  beforeAll(() => {
    const [c] = COMPILERS;
    const flags = ["-O2", "-D_GNU_SOURCE"];
    fs.copyFileSync(join(import.meta.dirname, "../support/c/guarded-writer.c"), join(directory, "guarded-writer.c"));
    compileProgram(c!, { folder: directory, source: "guarded-writer.c", program: "guarded-writer", flags });
  });

  function write(path: string, kind: string, dieAt = 0): ChildProcess {
    const child = spawn(join(directory, "guarded-writer"), [path, kind, String(dieAt)], {
      stdio: ["pipe", "inherit", "inherit"],
    });
    writers.push(child);
    return child;
  }

  /** The words of each kind, read without a look at its counters, and by them. */
  function readers(
    kind: string,
    path: string,
    options: StableOptions = {},
  ): { readonly torn: () => Words; readonly whole: () => Words; close(): void } {
    const copy = (words: Words): Words => [...words];
    if (kind === "pair") {
      const region = guarded.Pair.attach(path);
      const whole = (): Words => stable(region, { begin: "begin", end: "end" }, ({ words }) => copy(words), options);
      return { torn: () => copy(region.data.words), whole, close: () => region.close() };
    }
    if (kind === "even") {
      const region = guarded.Even.attach(path);
      const whole = (): Words => stable(region, { even: "head.sequence" }, ({ words }) => copy(words), options);
      return { torn: () => copy(region.data.words), whole, close: () => region.close() };
    }
    const region = guarded.Newest.attach(path);
    const guard = { newest: "slots", tick: "tick", count: "inUse" } as const;
    const whole = (): Words => stable(region, guard, (_page, { words }) => copy(words), options);
    return { torn: () => copy(region.data.slots.at(1).words), whole, close: () => region.close() };
  }

  it.each(["pair", "even", "newest"])(
    "is read whole by its counters, and in mixtures without a look at them: %s",
    async (kind) => {
      const path = blank(kind);
      const { torn, whole, close } = readers(kind, path, { timeoutMs: 10_000 });
      const child = write(path, kind);
      await until(() => (numberIn(torn()) ?? 1n) > 0n, "the writer to begin");
      let [mixtures, mixed, reads, last] = [0, 0, 0, 0n];
      const ends = performance.now() + READ_MS;
      // A machine that does much else may take longer to show why counters are needed.
      while (performance.now() < ends || (mixtures === 0 && performance.now() < ends + 20_000)) {
        for (let times = 0; times < 4; times += 1) if (numberIn(torn()) === undefined) mixtures += 1;
        const number = numberIn(whole());
        if (number === undefined) mixed += 1;
        else expect(number >= last).toBe(true);
        last = number ?? last;
        reads += 1;
      }
      console.log(`${kind}: ${reads} reads of ${last} writes, 0 of them torn; without counters ${mixtures}`);
      expect([mixed, reads > 100, mixtures > 0, child.exitCode]).toEqual([0, true, true, null]);
      child.stdin?.end();
      await once(child, "exit");
      expect(numberIn(whole())).toBeGreaterThanOrEqual(last);
      close();
    },
    READ_MS + 30_000,
  );

  it.each([
    ["pair", 'field=Pair.begin expected="two equal numbers" found="Pair.begin=1000 Pair.end=999"'],
    ["even", "found=Even.head.sequence=1999"],
  ])("is refused with what the counters say when its writer was killed in the middle: %s", async (kind, said) => {
    const path = blank(`killed-${kind}`);
    const { whole, close } = readers(kind, path);
    const [, signal] = await once(write(path, kind, 1000), "exit");
    expect(signal).toBe("SIGKILL");
    const begun = performance.now();
    const { code, message } = refused(whole);
    expect([code, performance.now() - begun > 99, performance.now() - begun < 1000]).toEqual([
      "ERR_SHM_BUSY",
      true,
      true,
    ]);
    expect(message).toContain("the memory was never whole: a write has begun and not ended");
    expect(message).toContain(said);
    expect(message).toContain("its writer has stopped or died in the middle");
    close();
  });

  it("is read on when its writer was killed in one of several buffers", async () => {
    const path = blank("killed-newest");
    const { whole, close } = readers("newest", path);
    await once(write(path, "newest", 1000), "exit");
    expect(numberIn(whole())).toBe(999n);
    close();
  });
});

describe("stable()", () => {
  it("calls a read again that a write has disturbed, whatever it gave or threw, and throws what a read of whole memory throws", () => {
    using region = guarded.Pair.attach(blank("disturbed"), { access: "read-write" });
    const { data } = region;
    let calls = 0;
    const disturbed = (): number => {
      calls += 1;
      if (calls < 4) data.begin = data.end = data.begin + 1;
      if (calls === 2) throw new Error("torn");
      return calls;
    };
    expect(stable(region, { begin: "begin", end: "end" }, disturbed)).toBe(4);
    const mistake = new Error("not by tearing");
    const call = (): never => {
      throw mistake;
    };
    expect(() => stable(region, { begin: "begin", end: "end" }, call)).toThrow(mistake);
    expect(stable(region, { begin: "begin", end: "end" })).toEqual(snapshot(data));
  });

  it("is told of memory that never rests", () => {
    using region = guarded.Even.attach(blank("restless"), { access: "read-write" });
    const { head } = region.data;
    const restless = (): void => void (head.sequence += 2);
    const { code, message } = refused(() => stable(region, { even: "head.sequence" }, restless, { timeoutMs: 5 }));
    expect(code).toBe("ERR_SHM_BUSY");
    expect(message).toContain("its writer was at work during each read");
    expect(message).toMatch(/tries=\d+ waitedMs=5 path=.*restless; read less in one go, or try longer \(timeoutMs\)/);
    head.sequence = 1;
    const once = refused(() => stable(region, { even: "head.sequence" }, undefined, { timeoutMs: 0 }));
    expect(once.message).toContain("tries=16 waitedMs=0");
  });

  it("knows the parity of counters in the other order of bytes", () => {
    const path = blank("big");
    using region = guarded.Big.attach(path, { access: "read-write" });
    region.data.sequence = 256;
    expect(stable(region, { even: "sequence" }, ({ sequence }) => sequence, { timeoutMs: 0 })).toBe(256);
    region.data.sequence = 1;
    expect(refused(() => stable(region, { even: "sequence" }, undefined, { timeoutMs: 0 })).message).toContain("=1 ");
  });

  it("refuses what is no counter, no guard, no copy and no region, in words", () => {
    using region = guarded.Even.attach(blank("refused"));
    using buffers = guarded.Newest.attach(blank("unused"), { access: "read-write" });
    const guards: readonly (readonly [unknown, RegExp])[] = [
      [{ even: "words" }, /no counter.*found="array<u64, 64>"/],
      [{ even: "head" }, /no counter/],
      [{ even: "nothing.at.all" }, /no counter.*no such field/],
      [{ even: "head.sequence", begin: "head.sequence" }, /guard is \{ begin, end \}, \{ even \} or/],
      [{ begin: "head.sequence" }, /guard is/],
      [{}, /guard is/],
      [undefined, /guard is/],
      ["head.sequence", /guard is/],
      [{ newest: "head", tick: "sequence" }, /no buffers that are written in turn/],
    ];
    for (const [guard, said] of guards) expect(() => stable(region, guard as never)).toThrow(said);
    const one = { newest: "slots", tick: "tick", count: "inUse" } as const;
    buffers.data.inUse = 1;
    expect(() => stable(buffers, one)).toThrow(/Newest.slots has no buffers that are written in turn/);
    const even = { even: "head.sequence" } as const;
    expect(() => stable(region, even, (page) => page)).toThrow(/read gives a copy of what it read, not an accessor/);
    expect(() => stable(region, even, async (page) => snapshot(page))).toThrow(/not a promise/);
    expect(() => stable(region, even, "read" as never)).toThrow(/read is a function/);
    expect(() => stable(region, even, undefined, { timeoutMS: 5 } as never)).toThrow(/timeoutMs/);
    expect(() => stable({ data: 5 } as never, even as never)).toThrow(/region is a region/);
    region.close();
    expect(refused(() => stable(region, even)).code).toBe("ERR_SHM_CLOSED");
  });

  it("has names of fields and what is read as types", () => {
    using region = guarded.Newest.attach(blank("typed"), { access: "read-write" });
    region.data.inUse = 2;
    region.data.slots.at(1).tick = 1;
    const value: number = stable(
      region,
      { newest: "slots", tick: "tick", count: "inUse" },
      (_page, slot) => slot.number,
    );
    expect(value).toBe(0);
    // @ts-expect-error there is no such field
    expect(() => stable(region, { even: "inuse" }, () => 0)).toThrow();
    // @ts-expect-error it is no number
    expect(() => stable(region, { even: "slots" }, () => 0)).toThrow();
    // @ts-expect-error the tick stands in the buffers
    expect(() => stable(region, { newest: "slots", tick: "inUse" }, () => 0)).toThrow();
  });
});
