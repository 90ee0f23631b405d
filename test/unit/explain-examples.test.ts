/** What `shmgen explain` shows: every wrong example draws its code and no other, every right one compiles. */
import { describe, expect, it } from "vitest";
import { compile } from "../../generator/dist/compile.js";
import { codes, listCodes } from "../../generator/dist/diagnostics/codes.js";

const WORDS =
  "i8 u8 i16 u16 i32 u32 i64 u64 f32 f64 bool num enumOf flags bits atomic relaxed array tail utf8 bytes align at be le " +
  "expect since reserved pad Region Foreign Packed Aligned Sized";
const WHEEL = 'import type { f32 } from "@shmgen/schema";\nexport interface Wheel { rpm: f32 }';

/** The example with the import that it leaves out for brevity. */
function complete(example: string): string {
  const [, imported = ""] = /import type \{([^}]*)\} from "@shmgen\/schema"/.exec(example) ?? [];
  if (imported !== "") return example;
  const used = WORDS.split(" ").filter((word) => new RegExp(`\\b${word}\\b`).test(example));
  return used.length === 0 ? example : `import type { ${used.join(", ")} } from "@shmgen/schema";\n${example}`;
}

async function codesOf(example: string): Promise<string[]> {
  const files: Record<string, string> = { "car.shm.ts": complete(example), "wheel.shm.ts": WHEEL };
  const { diagnostics } = await compile({
    files: ["car.shm.ts"],
    readFile: (path) => files[path],
    targets: ["ts", "js", "c"],
  });
  return [...new Set(diagnostics.map(({ code }) => code))];
}

describe("the examples of explain", () => {
  it.each(listCodes().filter((code) => codes[code].wrong !== ""))("%s: its wrong example draws it", async (code) => {
    expect(await codesOf(codes[code].wrong)).toEqual([code]);
  });

  it.each(listCodes().filter((code) => codes[code].right !== ""))("%s: its right example compiles", async (code) => {
    expect(await codesOf(codes[code].right)).toEqual([]);
  });
});
