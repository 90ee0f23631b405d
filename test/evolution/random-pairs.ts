/**
 * Random pairs of schemas, the newer one made from the older by a few changes, and random values for their fields. Knows nothing
 * of the engine: what is common to both sides is told by names, as a programmer would.
 */
import type { Random } from "../support/run/random.js";

/** A field of one side. */
export interface RandomField {
  readonly name: string;
  /** As in the schema, without `since`. */
  readonly type: string;
  /** Its name on the older side, where it has another one there and the schema says so. */
  readonly was?: string;
  readonly hasSince?: boolean;
  /** Not a field of the class. */
  readonly isPadding?: boolean;
}

/** One side of a pair. */
export interface RandomSide {
  readonly version: number;
  readonly readableFrom: number;
  readonly fields: readonly RandomField[];
  readonly wheel: readonly RandomField[];
  /** Name and value. */
  readonly gear: readonly (readonly [string, number])[];
  readonly marks: readonly (readonly [string, number])[];
  /** Name and width. */
  readonly lamps: readonly (readonly [string, number])[];
  readonly gearRepr: string;
}

/** Both sides, and the changes that were made. */
export interface RandomPair {
  readonly older: RandomSide;
  readonly newer: RandomSide;
  readonly changes: readonly string[];
}

const INTEGERS: Readonly<Record<string, readonly [bigint, bigint]>> = {
  u8: [0n, 255n],
  i8: [-128n, 127n],
  u16: [0n, 65_535n],
  i16: [-32_768n, 32_767n],
  u32: [0n, 4_294_967_295n],
  i32: [-2_147_483_648n, 2_147_483_647n],
  u64: [0n, 2n ** 64n - 1n],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
};
const TEXTS = ["utf8", "latin1", "utf16", "utf32"];
const WORDS = [...Object.keys(INTEGERS), "f32", "f64", "bool", "num<u64>", "Gear", "flags<Marks, u8>"];

function randomType(random: Random, depth = 0): string {
  const choice = random.integer(0, depth > 0 ? 5 : 11);
  if (choice <= 4) return random.pick(WORDS);
  if (choice === 5)
    return `atomic<${random.pick(["u8", "i16", "u32", "i32", "u64", "i64", "f64", "bool", "Gear", "num<i64>"])}>`;
  if (choice === 6) return `relaxed<${random.pick(["u8", "u16", "i32", "f32", "f64"])}>`;
  if (choice === 7) return `${random.pick(TEXTS)}<${random.integer(1, 20)}>`;
  if (choice === 8) return `bytes<${random.integer(1, 12)}>`;
  if (choice === 9) return random.pick(["Wheel", "Lamps", "le<u32>", "be<u16>", "be<i64>", "le<f32>"]);
  return `array<${random.chance(0.4) ? "Wheel" : randomType(random, 1)}, ${random.integer(1, 4)}>`;
}

function randomOlder(random: Random): RandomSide {
  const fields: RandomField[] = [];
  for (let n = random.integer(3, 8); n > 0; n -= 1) {
    if (random.chance(0.2)) fields.push({ name: `pad${n}`, type: `pad<${random.integer(1, 12)}>`, isPadding: true });
    else fields.push({ name: `f${n}`, type: randomType(random) });
  }
  const gearRepr = random.pick(["u8", "u16"]);
  // So that everything that can be declared is used.
  fields.push(
    { name: "wheel", type: "Wheel" },
    { name: "gear", type: "Gear" },
    { name: "marks", type: "flags<Marks, u8>" },
  );
  fields.push({ name: "lamps", type: "Lamps" });
  return {
    version: 1,
    readableFrom: 1,
    fields,
    wheel: [
      { name: "rpm", type: random.pick(["f32", "u32", "atomic<u32>"]) },
      { name: "kept", type: `pad<${random.pick([4, 8])}>`, isPadding: true },
      { name: "slip", type: random.pick(["u8", "u16", "f32"]) },
    ],
    gear: [
      ["Park", 0],
      ["Drive", 1],
      // Where there is room, a number that needs it.
      ["Low", gearRepr === "u16" ? 300 : 5],
    ],
    marks: [
      ["Red", 1],
      ["Blue", 2],
    ],
    lamps: [
      ["low", 1],
      ["high", 2],
    ],
    gearRepr,
  };
}

type Change = (side: RandomSide, random: Random) => RandomSide | undefined;

/** Some field of the region that a change can be made to. */
function indexOf({ fields }: RandomSide, random: Random, wanted: (field: RandomField) => boolean): number | undefined {
  const found = fields.flatMap((field, index) => (wanted(field) ? [index] : []));
  return found.length === 0 ? undefined : random.pick(found);
}

const live = ({ isPadding }: RandomField): boolean => isPadding !== true;
const withFields = (side: RandomSide, fields: readonly RandomField[]): RandomSide => ({ ...side, fields });

function replaced(
  side: RandomSide,
  at: number | undefined,
  make: (field: RandomField) => readonly RandomField[] | undefined,
): RandomSide | undefined {
  const field = at === undefined ? undefined : side.fields[at];
  const made = field && make(field);
  if (made === undefined || at === undefined) return undefined;
  return withFields(side, [...side.fields.slice(0, at), ...made, ...side.fields.slice(at + 1)]);
}

let counter = 0;
function added(random: Random, type = randomType(random)): RandomField {
  counter += 1;
  return { name: `n${counter}`, type, hasSince: random.chance(0.85) };
}

function retyped(pick: (type: string, random: Random) => string | undefined): Change {
  return (side, random) => {
    const candidates = side.fields.flatMap((field, index) =>
      live(field) && pick(field.type, random) !== undefined ? [index] : [],
    );
    if (candidates.length === 0) return undefined;
    return replaced(side, random.pick(candidates), (field) => {
      const type = pick(field.type, random);
      return type === undefined ? undefined : [{ ...field, type }];
    });
  };
}

const WIDER: Readonly<Record<string, string>> = {
  u8: "u16",
  u16: "u32",
  u32: "u64",
  i8: "i16",
  i16: "i32",
  i32: "i64",
  f32: "f64",
};
const swap = (table: Readonly<Record<string, string>>) => (type: string) => table[type];
const bounded = (word: string) => (type: string, random: Random) => {
  const size = new RegExp(`^${word}<(?:.*, )?(\\d+)>$`).exec(type)?.[1];
  return size === undefined
    ? undefined
    : type.replace(/\d+>$/, `${Math.max(1, Number(size) + random.pick([-1, 1, 4]))}>`);
};

const CHANGES: Readonly<Record<string, Change>> = {
  append: (side, random) => withFields(side, [...side.fields, added(random)]),
  insert: (side, random) =>
    replaced(side, random.integer(0, side.fields.length - 1), (field) => [added(random), field]),
  "into a hole": (side, random) =>
    replaced(side, random.integer(0, side.fields.length - 1), (field) => [
      field,
      added(random, random.pick(["u8", "u16", "bool"])),
    ]),
  "into padding": (side, random) =>
    replaced(
      side,
      indexOf(side, random, ({ isPadding }) => isPadding === true),
      (field) => {
        const size = Number(/\d+/.exec(field.type)?.[0]);
        const type = random.pick(["u8", "bytes<1>", "bool", "array<u8, 2>", "utf8<3>"]);
        const left = size - (type === "array<u8, 2>" ? 2 : type === "utf8<3>" ? 3 : 1);
        if (left < 0) return undefined;
        return [added(random, type), ...(left > 0 ? [{ ...field, type: `pad<${left}>` }] : [])];
      },
    ),
  "remove the last": (side) =>
    live(side.fields.at(-1) as RandomField) ? withFields(side, side.fields.slice(0, -1)) : undefined,
  remove: (side, random) => replaced(side, indexOf(side, random, live), () => []),
  reserve: (side, random) =>
    replaced(side, indexOf(side, random, live), (field) => [
      { name: field.name, type: `reserved<${field.type}>`, isPadding: true },
    ]),
  rename: (side, random) =>
    replaced(
      side,
      indexOf(side, random, (field) => live(field) && field.was === undefined && !/^n\d/.test(field.name)),
      (field) => {
        counter += 1;
        const isTold = random.chance(0.6);
        const name = `r${counter}`;
        return [{ ...field, name, ...(isTold ? { was: field.name } : { hasSince: random.chance(0.7) }) }];
      },
    ),
  swap: (side, random) => {
    const at = random.integer(0, side.fields.length - 2);
    const [one, other] = [side.fields[at] as RandomField, side.fields[at + 1] as RandomField];
    return withFields(side, [...side.fields.slice(0, at), other, one, ...side.fields.slice(at + 2)]);
  },
  widen: retyped(swap(WIDER)),
  sign: retyped(swap({ u8: "i8", i8: "u8", u16: "i16", i16: "u16", u32: "i32", i32: "u32", u64: "i64", i64: "u64" })),
  "bigint or number": retyped(
    swap({ u64: "num<u64>", "num<u64>": "u64", "atomic<i64>": "atomic<num<i64>>", "atomic<num<i64>>": "atomic<i64>" }),
  ),
  "float or integer": retyped(swap({ u32: "f32", f32: "u32", u64: "f64", f64: "u64" })),
  "more atomic": retyped((type) =>
    /^(?:[ui](?:8|16|32|64)|f64|bool|Gear)$/.test(type) ? `atomic<${type}>` : undefined,
  ),
  "less atomic": retyped((type) => /^(?:atomic|relaxed)<(.+)>$/.exec(type)?.[1]),
  "order spelled": retyped(swap({ u32: "le<u32>", "le<u32>": "u32", f32: "le<f32>", "le<f32>": "f32" })),
  order: retyped(swap({ u16: "be<u16>", "be<u16>": "u16", "le<u32>": "be<u32>", "be<i64>": "i64" })),
  "length of an array": retyped(bounded("array")),
  capacity: retyped(bounded("utf8")),
  "capacity in units": retyped(bounded("utf16")),
  encoding: retyped((type, random) => {
    const [word, rest = ""] = type.split("<");
    return TEXTS.includes(word ?? "") ? `${random.pick(TEXTS)}<${rest}` : undefined;
  }),
  "raw bytes": retyped(bounded("bytes")),
  "number of an enum": retyped((type, random) => (type === "Gear" ? random.pick(["u8", "u16"]) : undefined)),
  "enum of a number": retyped((type) => (type === "u8" || type === "u16" ? "Gear" : undefined)),
  "add a gear": (side) => ({ ...side, gear: [...side.gear, ["Sport", 2]] }),
  "remove a gear": (side) => ({ ...side, gear: side.gear.slice(0, -1) }),
  "rename a gear": (side) => ({
    ...side,
    gear: side.gear.map(([name, value]) => [name === "Low" ? "Crawl" : name, value]),
  }),
  "renumber a gear": (side) => ({
    ...side,
    gear: side.gear.map(([name, value]) => [name, name === "Low" ? 6 : value]),
  }),
  "repr of an enum": (side) =>
    side.gearRepr === "u8"
      ? { ...side, gearRepr: "u16" }
      : { ...side, gearRepr: "u8", gear: side.gear.map(([name, value]) => [name, Math.min(value, 6)]) },
  "add a mark": (side) => ({ ...side, marks: [...side.marks, ["Green", 4]] }),
  "add a lamp": (side) => ({ ...side, lamps: [...side.lamps, ["fog", 1]] }),
  "move a lamp": (side) => ({ ...side, lamps: [["fog", 1], ...side.lamps] }),
  "widen a lamp": (side) => ({
    ...side,
    lamps: side.lamps.map(([name, width]) => [name, name === "low" ? width + 1 : width]),
  }),
  "grow a wheel": (side) => ({ ...side, wheel: [...side.wheel, { name: "wear", type: "u32", hasSince: true }] }),
  "wheel's padding": (side, random) => {
    const [rpm, kept, ...rest] = side.wheel as [RandomField, RandomField, ...RandomField[]];
    if (kept.name !== "kept") return undefined;
    const left = Number(/\d+/.exec(kept.type)?.[0]) - 4;
    const more: RandomField = {
      name: "heat",
      type: random.pick(["u32", "f32", "atomic<u32>"]),
      hasSince: random.chance(0.8),
    };
    return { ...side, wheel: [rpm, more, ...(left > 0 ? [{ ...kept, type: `pad<${left}>` }] : []), ...rest] };
  },
  comment: (side) => side,
};

function hasUniqueNames({ fields, wheel, gear, marks, lamps }: RandomSide): boolean {
  const lists = [
    fields.map(({ name }) => name),
    wheel.map(({ name }) => name),
    ...[gear, marks, lamps].map((list) => list.map(([name]) => name)),
  ];
  const former = fields.flatMap(({ was }) => was ?? []);
  const values = new Set(gear.map(([, value]) => value));
  return (
    values.size === gear.length &&
    [...lists, [...lists.flat().slice(0, fields.length), ...former]].every(
      (names) => new Set(names).size === names.length,
    )
  );
}

/** A pair with one to three changes. */
export function randomPair(random: Random): RandomPair {
  const older = randomOlder(random);
  for (;;) {
    let newer: RandomSide = { ...older, version: 2, readableFrom: random.chance(0.7) ? 1 : 2 };
    const changes: string[] = [];
    for (let n = random.pick([1, 1, 1, 2, 3]); n > 0; n -= 1) {
      const name = random.pick(Object.keys(CHANGES));
      const made = CHANGES[name]?.(newer, random);
      if (made === undefined) continue;
      newer = made;
      changes.push(name);
    }
    if (changes.length > 0 && newer.fields.some(live) && hasUniqueNames(newer)) return { older, newer, changes };
  }
}

const VOCABULARY =
  "i8, u8, i16, u16, i32, u32, i64, u64, f32, f64, bool, num, flags, bits, atomic, relaxed, array, utf8, utf16, utf32, latin1, bytes, le, be, since, pad, reserved, Region";

function fieldText({ name, type, was, hasSince, isPadding }: RandomField): string {
  const tag = was === undefined ? "" : `/** @was ${was} */ `;
  return `${tag}${name}: ${hasSince === true && isPadding !== true ? `since<${type}, 2>` : type};`;
}

/** The schema of one side. */
export function sideText({ version, readableFrom, fields, wheel, gear, marks, lamps, gearRepr }: RandomSide): string {
  const members = (list: RandomSide["gear"]): string => list.map(([name, value]) => `${name} = ${value}`).join(", ");
  const region = `type: 1; version: ${version}; readableFrom: ${readableFrom}`;
  return `import type { ${VOCABULARY} } from "@shmgen/schema";
/** @repr ${gearRepr} */ export enum Gear { ${members(gear)} }
/** @repr u8 */ export enum Marks { ${members(marks)} }
export type Lamps = bits<{ ${lamps.map(([name, width]) => `${name}: ${width}`).join("; ")} }, u8>;
export interface Wheel { ${wheel.map(fieldText).join(" ")} }
export interface Car extends Region<{ ${region} }> { ${fields.map(fieldText).join(" ")} }
`;
}

/** Fields that a program of `side` can write in a region of the other one, by their names here and there. */
export function commonFields(
  fields: readonly RandomField[],
  others: readonly RandomField[],
): (readonly [RandomField, RandomField])[] {
  return fields.filter(live).flatMap((field) => {
    const other = others.find(
      ({ name, was, isPadding }) =>
        isPadding !== true && (name === field.name || name === field.was || was === field.name),
    );
    return other === undefined ? [] : [[field, other] as const];
  });
}

/** What a value is drawn for. */
export interface Draw {
  readonly random: Random;
  readonly round: number;
  /** Of the field, and of who writes it: no other value of the same round has this number. */
  readonly number: number;
}

/**
 * A value that `assign` takes for a field of this type. Of structs only the fields that `wheel` names. The first rounds take the
 * extremes, and every member of an enum in turn.
 */
export function randomValue(type: string, side: RandomSide, wheel: readonly RandomField[], draw: Draw): unknown {
  const { random, round } = draw;
  const inner = /^(atomic|relaxed|le|be)<(.+)>$/.exec(type)?.[2];
  if (inner !== undefined) return randomValue(inner, side, wheel, draw);
  const range = INTEGERS[type];
  if (range !== undefined) {
    const [low, high] = range;
    const value = round < 2 ? ([high, low][round] as bigint) : low + (random.big() % (high - low + 1n));
    return type.endsWith("64") ? value : Number(value);
  }
  if (type.startsWith("num<")) return random.integer(0, 2 ** 31) * 2 ** 20;
  if (type === "f32") return Math.fround(random.integer(-1e6, 1e6) / 8);
  if (type === "f64") return random.integer(-1e6, 1e6) / 7;
  if (type === "bool") return random.chance(0.5);
  if (type === "Gear") return memberOf(side.gear, draw)?.[1];
  if (type.startsWith("flags<"))
    return side.marks.reduce((sum, [, bit]) => (round === 0 || random.chance(0.5) ? sum | bit : sum), 0);
  if (type === "Lamps")
    return Object.fromEntries(
      side.lamps.map(([name, width]) => [name, round === 0 ? 2 ** width - 1 : random.integer(0, 2 ** width - 1)]),
    );
  if (type === "Wheel")
    return Object.fromEntries(wheel.map((field) => [field.name, randomValue(field.type, side, [], draw)]));
  const [, word, of = "", size = ""] = /^(utf8|utf16|utf32|latin1|bytes|array)<(?:(.+), )?(\d+)>$/.exec(type) ?? [];
  const length = Number(size);
  if (word !== undefined && TEXTS.includes(word))
    return "abcdefghijklmnopqrstuvwxyz"
      .slice(random.integer(0, 5))
      .repeat(2)
      .slice(0, round === 0 ? length : random.integer(0, length));
  if (word === "bytes") return Uint8Array.from({ length }, () => random.integer(0, 255));
  if (word === "array")
    return Array.from({ length }, (_, index) => randomValue(of, side, wheel, { ...draw, round: round + index }));
  throw new Error(`no value for ${type}`);
}

/**
 * The members in turn, beginning by the number's last digit; after that its other digits. Two numbers draw different members in some
 * round: a reader who takes one field for another one sees it.
 */
function memberOf<T>(members: readonly T[], { round, number }: Draw): T | undefined {
  const digit = Math.floor(number / members.length ** Math.max(0, round - members.length + 1));
  return members[(round + digit) % members.length];
}

/** Whether a value that was read is one that the type names: enums may hold other numbers. */
export function isNamed(type: string, value: unknown, side: RandomSide): boolean {
  if (/^(?:atomic<)?Gear>?$/.test(type)) return side.gear.some(([, number]) => number === value);
  if (type.startsWith("array<"))
    return (value as unknown[]).every((each) => isNamed(type.slice(6, type.lastIndexOf(",")), each, side));
  return true;
}
