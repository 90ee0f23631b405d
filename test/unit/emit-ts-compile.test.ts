import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { byDepth } from "../support/run/depth.js";
import { compileSchema } from "../support/schemas/generated.js";
import { COMPILERS, STRICT } from "../support/schemas/strict.js";

const root = join(import.meta.dirname, "../..");
// Inside the workspace, so that @shmgen/runtime is found as a user's project would find it.
const folder = mkdtempSync(join(root, "node_modules/.shmgen-emit-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What users write against the API; lines after `@ts-expect-error` have to be errors. */
const usages = ["generated-api.ts", "foreign-api.ts"].map((name) => {
  const text = readFileSync(join(root, "test/types", name), "utf8");
  return { name, text: text.replaceAll(/"\.\.\/golden\/([\w-]+)\/out\//g, '"./$1/') };
});

beforeAll(async () => {
  const cases = [
    "kitchen-sink/schema",
    "kitchen-sink/parts",
    "telemetry/schema",
    "sqlite-wal/schema",
    "foreign/schema",
    "evolution/schema",
    "containers/schema",
  ];
  for (const name of cases) {
    const path = join(root, "test/golden", `${name}.shm.ts`);
    const parts = readFileSync(join(root, "test/golden/kitchen-sink/parts.shm.ts"), "utf8");
    const own = name.split("/").pop() ?? "";
    const schemas = { [`${own}.shm.ts`]: readFileSync(path, "utf8"), "parts.shm.ts": parts };
    const { files, diagnostics } = await compileSchema(schemas, ["ts", "js"]);
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    for (const { path: output, text } of files) {
      // TypeScript, and the declarations of the target js, each in a folder of its own.
      const kind = /\.(?:js|d\.ts|d\.ts\.map)$/.test(output) ? "js" : "ts";
      const target = join(folder, kind, dirname(name), output);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const kind of ["ts", "js"]) for (const { name, text } of usages) writeFileSync(join(folder, kind, name), text);
  writeFileSync(join(folder, "ts/tsconfig.json"), JSON.stringify({ compilerOptions: STRICT, include: ["**/*.ts"] }));
  const declared = { ...STRICT, isolatedDeclarations: false };
  writeFileSync(join(folder, "js/tsconfig.json"), JSON.stringify({ compilerOptions: declared, include: ["**/*.ts"] }));
});

describe("emitted TypeScript and declarations compile under every strict flag", () => {
  for (const [version, path] of COMPILERS) {
    // In short the oldest and the quickest; declarations say the same as the sources.
    for (const kind of byDepth({ "5.9": ["ts"], "6.0": [], "7.0": ["ts", "js"] }[version], ["ts", "js"])) {
      it(`TypeScript ${version}, target ${kind}`, async () => {
        const command = [join(root, path), "-p", join(folder, kind)];
        const result = await promisify(execFile)(process.execPath, command).catch(
          (error: { stdout?: string }) => error,
        );
        expect(result.stdout).toBe("");
      });
    }
  }
});
