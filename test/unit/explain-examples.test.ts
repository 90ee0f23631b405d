/** What `shmgen explain` shows: every wrong example draws its code and no other, every right one compiles. */
import { describe, expect, it } from "vitest";
import { compile } from "../../generator/dist/compile.js";
import { PUBLISHED } from "../../generator/dist/diagnostics/codes-evolution.js";
import { codes, listCodes } from "../../generator/dist/diagnostics/codes.js";
import { checkVersions } from "../../generator/dist/evolution/check-versions.js";
import type { PublishedRegion } from "../../generator/dist/evolution/lock-file.js";
import { layoutsOf } from "../../generator/dist/evolution/published-layout.js";

const WORDS =
  "i8 u8 i16 u16 i32 u32 i64 u64 u24 i24 u128 f32 f64 bool num timestamp enumOf flags bits signed atomic relaxed array tail union utf8 latin1 utf16 utf32 bytes align at be le " +
  "expect since reserved pad Region Foreign Packed Aligned Sized " +
  "mutex event semaphore seqlock ring queue slotPool workQueue bipBuffer messages broadcast map counters";
const WHEEL = 'import type { f32 } from "@shmgen/schema";\nexport interface Wheel { rpm: f32 }';

/** The example with the import that it leaves out for brevity. */
function complete(example: string): string {
  const [, imported = ""] = /import type \{([^}]*)\} from "@shmgen\/schema"/.exec(example) ?? [];
  if (imported !== "") return example;
  const used = WORDS.split(" ").filter((word) => new RegExp(`\\b${word}\\b`).test(example));
  return used.length === 0 ? example : `import type { ${used.join(", ")} } from "@shmgen/schema";\n${example}`;
}

async function compiled(example: string): ReturnType<typeof compile> {
  const files: Record<string, string> = { "car.shm.ts": complete(example), "wheel.shm.ts": WHEEL };
  return compile({ files: ["car.shm.ts"], readFile: (path) => files[path], targets: ["ts", "js", "c"] });
}

async function codesOf(example: string): Promise<string[]> {
  const { model, diagnostics } = await compiled(example);
  const versions = example.includes("Published") && model !== undefined ? await againstPublished(model) : [];
  return [...new Set([...diagnostics, ...versions].map(({ code }) => code))];
}

/** What the examples of SHM5xxx say that was published. */
async function againstPublished(model: Parameters<typeof layoutsOf>[0]) {
  const versions: [number, ReturnType<typeof layoutsOf>[number]][] = [];
  for (const version of PUBLISHED.versions) {
    const text = `export interface Car extends Region<{ type: 1; version: ${version} }> { ${PUBLISHED.fields} }`;
    const published = await compiled(text);
    const [layout] = published.model === undefined ? [] : layoutsOf(published.model);
    if (layout !== undefined) versions.push([version, layout]);
  }
  expect(versions).toHaveLength(2);
  const car: PublishedRegion = { name: "Car", typeId: 1, versions: new Map(versions) };
  return checkVersions(layoutsOf(model), new Map([["Car", car]]), "the lock file").diagnostics;
}

describe("the examples of explain", () => {
  it.each(listCodes().filter((code) => codes[code].wrong !== ""))("%s: its wrong example draws it", async (code) => {
    expect(await codesOf(codes[code].wrong)).toEqual([code]);
  });

  it.each(listCodes().filter((code) => codes[code].right !== ""))("%s: its right example compiles", async (code) => {
    expect(await codesOf(codes[code].right)).toEqual([]);
  });
});
