/** Projects to generate from: schemas of structs with 20 fields of many kinds. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder with `count` structs, `perFile` in each file; every tenth, or each, is a region. Its caller removes it. */
export function makeProject(count, perFile, everyRegion = 10) {
  const folder = mkdtempSync(join(tmpdir(), "shmgen-bench-"));
  writeFileSync(join(folder, "package.json"), "{}");
  for (let first = 0; first < count; first += perFile) {
    const last = Math.min(count, first + perFile);
    writeFileSync(join(folder, `file${first / perFile}.shm.ts`), schema(first, last, "samples", everyRegion));
  }
  return folder;
}

/** The text of one file: structs from number `first` to before `last`, each with a field called `name`. */
export function schema(first, last, name = "samples", everyRegion = 10) {
  const words = "Region, array, at, atomic, bits, bool, f32, f64, i16, i32, i64, i8, relaxed, u16, u32, u64, u8, utf8";
  const structs = [];
  for (let index = first; index < last; index += 1) {
    const nested = index > first && index % everyRegion !== 0 ? `array<Part${index - 1}, 2>` : "array<f64, 3>";
    const head = (index + 1) % everyRegion === 0 ? ` extends Region<{ type: ${index + 1}; version: 1 }>` : "";
    structs.push(`
/** Struct ${index}. */
export interface Part${index}${head} {
  /** Counted by everybody. */
  ${name}: atomic<u64>; level: atomic<u32>; small: atomic<u8>; ready: bool;
  a: i8; b: u8; c: i16; d: u16; e: i32; f: u32; g: i64; h: u64;
  x: f32; y: f64; z: f64; list: array<u16, 7>; nested: ${nested};
  mode: bits<{ ready: 1; mode: 3; rest: 4 }, u8>; seen: relaxed<u32>; title: utf8<24>;
}`);
  }
  return `import type { ${words.replace("at, ", "")} } from "@shmgen/schema";\n${structs.join("\n")}\n`;
}
