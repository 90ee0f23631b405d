/**
 * The engine against bytes. Of each random pair of schemas both sides are generated; one process has the older code, another one
 * the newer. Bytes that one has written are read, and written to, by the other. What comes of it is the truth that the verdict
 * has to tell, and that opening a region has to keep to.
 *
 * `SHMGEN_SEED=N` repeats a run.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import type * as Codegen from "@shmgen/runtime/codegen-v1";
import { afterAll, describe, expect, it } from "vitest";
import { layoutsOf } from "../../generator/dist/evolution/published-layout.js";
import { type ChangeClass, CLASSES, compareLayouts, type Verdict } from "../../schema/dist/evolution/index.js";
import { compileSchema } from "../support/schemas/generated.js";
import { type Child, type ChildContext, regionDirectory, startProcess } from "../support/processes/processes.js";
import { Random, runSeed } from "../support/run/random.js";
import {
  commonFields,
  isNamed,
  type RandomField,
  type RandomPair,
  randomPair,
  type RandomSide,
  randomValue,
  sideText,
} from "./random-pairs.js";
import { byDepth } from "../support/run/depth.js";

const PAIRS = byDepth(20, 120, 2000);
/** Values that are tried on each pair: enough that nothing agrees by chance, and that no two enums do ({@link randomValue}). */
const ROUNDS = 6;

regionDirectory();
const folder = mkdtempSync(join(tmpdir(), "shmgen-oracle-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** For one try of a test, whose regions begin with its name: a repeated one would meet what the first has left. */
const folderOfTry = (): string => mkdtempSync(join(folder, "try-"));
const door = pathToFileURL(createRequire(import.meta.url).resolve("@shmgen/runtime/codegen-v1")).href;

interface Pair extends RandomPair {
  /** The last one: the newer layout, under the older version. */
  readonly urls: readonly [older: string, newer: string, unchanged: string];
  readonly verdict: Verdict;
  readonly size: number;
  /** From the older layout to the newer one under the same version. */
  readonly unchanged: Verdict;
}

/** The same layout for somebody who forgot to give it a version. */
function withoutVersion(side: RandomSide): RandomSide {
  const bare = (fields: readonly RandomField[]): RandomField[] =>
    fields.map((field) => Object.assign({}, field, { hasSince: false }));
  return { ...side, version: 1, readableFrom: 1, fields: bare(side.fields), wheel: bare(side.wheel) };
}

async function generate(pair: RandomPair, place: string): Promise<Pair> {
  const sides = await Promise.all(
    [pair.older, pair.newer, withoutVersion(pair.newer)].map(async (side, at) => {
      const { files, diagnostics, model } = await compileSchema({ "car.shm.ts": sideText(side) });
      if (model === undefined || diagnostics.length > 0) {
        throw new Error(`${sideText(side)}\n${diagnostics.map(({ message }) => message).join("\n")}`);
      }
      const own = `${place}-${at}`;
      mkdirSync(own);
      for (const { path, text } of files) {
        writeFileSync(
          join(own, path.replace(/js$/, "mjs")),
          text.replaceAll('"@shmgen/runtime/codegen-v1"', JSON.stringify(door)),
        );
      }
      const [layout] = layoutsOf(model);
      if (layout === undefined) throw new Error("no layout");
      return { url: pathToFileURL(join(own, "car.mjs")).href, layout };
    }),
  );
  const [older, newer, forgotten] = sides as [(typeof sides)[number], (typeof sides)[number], (typeof sides)[number]];
  const size = Math.max(...sides.map(({ layout }) => layout.layout.structs[0]?.size ?? 0));
  const unchanged = compareLayouts(older.layout, forgotten.layout);
  const urls = [older.url, newer.url, forgotten.url] as const;
  return { ...pair, urls, verdict: compareLayouts(older.layout, newer.layout), size, unchanged };
}

type Values = Readonly<Record<string, unknown>>;
/** A generated module, as loosely as one of a random schema has to be. */
interface CarModule {
  readonly Car: {
    createOrOpen(name: string, options?: object): ChildContext["kept"][string];
    at(memory: Codegen.MemoryView, offset: number): Codegen.Flyweight & Record<string, unknown> & Counted;
  };
}
interface Counted {
  count: number;
  readonly $count?: { add(value: number): number };
}

/** What a process is to do: write these fields over these bytes, then read all that are asked for. */
interface Job {
  readonly url: string;
  readonly bytes: Uint8Array;
  readonly write: Values;
  readonly read: readonly string[];
}
interface Result {
  readonly bytes: Uint8Array;
  /** Values, or the name of the error that reading them throws. */
  readonly values: Record<string, { readonly value: unknown } | { readonly error: string }>;
}

function runJobs(child: Child, jobs: readonly Job[]): Promise<Result[]> {
  return child.run(
    async ({ runtime, load }, list, url) => {
      const { MemoryView, ArrayReader, NumberArrayReader, BytesReader, Flyweight } = (await load(
        url,
      )) as typeof Codegen;
      const plain = (value: unknown): unknown => {
        if (value instanceof Flyweight) return runtime.snapshot(value as never);
        if (value instanceof BytesReader) return [...(value as Iterable<unknown>)];
        if (value instanceof ArrayReader || value instanceof NumberArrayReader || ArrayBuffer.isView(value)) {
          return Array.from(value as unknown as Iterable<unknown>, plain);
        }
        // Bit fields are accessors, too, which show their values as properties.
        return value;
      };
      const results = [];
      for (const { url: module, bytes, write, read } of list) {
        const { Car } = (await load(module)) as CarModule;
        const buffer = new ArrayBuffer(bytes.length);
        new Uint8Array(buffer).set(bytes);
        const view = new MemoryView({ buffer, byteLength: buffer.byteLength, readOnly: false, label: "pair" });
        const car = Car.at(view, 0);
        runtime.assign(car, write as never);
        const values: Record<string, { value: unknown } | { error: string }> = {};
        for (const name of read) {
          try {
            values[name] = { value: plain(car[name]) };
          } catch (error) {
            values[name] = { error: (error as Error).name };
          }
        }
        results.push({ bytes: new Uint8Array(buffer), values });
      }
      return results;
    },
    jobs,
    door,
  ) as Promise<Result[]>;
}

/** Opens regions that the other process has made; "opened", or the code of the refusal. */
function openAll(child: Child, urls: readonly string[], prefix: string): Promise<string[]> {
  return child.run(
    async ({ kept, load }, list, first) => {
      const outcomes: string[] = [];
      for (const [index, url] of list.entries()) {
        const { Car } = (await load(url)) as CarModule;
        try {
          const region = Car.createOrOpen(`${first}${index}`);
          outcomes.push(region.outcome);
          if (region.outcome === "created") kept[`${first}${index}`] = region;
          else region.close();
        } catch (error) {
          outcomes.push((error as { code?: string }).code ?? String(error));
        }
      }
      return outcomes;
    },
    urls,
    prefix,
  );
}

function closeAll(child: Child): Promise<void> {
  return child.run(({ kept }) => {
    for (const [name, region] of Object.entries(kept)) {
      region.close();
      delete kept[name];
    }
  });
}

/** Compares what one side wrote with what the other one reads, by the meaning that names give. */
class Meaning {
  readonly #writer: RandomSide;
  readonly #reader: RandomSide;

  constructor(writer: RandomSide, reader: RandomSide) {
    this.#writer = writer;
    this.#reader = reader;
  }

  agrees(written: unknown, read: unknown, type: string): boolean {
    if (type.startsWith("array<")) {
      const [of, many] = [type.slice(6, type.lastIndexOf(",")), read as unknown[]];
      const list = written as unknown[];
      return list.length === many.length && list.every((value, at) => this.agrees(value, many[at], of));
    }
    if (/^(?:atomic<)?Gear>?$/.test(type)) {
      const name = this.#writer.gear.find(([, value]) => value === written)?.[0];
      const there = this.#reader.gear.find(([other]) => other === name)?.[1];
      return read === (there ?? written);
    }
    if (type === "Wheel") return this.#parts(written, read, commonFields(this.#reader.wheel, this.#writer.wheel));
    if (type === "Lamps") {
      const names = this.#reader.lamps.filter(([name]) => this.#writer.lamps.some(([other]) => other === name));
      return names.every(([name]) => (written as Values)[name] === (read as Values)[name]);
    }
    // The same number, as a bigint on one side and as a number on the other.
    if (typeof written !== typeof read && typeof written !== "object") return String(written) === String(read);
    return isDeepStrictEqual(ArrayBuffer.isView(written) ? [...(written as Uint8Array)] : written, read);
  }

  #parts(written: unknown, read: unknown, pairs: ReturnType<typeof commonFields>): boolean {
    return pairs.every(([here, there]) =>
      this.agrees((written as Values)[there.name], (read as Values)[here.name], there.type),
    );
  }
}

/** Whether the newer code can stand for what it lacks. */
function hasDefaults(newer: readonly RandomField[], older: readonly RandomField[]): boolean {
  const common = new Set(commonFields(newer, older).map(([field]) => field));
  return newer.every((field) => field.isPadding === true || common.has(field) || field.hasSince === true);
}

const hasWheel = ({ type }: RandomField): boolean => type.includes("Wheel");
const live = (fields: readonly RandomField[]): RandomField[] => fields.filter(({ isPadding }) => isPadding !== true);

/** One direction: `writer` has made the region, `guest` works on it. */
interface Direction {
  readonly pair: Pair;
  readonly writer: RandomSide;
  readonly guest: RandomSide;
}

/** Whether the guest reads, and writes, what the maker means, and leaves everything else as it is. */
async function tryDirection(
  directions: readonly Direction[],
  [makers, guests]: readonly [Child, Child],
  side: "newer" | "older",
  random: Random,
): Promise<boolean[]> {
  const right = directions.map(() => true);
  const url = ({ pair }: Direction, who: "maker" | "guest"): string =>
    pair.urls[(side === "newer") === (who === "guest") ? 1 : 0];
  for (let round = 0; round < ROUNDS; round += 1) {
    const values = (
      by: 0 | 1,
      own: RandomSide,
      fields: readonly RandomField[],
      wheel: readonly RandomField[],
    ): Values =>
      Object.fromEntries(
        fields.map(({ name, type }, at) => [
          name,
          randomValue(type, own, wheel, { random, round, number: 2 * at + by }),
        ]),
      );
    const made = directions.map(({ writer }) => values(0, writer, live(writer.fields), live(writer.wheel)));
    const bytes = await runJobs(
      makers,
      directions.map((one, at) => ({
        url: url(one, "maker"),
        bytes: new Uint8Array(Math.ceil((one.pair.size + 8) / 8) * 8),
        write: made[at] ?? {},
        read: [],
      })),
    );
    const common = directions.map(({ writer, guest }) => commonFields(guest.fields, writer.fields));
    const seen = await runJobs(
      guests,
      directions.map((one, at) => ({
        url: url(one, "guest"),
        bytes: bytes[at]?.bytes ?? new Uint8Array(),
        write: {},
        read: common[at]?.map(([{ name }]) => name) ?? [],
      })),
    );
    const changed = directions.map(({ writer, guest }, at) => {
      const wheel = commonFields(guest.wheel, writer.wheel).map(([field]) => field);
      return values(1, guest, common[at]?.map(([field]) => field) ?? [], wheel);
    });
    const after = await runJobs(
      guests,
      directions.map((one, at) => ({
        url: url(one, "guest"),
        bytes: bytes[at]?.bytes ?? new Uint8Array(),
        write: changed[at] ?? {},
        read: [],
      })),
    );
    const back = await runJobs(
      makers,
      directions.map((one, at) => ({
        url: url(one, "maker"),
        bytes: after[at]?.bytes ?? new Uint8Array(),
        write: {},
        read: live(one.writer.fields).map(({ name }) => name),
      })),
    );
    for (const [at, { writer, guest }] of directions.entries()) {
      const there = new Meaning(writer, guest);
      const here = new Meaning(guest, writer);
      const pairs = common[at] ?? [];
      const reads = pairs.every(([own, other]) => {
        const found = seen[at]?.values[own.name];
        if (found === undefined || "error" in found)
          return found?.error === "ShmRangeError" && refusesLarge(own.type, other.type);
        return (
          there.agrees(made[at]?.[other.name], found.value, sharedType(other.type, own.type)) &&
          (guest !== directions[at]?.pair.newer || isNamed(own.type, found.value, guest))
        );
      });
      const written = new Map(pairs.map(([own, other]) => [other.name, own]));
      const keeps = live(writer.fields).every(({ name, type }) => {
        const found = back[at]?.values[name];
        const own = written.get(name);
        if (found === undefined || "error" in found)
          return found?.error === "ShmRangeError" && refusesLarge(type, own?.type ?? type);
        return own === undefined
          ? here.agrees(made[at]?.[name], found.value, "") || isDeepStrictEqual(found.value, plainOf(made[at]?.[name]))
          : here.agrees(changed[at]?.[own.name], found.value, sharedType(own.type, type));
      });
      right[at] = right[at] === true && reads && keeps;
    }
  }
  return right;
}

/** num<> refuses to show what it cannot: an error, and never a wrong value. A sign that the other side has is no such thing. */
function refusesLarge(readers: string, writers: string): boolean {
  return readers.includes("num<") && writers.includes("u64") === readers.includes("u64");
}

/** The writer's type; names of an enum say something only where both sides have one. */
function sharedType(writers: string, readers: string): string {
  return readers.includes("Gear") ? writers : writers.replace("Gear", "u32");
}

/** A value as a process gives it back. */
function plainOf(value: unknown): unknown {
  return ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value;
}

/** Rules that are stricter than the bytes of single writers, each for its reason. */
const STRICTER: ReadonlySet<string> = new Set([
  // C programs may write anything into holes.
  "field-in-hole",
  // Bytes agree while nobody writes at the same time: the next test shows what is lost then.
  "access-strengthened",
  "access-weakened",
]);

describe("the verdict and the bytes", () => {
  it(
    "is right for every random pair of schemas, both ways, and opening a region keeps to it [fault 50, figure 7]",
    async () => {
      const seed = runSeed("random pairs of schemas");
      const random = new Random(seed);
      const own = folderOfTry();
      const pairs: Pair[] = [];
      for (let index = 0; index < PAIRS; index += 1)
        pairs.push(await generate(randomPair(random), join(own, `${index}`)));
      const [older, newer] = await Promise.all([startProcess(), startProcess()]);
      const onOlder = await tryDirection(
        pairs.map((pair) => ({ pair, writer: pair.older, guest: pair.newer })),
        [older, newer],
        "newer",
        random,
      );
      const onNewer = await tryDirection(
        pairs.map((pair) => ({ pair, writer: pair.newer, guest: pair.older })),
        [newer, older],
        "older",
        random,
      );
      const problems: string[] = [];
      let refused = 0;
      const counts: Record<string, number> = {};
      const truths = pairs.map(({ older: old, newer: now }, at): ChangeClass => {
        // Nobody reads the wheels of the other side where no field of both has any.
        const isShared = commonFields(now.fields, old.fields).some((both) => both.every(hasWheel));
        const lacks = hasDefaults(now.fields, old.fields) && (!isShared || hasDefaults(now.wheel, old.wheel));
        if (!lacks || onOlder[at] !== true) return "breaking";
        const hasAll =
          commonFields(old.fields, now.fields).length === live(old.fields).length &&
          (!isShared || commonFields(old.wheel, now.wheel).length === live(old.wheel).length);
        return hasAll && onNewer[at] === true && now.readableFrom === 1 ? "compatible" : "upgrade";
      });
      const rank = (strength: ChangeClass): number => Math.max(1, CLASSES.indexOf(strength));
      for (const [at, { verdict, changes, older: old, newer: now }] of pairs.entries()) {
        const truth = truths[at] ?? "breaking";
        const key = `${verdict.class} (${truth})`;
        counts[key] = (counts[key] ?? 0) + 1;
        const text = (): string =>
          `${changes.join(", ")}: the engine says ${verdict.class}, the bytes ${truth}: ${verdict.changes.map(({ rule, path }) => `${rule} ${path}`).join(", ")}\n${sideText(old)}${sideText(now)}`;
        if (rank(verdict.class) < rank(truth)) problems.push(`too mild: ${text()}`);
        const strict = verdict.changes.filter(
          (change) => rank(change.class) > rank(truth) && !STRICTER.has(change.rule),
        );
        if (strict.length > 0) problems.push(`too strict: ${text()}`);
      }
      const urls = [0, 1].map((side) => pairs.map((pair) => pair.urls[side] ?? ""));
      for (const [first, second, side] of [[older, newer, 0] as const, [newer, older, 1] as const]) {
        const made = await openAll(first, urls[side] ?? [], `${basename(own)}-side${side}-`);
        expect(new Set(made)).toEqual(new Set(["created"]));
        const opened = await openAll(second, urls[1 - side] ?? [], `${basename(own)}-side${side}-`);
        for (const [at, { verdict, changes }] of pairs.entries()) {
          const fits =
            verdict.class === "compatible" ||
            verdict.class === "identical" ||
            (side === 0 && verdict.class === "upgrade");
          const expected = fits ? "opened" : "ERR_SHM_VERSION";
          if (opened[at] !== expected)
            problems.push(`${changes.join(", ")}: ${verdict.class}, but ${opened[at]} instead of ${expected}`);
        }
        if (side === 0) {
          const unchanged = await openAll(
            second,
            pairs.map((pair) => pair.urls[2]),
            `${basename(own)}-side0-`,
          );
          for (const [at, { unchanged: verdict, changes }] of pairs.entries()) {
            // A comment, or a change that was taken back, is no change.
            const isSame = verdict.class === "identical";
            if (!isSame && verdict.class !== "breaking")
              problems.push(`${changes.join(", ")}: unchanged version, but ${verdict.class}`);
            if (!isSame) refused += unchanged[at] === "ERR_SHM_LAYOUT" ? 1 : 0;
            const expected = isSame ? "opened" : "ERR_SHM_LAYOUT";
            if (unchanged[at] !== expected)
              problems.push(`${changes.join(", ")}: ${unchanged[at]} under an unchanged version`);
          }
        }
        await closeAll(first);
      }
      const changed = pairs.filter(({ unchanged }) => unchanged.class !== "identical").length;
      console.log(`${PAIRS} pairs of schemas, engine (bytes): ${JSON.stringify(counts)}`);
      console.log(`figure 7: ${refused} of ${changed} changes under an unchanged version refused`);
      expect(problems.slice(0, 3).join("\n\n"), `SHMGEN_SEED=${seed}`).toBe("");
      await Promise.all([older.kill(), newer.kill()]);
    },
    byDepth(120_000, 600_000, 1_200_000),
  );

  it("shows why access may not become weaker: a plain update loses what atomic ones of another process have added", async () => {
    const field = (type: string): string => `import type { Region, atomic, u32 } from "@shmgen/schema";
      export interface Car extends Region<{ type: 1; version: 1 }> { count: ${type}; }`;
    const own = folderOfTry();
    const urls: string[] = [];
    for (const [at, type] of ["atomic<u32>", "u32"].entries()) {
      const { files } = await compileSchema({ "car.shm.ts": field(type) });
      const path = join(own, `access-${at}.mjs`);
      writeFileSync(
        path,
        (files.find(({ path: name }) => name.endsWith(".js"))?.text ?? "").replaceAll(
          '"@shmgen/runtime/codegen-v1"',
          JSON.stringify(door),
        ),
      );
      urls.push(pathToFileURL(path).href);
    }
    const COUNT = 300_000;
    const [one, other] = await Promise.all([startProcess(), startProcess()]);
    const add = (child: Child, url: string, name: string, total: number): Promise<void> =>
      child.run(
        async ({ load }, accessor, maker, region, count) => {
          // Opened as its maker's; only the accessor is that of the other layout.
          const open = ((await load(maker)) as CarModule).Car.createOrOpen(region, { cleanup: "keep" });
          const car = ((await load(accessor)) as CarModule).Car.at(open.memory, 128);
          if (car.$count !== undefined) for (let n = 0; n < count; n += 1) car.$count?.add(1);
          else for (let n = 0; n < count; n += 1) car.count += 1;
          open.close();
        },
        url,
        urls[0] ?? "",
        `${basename(own)}-${name}`,
        total,
      );
    const { Car } = (await import(urls[0] ?? "")) as CarModule;
    const totals = async (first: string, second: string, name: string, count: number): Promise<number> => {
      // Ours as long as both are at it: one may come when the other has gone.
      using region = Car.createOrOpen(`${basename(own)}-${name}`, { cleanup: "keep" });
      await Promise.all([add(one, first, name, count), add(other, second, name, count)]);
      return region.data.count;
    };
    expect(await totals(urls[0] ?? "", urls[0] ?? "", "both", COUNT)).toBe(2 * COUNT);
    let lost = 0;
    for (let attempt = 0; attempt < 20 && lost === 0; attempt += 1) {
      // Longer each time, since on a busy machine the two may come one after the other.
      const count = COUNT * Math.min(2 ** attempt, 128);
      lost = 2 * count - (await totals(urls[0] ?? "", urls[1] ?? "", `plain${attempt}`, count));
    }
    expect(lost).toBeGreaterThan(0);
    await Promise.all([one.kill(), other.kill()]);
  }, 60_000);
});
