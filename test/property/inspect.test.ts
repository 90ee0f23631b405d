import { describe, expect, it } from "vitest";
import { annotatedLines } from "../../generator/dist/inspect/annotate.js";
import { headingLines } from "../../generator/dist/inspect/facts.js";
import { jsonPieces } from "../../generator/dist/inspect/json.js";
import { inspectSteadily } from "../../generator/dist/inspect/inspect-steadily.js";
import { Selection } from "../../generator/dist/inspect/select.js";
import { type ByteSource, InspectError } from "../../generator/dist/inspect/source.js";
import { pathLines, textLines } from "../../generator/dist/inspect/text.js";
import { walk } from "../../generator/dist/inspect/walk.js";
import { computeLayouts } from "../../generator/dist/layout/compute.js";
import { descriptorBytes, descriptorJson } from "../../generator/dist/layout/descriptor.js";
import { DescriptorError, parseDescriptor } from "../../generator/dist/layout/read-canonical.js";
import { readHeader } from "../../schema/dist/header.js";
import { HEADER_OFFSET as AT, HEADER_SIZE } from "../../schema/dist/region-format.js";
import { byDepth } from "../support/run/depth.js";
import { cpuMs } from "../support/run/figures.js";
import { randomIr } from "../support/schemas/random-ir.js";
import { Random, runSeed } from "../support/run/random.js";
import { packDescriptor, regionBytes, rightHeader } from "../support/regions/region-bytes.js";

const seed = runSeed("inspect");
const ROUNDS = byDepth(700, 8000, 1_000_000);
const ABOUT = { name: "x", path: "/x", isCreatorRunning: false };

/** What a round may take at most. An honest region of this size takes some milliseconds. */
const MS_MAX = 5000;
const LENGTH_MAX = 1 << 26;

const sourceOf = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read(offset, length) {
    if (offset + length > bytes.length || offset < 0) throw new Error("the decoder reads beyond the end");
    return bytes.slice(offset, offset + length);
  },
});

const MODES = ["text", "json", "annotate", "fields", "flat"] as const;

/** Shows it as the commands do. */
function show(bytes: Uint8Array, mode: (typeof MODES)[number], all: boolean): string | undefined {
  const result = inspectSteadily(
    () => sourceOf(bytes),
    (region, source) => {
      const selection = mode === "fields" || mode === "flat" ? new Selection(["*[1]*", "f0", "f2.*"]) : undefined;
      const events = walk(region, source, { all, selection, bytes: mode === "annotate" });
      const about = { ...ABOUT, size: source.size };
      if (mode === "json" || mode === "flat") {
        return [...jsonPieces(events, region, about, { flat: mode === "flat" })].join("");
      }
      if (mode === "annotate") return [...annotatedLines(events, region, source, all)].join("\n");
      const lines = mode === "fields" ? pathLines(events, region.model) : textLines(events, region.model);
      return [...headingLines(region, about), ...lines].join("\n");
    },
  );
  return "why" in result ? undefined : result.value;
}

/** Regions of random layouts, with random bytes in them. */
function honestRegions(random: Random): { readonly bytes: Uint8Array; readonly json: string }[] {
  const ir = randomIr(random, { structs: 60, sizeMax: 600, unions: true });
  const { model: plain } = computeLayouts(ir);
  ir.structs = ir.structs.map((struct, typeId) =>
    struct.union === true || (plain.structs.get(struct.id)?.align ?? 0) > 128
      ? struct
      : {
          ...struct,
          role: { kind: "region", typeId, version: 2, readableFrom: 1, header: "standard" },
          fields:
            struct.size === undefined && random.chance(0.5)
              ? [...struct.fields, { name: "rest", type: { kind: "tail", of: { kind: "scalar", scalar: "u32" } } }]
              : struct.fields,
        },
  );
  // Regions that are nested in others are none any more.
  const nested = new Set(
    ir.structs.flatMap(({ fields }) => JSON.stringify(fields).match(/random\.shm\.ts#S\d+/g) ?? []),
  );
  ir.structs = ir.structs.filter(({ id, role, union }) => union === true || role.kind === "region" || nested.has(id));
  ir.structs = ir.structs.map((struct) =>
    nested.has(struct.id)
      ? { ...struct, role: { kind: "plain" }, fields: struct.fields.filter(({ name }) => name !== "rest") }
      : struct,
  );
  const { model, diagnostics } = computeLayouts(ir);
  expect(diagnostics).toEqual([]);
  const regions = [...model.structs.values()].filter(({ role }) => role.kind === "region");
  return regions.map((struct) => {
    if (struct.role.kind !== "region") throw new Error("it is one");
    const { typeId, version, readableFrom } = struct.role;
    const tailStride = struct.tail?.stride ?? 0;
    const bytes = regionBytes({
      typeId,
      version,
      readableFrom,
      fingerprint: struct.fingerprint,
      payloadSize: struct.size,
      tailStride,
      tailLength: tailStride === 0 ? 0 : random.integer(0, 40),
      descriptor: descriptorBytes(model, struct.id),
    });
    for (let at = 0; at < struct.size; at += 1) bytes[HEADER_SIZE + at] = random.bits() & 255;
    return { bytes, json: descriptorJson(model, struct.id) };
  });
}

const NUMBERS = [0, 1, 2, 7, 64, 4096, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 53, -1, 0.5, 1e300];
const WORDS = ["__proto__", "\\u001b[2J", "\\u202e", "\\ud800", "f0", "a.b[0]", "", "constructor", "x".repeat(2000)];
const KINDS = [
  "scalar",
  "array",
  "tail",
  "atomic",
  "struct",
  "enum",
  "flags",
  "bits",
  "utf8",
  "bytes",
  "endian",
  "num",
];

/** JSON that means something else, or nothing. */
function mutateJson(json: string, random: Random): string {
  const pickMatch = (pattern: RegExp): RegExpExecArray | undefined => {
    const matches = [...json.matchAll(pattern)];
    return matches.length === 0 ? undefined : random.pick(matches);
  };
  const replace = (match: RegExpExecArray | undefined, text: string): string =>
    match === undefined ? json : json.slice(0, match.index) + text + json.slice(match.index + match[0].length);
  return random.pick<() => string>([
    () => replace(pickMatch(/(?<=:)\d+/g), String(random.pick(NUMBERS))),
    () => replace(pickMatch(/(?<="name":")[^"]*/g), random.pick(WORDS)),
    () => replace(pickMatch(/(?<="kind":")[^"]*/g), random.pick(KINDS)),
    () => replace(pickMatch(/(?<="(?:struct|enum|bits)":")\d+/g), String(random.integer(0, 9))),
    () => {
      const match = pickMatch(/\{"kind":"scalar","scalar":"\w+"\}/g);
      const depth = random.pick([1, 2, 40, 300]);
      const length = random.pick([1, 2, 1000, 2 ** 40]);
      return replace(match, '{"kind":"array","of":'.repeat(depth) + match?.[0] + `,"length":${length}}`.repeat(depth));
    },
    () => {
      const at = random.integer(0, json.length - 1);
      return json.slice(0, at) + String.fromCharCode(random.integer(32, 126)) + json.slice(at + 1);
    },
    () => {
      const [from = 0, to = 0] = [random.integer(0, json.length), random.integer(0, json.length)].sort((a, b) => a - b);
      return json.slice(0, to) + json.slice(from);
    },
    // Sizes that fit again after a longer or shorter array.
    () =>
      json.replace(
        /"type":\{"kind":"array","of":(\{"kind":"scalar","scalar":"u8"\}),"length":(\d+)\}/,
        (_, of, length) => {
          const text = `{"kind":"array","of":${String(of)},"length":1}`;
          return `"type":{"kind":"array","of":${text},"length":${String(length)}}`;
        },
      ),
  ])();
}

function mutate({ bytes, json }: ReturnType<typeof honestRegions>[number], random: Random): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const flip = (from: number, to: number): void => {
    for (let count = random.integer(1, 4); count > 0; count -= 1) {
      copy[random.integer(from, to - 1)] = random.pick([0, 1, 255, random.bits() & 255]);
    }
  };
  const at = Number(view.getBigUint64(AT.descriptorOffset, true));
  switch (random.integer(0, 5)) {
    case 0:
      flip(0, HEADER_SIZE);
      if (random.chance(0.7)) rightHeader(copy);
      return copy;
    case 1:
      flip(at, at + view.getUint32(AT.descriptorSize, true));
      return copy;
    case 2:
      flip(HEADER_SIZE, copy.length);
      return copy;
    case 3:
      return copy.slice(0, random.integer(0, copy.length));
    default:
      return withDescriptor(copy, packDescriptor(mutateJson(json, random)));
  }
}

/** The same region with another descriptor, and a header that agrees with it as far as that is possible. */
function withDescriptor(bytes: Uint8Array, descriptor: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer);
  const parts = {
    typeId: view.getUint32(AT.typeId, true),
    version: 2,
    readableFrom: 1,
    fingerprint: "0123456789abcdef",
    payloadSize: Number(view.getBigUint64(AT.payloadSize, true)),
    tailStride: view.getUint32(AT.tailStride, true),
    tailLength: Number(view.getBigUint64(AT.tailLength, true)),
  };
  let agreed = {};
  try {
    const { region, model, root } = parseDescriptor(descriptor);
    const struct = model.structs.get(root);
    if (struct !== undefined && struct.size <= 1 << 20 && (struct.tail?.stride ?? 0) < 1 << 16) {
      const { typeId, version, readableFrom } = region;
      const { fingerprint, size: payloadSize, tail } = struct;
      const tailStride = tail?.stride ?? 0;
      const tailLength = tailStride === 0 ? 0 : parts.tailLength;
      agreed = { typeId, version, readableFrom, fingerprint, payloadSize, tailStride, tailLength };
    }
  } catch (error) {
    if (!(error instanceof DescriptorError)) throw error;
  }
  const made = regionBytes({ ...parts, ...agreed, descriptor });
  made.set(
    bytes.subarray(
      HEADER_SIZE,
      HEADER_SIZE + Math.min(parts.payloadSize, made.length - HEADER_SIZE - descriptor.length - 8),
    ),
    HEADER_SIZE,
  );
  new Uint8Array(made.buffer).set(
    descriptor,
    Number(new DataView(made.buffer).getBigUint64(AT.descriptorOffset, true)),
  );
  return made;
}

const NOTHING = { typeId: 0, version: 2, readableFrom: 1, fingerprint: "0", tailStride: 0, tailLength: 0 };

/** What a terminal would obey, or what hides text. */
const UNSAFE = /[^\P{C}\n\p{Co}\p{Cn}]|[\p{Zl}\p{Zp}]/u;

describe("inspect", () => {
  it("shows random regions in every way, as text without control characters and JSON that is JSON", () => {
    const random = new Random(seed);
    for (const { bytes } of honestRegions(random)) {
      for (const mode of MODES) {
        const text = show(bytes, mode, true);
        expect(text, `seed ${seed}`).toBeDefined();
        expect(UNSAFE.exec(text ?? "")).toBe(null);
        if (mode === "json" || mode === "flat") expect(() => JSON.parse(text ?? "") as unknown).not.toThrow();
      }
    }
  });

  it(`is not brought down by hostile bytes: ${ROUNDS} mutations of header, descriptor, its JSON and payload [faults 51 52 54 55]`, () => {
    const random = new Random(seed);
    const regions = honestRegions(random);
    const counts = { shown: 0, refused: 0, slowest: 0, longest: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const bytes = mutate(random.pick(regions), random);
      const mode = random.pick(MODES);
      const began = cpuMs();
      try {
        const text = show(bytes, mode, random.chance(0.1));
        if (text === undefined) counts.refused += 1;
        else {
          counts.shown += 1;
          counts.longest = Math.max(counts.longest, text.length);
          if (UNSAFE.test(text)) throw new Error(`a terminal would obey: ${JSON.stringify(text).slice(0, 500)}`);
          if (mode === "json" || mode === "flat") JSON.parse(text);
        }
      } catch (error) {
        if (!(error instanceof InspectError)) throw new Error(`seed ${seed}, round ${round}`, { cause: error });
        counts.refused += 1;
      }
      counts.slowest = Math.max(counts.slowest, cpuMs() - began);
    }
    console.log(
      `inspect: seed ${seed}, ${ROUNDS} mutations: ${counts.shown} shown, ${counts.refused} refused, ` +
        `slowest ${counts.slowest.toFixed(0)} ms of CPU time, longest output ${counts.longest} characters`,
    );
    expect(counts.slowest).toBeLessThan(MS_MAX);
    expect(counts.longest).toBeLessThan(LENGTH_MAX);
    expect(counts.shown).toBeGreaterThan(ROUNDS / 20);
    expect(counts.refused).toBeGreaterThan(ROUNDS / 20);
  }, 3_600_000);

  /** A descriptor whose first struct has this field, and the size that it needs. */
  const single = (type: string, size: number, more: readonly string[] = []): string => {
    const field = `{"name":"a","type":${type},"offset":0,"size":${size}}`;
    const first = `{"name":"A","size":${size},"align":1,"packed":false,"fields":[${field}]}`;
    return wrap([first, ...more].join());
  };
  const wrap = (structs: string): string =>
    `{"format":1,"region":{"name":"A","typeId":0,"version":2,"readableFrom":1,"header":"standard"},"layout":{"structs":[${structs}],"enums":[],"bits":[]}}`;
  const chain = (length: number): string =>
    wrap(
      Array.from({ length }, (_, index) => {
        const type = index < length - 1 ? `{"kind":"struct","struct":"${index + 1}"}` : `{"kind":"bool"}`;
        const field = `{"name":"a","type":${type},"offset":0,"size":1}`;
        return `{"name":"A","size":1,"align":1,"packed":false,"fields":[${field}]}`;
      }).join(),
    );
  const nest = (depth: number, length: number): string =>
    '{"kind":"array","of":'.repeat(depth) + '{"kind":"bool"}' + `,"length":${length}}`.repeat(depth);

  it.each([
    ["arrays in arrays, 2^19 values", single(nest(19, 2), 2 ** 19), /more than 10000 values/],
    ["2^40 elements", single(nest(1, 2 ** 40), 2 ** 40), undefined],
    ["elements without bytes", single('{"kind":"array","of":{"kind":"utf8","size":0},"length":1000000}', 0), undefined],
    ["300 arrays in one another", single(nest(300, 1), 1), undefined],
    ["100 arrays in one another", single(nest(100, 1), 1), /more than 64 structs and arrays in one another/],
    ["a chain of 2,000 structs", chain(2000), /more than 64 structs and arrays in one another/],
    ["a chain of 6,000 structs, which may be too long for the stack", chain(6000), "either"],
    ["a struct that contains itself", single('{"kind":"struct","struct":"0"}', 1), undefined],
    ["100,000 mistakes", wrap(Array.from({ length: 100_000 }, () => "{}").join()), undefined],
    [
      "names that are taken",
      single(nest(1, 1), 1).replace('"fields":[', '"fields":[{"name":"a","type":{"kind":"bool"},"offset":0,"size":1},'),
      undefined,
    ],
  ])("is quick with %s [fault 52]", (_, json, expected) => {
    const before = process.memoryUsage().rss;
    const began = cpuMs();
    const bytes = withDescriptor(
      regionBytes({ ...NOTHING, payloadSize: 8, descriptor: new Uint8Array(16) }),
      packDescriptor(json),
    );
    for (const mode of MODES) {
      const text = show(bytes, mode, false);
      if (expected === undefined) expect(text).toBeUndefined();
      else if (expected !== "either" && mode === "text") expect(text).toMatch(expected);
    }
    expect(cpuMs() - began).toBeLessThan(MS_MAX);
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 29);
  });

  it("a header that changes while it is looked at is looked at again, and not for ever [fault 53]", () => {
    const [region] = honestRegions(new Random(seed));
    const bytes = (region as { readonly bytes: Uint8Array }).bytes;
    let looks = 0;
    const changing = (until: number) => () => {
      looks += 1;
      const copy = bytes.slice();
      new DataView(copy.buffer).setUint32(AT.generation, Math.min(looks, until), true);
      return sourceOf(copy);
    };
    const result = inspectSteadily(changing(4), ({ header }) => header.generation);
    expect("value" in result && result.value).toBe(4);
    looks = 0;
    expect(() => inspectSteadily(changing(1000), () => 0)).toThrow(
      "it was made anew during each of 10 attempts to read it",
    );
    expect(looks).toBe(20);
  });

  it("what growth alone has changed is no other region, unless all its bytes are asked for [fault 53]", () => {
    const { bytes } = honestRegions(new Random(seed)).find(({ bytes: all }) => readHeader(all).tailLength > 0) as {
      readonly bytes: Uint8Array;
    };
    const { tailLength, descriptorOffset } = readHeader(bytes);
    const grown = bytes.slice();
    new DataView(grown.buffer).setBigUint64(AT.tailLength, BigInt(tailLength + 1), true);
    const overwritten = bytes.slice().fill(0, descriptorOffset);
    /** The bytes that are read one after the other; the last ones for ever. */
    const lookAt = (versions: readonly Uint8Array[], exact = false): [reads: number, shown: unknown] => {
      let reads = 0;
      const fresh = (): ByteSource => sourceOf(versions[Math.min(reads++, versions.length - 1)] as Uint8Array);
      const result = inspectSteadily(fresh, ({ header }) => header.tailLength, { exact });
      return [reads, "why" in result ? result.state : result.value];
    };
    expect(lookAt([bytes, grown])).toEqual([2, tailLength]);
    expect(lookAt([bytes, grown, bytes], true)).toEqual([4, tailLength]);
    // A description of which a growing tail has taken the place, and one that is damaged.
    expect(lookAt([overwritten, grown, bytes])).toEqual([4, tailLength]);
    expect(lookAt([overwritten])).toEqual([2, "damaged"]);
    // Shorter than it was: somebody made it anew.
    expect(lookAt([grown, bytes])).toEqual([4, tailLength]);
  });
});
