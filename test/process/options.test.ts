/** Options and arguments of the wrong kind, at every public door: typed errors that say what is expected, and nothing done. */
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as runtime from "@shmgen/runtime";
import { attachForeign, type Flyweight, whenForeignAttached } from "@shmgen/runtime/codegen-v1";
import { checkEnvironment } from "@shmgen/runtime/doctor";
import { Counter, counterDefinition, counterOf } from "../support/regions/counter.mjs";
import { regionDirectory } from "../support/processes/processes.js";

const directory = regionDirectory();

type Call = (value: never) => unknown;

/** What no option takes, and no argument. */
const NEVER: readonly unknown[] = [null, NaN, "", Symbol("s"), Object.create(null), new Map(), []];
const TEXT = "some text";
/** For options that take numbers, texts, functions, flags: what is of another kind. */
const WRONG = {
  text: [...NEVER, 5, true, 5n, () => 0],
  number: [...NEVER, TEXT, true, 5n, -1, 1.5, () => 0],
  function: [...NEVER, 5, TEXT, true, {}],
  flag: [...NEVER, 5, 0, TEXT, "true", {}, () => 0],
  id: [...NEVER, true, 5n, -1, 1.5, "no such name", () => 0],
  choice: [...NEVER, 5, true, TEXT, () => 0],
  list: [...NEVER.slice(0, -1), 5, TEXT, true, {}, [null], [5], () => 0],
  signal: [...NEVER, 5, TEXT, true, {}, () => 0],
} as const;

const PLACE = {
  directory: WRONG.text,
  scope: WRONG.choice,
  mode: [...WRONG.number, 0o777, 0o1],
  group: WRONG.id,
  owner: WRONG.id,
  allowUntrustedFileSystem: WRONG.flag,
};
const OPEN = {
  ...PLACE,
  timeoutMs: WRONG.number.filter((value) => value !== 1.5),
  onWait: WRONG.function,
  cleanup: WRONG.choice,
  mapping: WRONG.choice,
  maxTail: WRONG.number,
};
const MAKE = { initialise: WRONG.function, tailLength: WRONG.number };
const ACCESS = { access: WRONG.choice };
const SIGNAL = { signal: WRONG.signal };
const without = (options: object, ...names: string[]): object =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)));

const tailed = counterOf({ tailStride: 8, fingerprint: "00000000000000cd" });
const { accessor, reader } = counterDefinition();
const foreign = { accessor, reader, expects: [] };
const file = join(directory, "foreign");
fs.writeFileSync(file, Buffer.alloc(4096));
const region = Counter.createOrOpen("there");
const growing = tailed.createOrOpen("growing", { tailLength: 1 });
process.setMaxListeners(0);
const token = region.token();
const shared = region.share();

/** Every function that takes options: what it is called like, a call with these options, the options. */
const DOORS: readonly [name: string, call: Call, options: object][] = [
  [
    "createOrOpen",
    (o) => tailed.createOrOpen("x", o),
    { ...OPEN, ...MAKE, onStale: WRONG.choice, migrate: WRONG.list, ...ACCESS },
  ],
  ["create", (o) => tailed.create("x", o), { ...OPEN, ...MAKE, onStale: WRONG.choice, migrate: WRONG.list, ...ACCESS }],
  ["createUnique", (o) => tailed.createUnique("x", o), { ...OPEN, ...MAKE }],
  ["open", (o) => tailed.open("growing", o), { ...OPEN, ...ACCESS }],
  ["openReadOnly", (o) => tailed.openReadOnly("growing", o), OPEN],
  ["whenReady", (o) => tailed.whenReady("growing", o), { ...OPEN, ...ACCESS, ...SIGNAL }],
  [
    "createAnonymous",
    (o) => tailed.createAnonymous(o),
    { ...PLACE, ...MAKE, maxTail: WRONG.number, mapping: WRONG.choice, label: WRONG.text },
  ],
  ["fromToken", (o) => Counter.fromToken(token, o), { ...without(OPEN, "directory"), ...ACCESS }],
  ["fromShared", (o) => Counter.fromShared(shared, o), { timeoutMs: OPEN.timeoutMs, ...ACCESS }],
  ["attachFd", (o) => Counter.attachFd(region.descriptor, o), { ...without(OPEN, "directory"), ...ACCESS }],
  [
    "receiveRegion",
    (o) => Counter.receiveRegion(join(directory, "socket"), o),
    { ...without(OPEN, "directory"), ...ACCESS, ...SIGNAL, allowOtherUsers: WRONG.flag },
  ],
  ["attach", (o) => attachForeign(foreign, file, o), { mapping: WRONG.choice, ...ACCESS }],
  [
    "whenAttached",
    (o) => whenForeignAttached(foreign, file, o),
    { mapping: WRONG.choice, ...ACCESS, timeoutMs: OPEN.timeoutMs, ...SIGNAL },
  ],
  [
    "sendRegion",
    (o) => runtime.sendRegion(region, join(directory, "socket"), o),
    { timeoutMs: OPEN.timeoutMs, ...SIGNAL, allowOtherUsers: WRONG.flag },
  ],
  ["listRegions", (o) => runtime.listRegions(o), PLACE],
  [
    "cleanStale",
    (o) => runtime.cleanStale(o),
    { ...PLACE, timeoutMs: OPEN.timeoutMs, onWait: WRONG.function, dryRun: WRONG.flag, includeKept: WRONG.flag },
  ],
  [
    "removeRegion",
    (o) => runtime.removeRegion("none", o),
    { ...PLACE, timeoutMs: OPEN.timeoutMs, onWait: WRONG.function, force: WRONG.flag },
  ],
  ["regionPath", (o) => runtime.regionPath("x", o), PLACE],
  ["dotnetLocation", (o) => runtime.dotnetLocation("x", o), { scope: WRONG.choice, userScope: WRONG.flag }],
  ["growTail", (o) => growing.growTail(1, o), { timeoutMs: OPEN.timeoutMs }],
  ["view", (o) => region.view(o), { offset: WRONG.number, length: [...WRONG.number, 0], access: WRONG.choice }],
  [
    "checkEnvironment",
    (o) => checkEnvironment(o),
    { directory: WRONG.text, root: WRONG.text, only: WRONG.list.filter((value) => !Array.isArray(value)) },
  ],
];

/** Every argument that is no object of options. */
const ARGUMENTS: readonly [name: string, call: Call, values: readonly unknown[]][] = [
  ["createOrOpen(name)", (v) => Counter.createOrOpen(v), WRONG.text],
  ["createUnique(prefix)", (v) => Counter.createUnique(v), [null, "", TEXT, Symbol("s"), []]],
  ["open(name)", (v) => Counter.open(v), WRONG.text],
  ["whenReady(name)", (v) => Counter.whenReady(v), WRONG.text],
  ["fromToken(token)", (v) => Counter.fromToken(v), WRONG.text],
  ["fromShared(shared)", (v) => Counter.fromShared(v), [...NEVER, 5, TEXT, {}]],
  ["attachFd(descriptor)", (v) => Counter.attachFd(v), WRONG.number],
  ["receiveRegion(path)", (v) => Counter.receiveRegion(v), WRONG.text],
  ["attach(path)", (v) => attachForeign(foreign, v), [...WRONG.text, "a\0b"]],
  ["whenAttached(where)", (v) => whenForeignAttached(foreign, v), [null, undefined, NaN, "", Symbol("s"), {}, [], 1.5]],
  ["sendRegion(region)", (v) => runtime.sendRegion(v, join(directory, "socket"), { timeoutMs: 0 }), [...NEVER, 5, {}]],
  ["sendRegion(path)", (v) => runtime.sendRegion(region, v), WRONG.text],
  ["removeRegion(name)", (v) => runtime.removeRegion(v), WRONG.text],
  ["regionPath(name)", (v) => runtime.regionPath(v), WRONG.text],
  ["dotnetLocation(name)", (v) => runtime.dotnetLocation(v), WRONG.text],
  ["growTail(length)", (v) => growing.growTail(v), WRONG.number],
  ["onGrow(listener)", (v) => growing.onGrow(v), WRONG.function],
  ["migration(from)", (v) => runtime.migration(v, () => 0), [...NEVER, 5, {}]],
  ["migration(move)", (v) => runtime.migration(Counter, v), WRONG.function],
  ["snapshot(accessor)", (v) => runtime.snapshot(v), [undefined, null, 5, "", TEXT, Symbol("s")]],
  ["assign(accessor)", (v) => runtime.assign(v, {} as never), [undefined, ...NEVER, 5, {}]],
  ["assign(values)", (v) => runtime.assign(region.data, v), [null, 5, TEXT, Symbol("s")]],
  ["stillRuns(stamp)", (v) => runtime.stillRuns(v), [undefined, ...NEVER, 5, {}]],
  [
    "new MemoryView(init)",
    (v) => new runtime.MemoryView(v),
    [
      undefined,
      ...NEVER,
      5,
      {},
      { buffer: new ArrayBuffer(8), byteLength: 9 },
      { buffer: new ArrayBuffer(8), byteLength: NaN },
      { buffer: new Uint8Array(8), byteLength: 8 },
      { buffer: new ArrayBuffer(16), byteOffset: 4, byteLength: 8 },
    ],
  ],
  [
    "new X(view)",
    (v) => new (accessor as unknown as new (view: never) => Flyweight)(v),
    [undefined, ...NEVER, 5, {}, new ArrayBuffer(64)],
  ],
  [
    "new X(view, offset)",
    (v) => new (accessor as unknown as new (view: unknown, offset: never) => Flyweight)(region.memory, v),
    [undefined, ...WRONG.number, 1e9],
  ],
];

/** What comes of a call: the error, or that there was none. */
async function outcome(call: () => unknown): Promise<unknown> {
  try {
    const value = await call();
    if (typeof value === "object" && value !== null && "close" in value) (value as { close(): void }).close();
    return "accepted";
  } catch (error) {
    return error;
  }
}

/** What is wrong with an answer; empty for a typed error with its facts. */
function complaint(error: unknown): string {
  if (!runtime.isShmError(error)) return error === "accepted" ? "accepted" : `untyped: ${String(error)}`;
  if (!/^ERR_SHM_(RANGE|NAME|FORMAT|FOREIGN)$/.test(error.code)) return `${error.code}: ${error.message}`;
  if (error.field === undefined && error.code !== "ERR_SHM_FORMAT" && error.path === undefined)
    return `no facts: ${error.message}`;
  return "";
}

const shown = (value: unknown): string =>
  typeof value === "object" && value !== null ? Object.prototype.toString.call(value) : String(value);

describe("options and arguments of the wrong kind", () => {
  it.each(DOORS)("options of %s", async (name, call, options) => {
    const wrong: string[] = [];
    const before = fs.readdirSync(directory);
    const unlike = String(await outcome(() => call({ zzz: 1 } as never)));
    if (!unlike.includes("there is no option zzz here; the options are ")) wrong.push(`${name}: ${unlike}`);
    for (const value of [null, 5, TEXT, []]) {
      const said = complaint(await outcome(() => call(value as never)));
      if (said !== "") wrong.push(`${name}(${shown(value)}): ${said}`);
    }
    for (const [option, values] of Object.entries(options) as [string, unknown[]][]) {
      for (const value of values) {
        const error = await outcome(() => call({ [option]: value } as never));
        const said = complaint(error);
        if (said !== "") wrong.push(`${name}({ ${option}: ${shown(value)} }): ${said}`);
        else if (
          !(error as Error).message.includes(option) &&
          !["group", "access", "length", "offset", "label"].includes(option)
        )
          wrong.push(`${option}: ${String(error)}`);
      }
      const misspelt = await outcome(() => call({ [`${option}x`]: values[0] } as never));
      if (!String(misspelt).endsWith(`there is no option ${option}x here; did you mean '${option}'?`)) {
        wrong.push(`${name}({ ${option}x }): ${String(misspelt)}`);
      }
      // What is left out is left out.
      if (
        name !== "receiveRegion" &&
        name !== "sendRegion" &&
        name !== "attachFd" &&
        name !== "checkEnvironment" &&
        name !== "createAnonymous" &&
        !name.startsWith("create") &&
        name !== "removeRegion" &&
        name !== "fromShared"
      ) {
        expect(complaint(await outcome(() => call({ [option]: undefined } as never))), `${name} ${option}`).toBe(
          "accepted",
        );
      }
    }
    expect(wrong).toEqual([]);
    expect(fs.readdirSync(directory)).toEqual(before);
  });

  it.each(ARGUMENTS)("%s", async (name, call, values) => {
    const wrong: string[] = [];
    for (const value of values) {
      const said = complaint(await outcome(() => call(value as never)));
      if (said !== "") wrong.push(`${name} ${shown(value)}: ${said}`);
    }
    expect(wrong).toEqual([]);
  });

  it("the messages say what is expected, what was found, and what to do", () => {
    const messageOf = (call: () => unknown): string => {
      try {
        call();
      } catch (error) {
        return (error as Error).message;
      }
      return "";
    };
    const open = (options: object): string => messageOf(() => Counter.createOrOpen("x", options));
    expect(open({ directory: "" })).toBe(
      'directory is a path that is not empty: found=""; leave it out for the default',
    );
    expect(open({ directory: 5 })).toBe("directory is a path that is not empty: found=5; leave it out for the default");
    expect(open({ tailLength: null })).toBe(
      "tailLength is a count of elements: found=null; leave it out for the default",
    );
    expect(messageOf(() => Counter.createOrOpen("x", null as never))).toBe(
      "options is an object: found=null; leave it out for the default",
    );
    expect(messageOf(() => new (accessor as unknown as new () => Flyweight)())).toBe(
      "view is a MemoryView: found=undefined; pass region.memory, or use region.data (Counter)",
    );
  });
});
