// Prints one SHA-256 over everything that `shmgen generate` writes for a set of schemas. It has to be the same on every
// machine and version of Node, so CI runs it with each: `<node> test/cli/generate-hash.mjs`.
// The surroundings that must not show come from the environment: SHUFFLE=1 names the files in another order and creates them
// so that readdir lists them differently; no two differ by case alone, for Windows; TZ, LANG, the umask and the working directory are the caller's.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("../../", import.meta.url));
const shuffle = process.env.SHUFFLE === "1";
const folder = mkdtempSync(join(tmpdir(), shuffle ? "shmgen-b-" : "shmgen-a-"));
try {
  writeFileSync(join(folder, "package.json"), "{}");
  const examples = ["telemetry/telemetry.shm.ts", "sqlite-wal/wal-index.shm.ts"];
  const many = ["ä", "Z", "a", "_", "B", "é", "y", "10", "9"].map((name, index) => ({ name: `${name}.shm.ts`, index }));
  const write = { many: shuffle ? many.toReversed() : many, examples: shuffle ? examples.toReversed() : examples };
  for (const { name, index } of write.many) writeFileSync(join(folder, name), schema(index));
  for (const path of write.examples) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    cpSync(join(here, "examples", path), join(folder, path));
  }
  const files = [...examples, ...many.map(({ name }) => name)];
  const names = shuffle ? files.toReversed().map((name) => join(folder, name)) : [];
  const where = shuffle ? [] : ["--cwd", folder];
  const targets = ["-t", "ts,js,c"];
  const cli = join(here, "generator/dist/cli.js");
  const run = spawnSync(process.execPath, [cli, "generate", "-q", ...where, ...targets, ...names], {
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`exit code ${run.status}\n${run.stdout}${run.stderr}`);
  const hash = createHash("sha256");
  const written = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll(sep, "/"))
    .filter((path) => /generated\/./.test(path))
    .sort();
  for (const path of written)
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(folder, path)))
      .update("\0");
  console.log(`${hash.digest("hex")} ${written.length} files`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function schema(index) {
  return `import type { Region, array, atomic, bits, f64, i16, u8, u64, utf8 } from "@shmgen/schema";

/** Number ${index}. */
export interface Root${index} extends Region<{ type: ${index + 1000}; version: 1 }> {
  count: atomic<u64>;
  parts: array<Part${index}, ${index + 1}>;
  name: utf8<16>;
  status: Status${index};
}

export interface Part${index} {
  /** In metres. */
  x: f64;
  low: i16;
  flags: bits<{ ready: 1; mode: 3 }, u8>;
}

/** @repr u8 */
export enum Status${index} {
  Off,
  On = ${index + 5},
}
`;
}
