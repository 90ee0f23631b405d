/**
 * Descriptions of layouts that anybody may have written: what opening a region and comparing layouts read them with gives a
 * verdict or a LayoutError, in bounded time, and never lets an offset pass that lies outside.
 */
import { describe, expect, it } from "vitest";
import { descriptorJson } from "../../generator/dist/layout/descriptor.js";
import {
  compareLayouts,
  type DescribedLayout,
  LayoutError,
  readDescribedLayout,
  sentenceOf,
} from "../../schema/dist/evolution/index.js";
import { randomPair, sideText } from "../evolution/random-pairs.js";
import { byDepth } from "../support/run/depth.js";
import { cpuMs } from "../support/run/figures.js";
import { compileSchema } from "../support/schemas/generated.js";
import { Random, runSeed } from "../support/run/random.js";

const COUNT = byDepth(800, 5000, 1_000_000);
/** A text of a few kB that takes this long would be a hang. */
const HANG_MS = 5000;

const HOSTILE: readonly unknown[] = [
  -1,
  0,
  1,
  2,
  7,
  1.5,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e308,
  null,
  true,
  "",
  "0",
  "1",
  "99",
  "-1",
  "__proto__",
  "constructor",
  [],
  {},
  [[]],
  { kind: "array", of: { kind: "bool" }, length: 2 ** 40 },
  { kind: "struct", struct: "0" },
  { kind: "tail", of: { kind: "bool" } },
  { kind: "reserved", of: { kind: "struct", struct: "1" } },
];

type Json = { [key: string]: Json } | Json[] | string | number | boolean | null;

/** Some place in a tree of JSON: the object or list, and the key there. */
function somewhere(
  root: Json,
  random: Random,
): { readonly parent: Record<string, Json>; readonly key: string } | undefined {
  let parent: Json = root;
  for (let depth = random.integer(1, 9); ; depth -= 1) {
    if (typeof parent !== "object" || parent === null) return undefined;
    const keys = Object.keys(parent);
    if (keys.length === 0) return undefined;
    const key = random.pick(keys);
    const child: Json = (parent as Record<string, Json>)[key] ?? null;
    if (depth === 0 || typeof child !== "object" || child === null)
      return { parent: parent as Record<string, Json>, key };
    parent = child;
  }
}

function mutate(text: string, random: Random): string {
  if (random.chance(0.1)) {
    const at = random.integer(0, text.length - 1);
    return text.slice(0, at) + String.fromCharCode(random.integer(32, 126)) + text.slice(at + random.integer(0, 3));
  }
  const root = JSON.parse(text) as Json;
  for (let changes = random.integer(1, 3); changes > 0; changes -= 1) {
    const place = somewhere(root, random);
    if (place === undefined) continue;
    const { parent, key } = place;
    const other = somewhere(root, random);
    const choice = random.integer(0, 4);
    if (choice === 0) delete parent[key];
    else if (choice === 1) parent[key] = structuredClone(random.pick(HOSTILE)) as Json;
    else if (choice === 2 && typeof parent[key] === "number") parent[key] += random.pick([-8, -1, 1, 4, 8, 4096]);
    else if (choice === 3 && other !== undefined) parent[key] = structuredClone(other.parent[other.key] ?? null);
    else if (Array.isArray(parent[key])) parent[key].push(structuredClone(parent[key][0] ?? null));
  }
  return JSON.stringify(root);
}

/** What the runtime relies on: every field of a layout that was read lies in its struct. */
function staysInside({ layout }: DescribedLayout): boolean {
  return layout.structs.every(({ size, fields }) =>
    fields.every((field) => field.offset >= 0 && field.offset + field.size <= size),
  );
}

describe("hostile descriptions", () => {
  it(
    "give a verdict or a LayoutError, quickly, whatever they say",
    async () => {
      const seed = runSeed("hostile descriptions");
      const random = new Random(seed);
      const texts: string[] = [];
      for (let n = 0; n < 20; n += 1) {
        const { older, newer } = randomPair(random);
        for (const side of [older, newer]) {
          const { model } = await compileSchema({ "car.shm.ts": sideText(side) }, []);
          const root = [...(model?.structs.values() ?? [])].find(({ role }) => role.kind === "region");
          if (model !== undefined && root !== undefined) texts.push(descriptorJson(model, root.id));
        }
      }
      expect(texts).toHaveLength(40);
      const known = texts.map(readDescribedLayout);
      const counts: Record<string, number> = {};
      let slowest = 0;
      for (let n = 0; n < COUNT; n += 1) {
        const text = mutate(random.pick(texts), random);
        const begun = cpuMs();
        let outcome: string;
        try {
          const hostile = readDescribedLayout(text);
          const own = random.pick(known);
          const verdict = random.chance(0.5) ? compareLayouts(hostile, own) : compareLayouts(own, hostile);
          outcome = staysInside(hostile) ? verdict.class : "outside";
          for (const change of verdict.changes.slice(0, 3)) sentenceOf(change);
        } catch (error) {
          outcome = error instanceof LayoutError ? "LayoutError" : `${String(error)} for ${text}`;
        }
        slowest = Math.max(slowest, cpuMs() - begun);
        counts[outcome] = (counts[outcome] ?? 0) + 1;
      }
      console.log(`${COUNT} descriptions: ${JSON.stringify(counts)}, slowest ${slowest.toFixed(1)} ms of CPU time`);
      const allowed = new Set(["LayoutError", "identical", "compatible", "upgrade", "breaking"]);
      expect(
        Object.keys(counts).filter((outcome) => !allowed.has(outcome)),
        `SHMGEN_SEED=${seed}`,
      ).toEqual([]);
      expect(counts["LayoutError"]).toBeGreaterThan(COUNT / 4);
      expect(slowest).toBeLessThan(HANG_MS);
    },
    byDepth(60_000, 60_000, 1_800_000),
  );

  it.each([
    ["a tower of types", `{"kind":"atomic","of":`.repeat(50_000) + '{"kind":"bool"}' + "}".repeat(50_000)],
    ["a tower of lists", "[".repeat(400_000) + "]".repeat(400_000)],
  ])("%s is refused and does not exhaust the stack", (_, type) => {
    const field = `{"name":"a","type":${type},"offset":0,"size":1}`;
    const struct = `{"name":"A","size":1,"align":1,"packed":false,"fields":[${field}]}`;
    const region = '{"name":"A","typeId":1,"version":1,"readableFrom":1,"header":"standard"}';
    const text = `{"format":1,"region":${region},"layout":{"structs":[${struct}],"enums":[],"bits":[]}}`;
    expect(() => readDescribedLayout(text)).toThrow(LayoutError);
  });

  it("structs that contain each other, and long chains of them, are told apart in time", () => {
    const COUNT_STRUCTS = 5000;
    const layout = (last: number): object => ({
      structs: Array.from({ length: COUNT_STRUCTS }, (__, n) => ({
        name: `S${n}`,
        size: 4,
        align: 4,
        packed: false,
        fields: [
          n === COUNT_STRUCTS - 1 && last < 0
            ? { name: "a", type: { kind: "scalar", scalar: "u32" }, offset: 0, size: 4 }
            : {
                name: "a",
                type: { kind: "struct", struct: String(n === COUNT_STRUCTS - 1 ? last : n + 1) },
                offset: 0,
                size: 4,
              },
        ],
      })),
      enums: [],
      bits: [],
    });
    const text = (last: number): string =>
      JSON.stringify({
        format: 1,
        region: { name: "S0", typeId: 1, version: 1, readableFrom: 1, header: "standard" },
        layout: layout(last),
      });
    expect(() => readDescribedLayout(text(0))).toThrow(/contains itself/);
    expect(() => readDescribedLayout(text(COUNT_STRUCTS - 1))).toThrow(/contains itself/);
    const chain = readDescribedLayout(text(-1));
    expect(compareLayouts(chain, chain).class).toBe("identical");
  });
});
