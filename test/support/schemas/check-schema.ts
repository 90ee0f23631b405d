/** Schema text -> what the first two passes say about it. */
import { type Diagnostic, hasErrors, sortDiagnostics } from "../../../generator/dist/diagnostics/diagnostic.js";
import { renderText } from "../../../generator/dist/diagnostics/render.js";
import { readSchema } from "../../../generator/dist/frontend/read-schema.js";
import { checkIr } from "../../../generator/dist/ir/check.js";
import type { SchemaIr } from "../../../generator/dist/ir/ir.js";

/** All words of the vocabulary. */
export const WORDS =
  "i8 u8 i16 u16 i32 u32 i64 u64 u24 i24 u128 f32 f64 bool num timestamp enumOf flags bits signed atomic relaxed array tail union utf8 latin1 utf16 utf32 bytes align at be le expect since " +
  "reserved pad Region Foreign Packed Aligned Sized " +
  "mutex event semaphore seqlock ring queue slotPool workQueue bipBuffer messages broadcast map counters";

/** The text with an import of the words that it uses, unless it imports some itself. */
export function withImport(text: string): string {
  if (text.includes("@shmgen/schema")) return text;
  const used = WORDS.split(" ").filter((word) => new RegExp(`\\b${word}\\b`).test(text));
  return `import type { ${used.join(", ")} } from "@shmgen/schema";\n${text}`;
}

export interface Checked {
  readonly ir: SchemaIr;
  readonly diagnostics: readonly Diagnostic[];
  readonly codes: readonly string[];
  readonly text: string;
  readonly sources: ReadonlyMap<string, string>;
}

/** Reads and checks files by path; a single text is `car.shm.ts`. */
export function checkSchema(input: string | Readonly<Record<string, string>>, roots?: readonly string[]): Checked {
  const files = new Map(Object.entries(typeof input === "string" ? { "car.shm.ts": input } : input));
  const {
    ir,
    diagnostics: found,
    sources,
  } = readSchema({
    root: ".",
    files: roots ?? [...files.keys()],
    readFile: (path) => files.get(path),
  });
  const diagnostics = sortDiagnostics(hasErrors(found) ? found : [...found, ...checkIr(ir)]);
  return {
    ir,
    diagnostics,
    codes: diagnostics.map(({ code }) => code),
    text: renderText(diagnostics, { sources }),
    sources,
  };
}
