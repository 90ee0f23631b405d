import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compileSchema } from "../support/schemas/generated.js";

const root = join(import.meta.dirname, "../golden");
const update = process.env["UPDATE_GOLDEN"] === "1";

/** `test/golden/<case>/*.shm.ts` and what is emitted for them, in `out/`. `UPDATE_GOLDEN=1` writes it anew. */
describe("golden files", () => {
  for (const name of readdirSync(root).sort()) {
    it(name, async () => {
      const folder = join(root, name);
      const sources = readdirSync(folder).filter((file) => file.endsWith(".shm.ts"));
      const schemas = Object.fromEntries(sources.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
      const { files, diagnostics } = await compileSchema(schemas, ["ts", "js"]);
      expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
      const out = join(folder, "out");
      if (update) {
        rmSync(out, { recursive: true, force: true });
        mkdirSync(out);
        for (const { path, text } of files) writeFileSync(join(out, path), text);
      }
      expect(existsSync(out) ? readdirSync(out).sort() : []).toEqual(files.map(({ path }) => path));
      for (const { path, text } of files) expect(text, path).toBe(readFileSync(join(out, path), "utf8"));
    });
  }
});
