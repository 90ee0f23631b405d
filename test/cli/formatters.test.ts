/** Formatters and compilers of others are content with what shmgen writes: prettier and tsc, as users run them. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as prettier from "prettier";
import { describe, expect, it } from "vitest";
import { filesIn, MANIFEST, project, put, shmgen } from "./run-cli.js";

const root = join(import.meta.dirname, "../..");
const golden = (path: string): string => readFileSync(join(root, "test/golden", path), "utf8");
const SCHEMAS = {
  "package.json": `${JSON.stringify({ name: "a-project", private: true, type: "module" }, undefined, 2)}\n`,
  "schemas/everything.shm.ts": golden("kitchen-sink/schema.shm.ts"),
  "schemas/parts.shm.ts": golden("kitchen-sink/parts.shm.ts"),
};
const TSC = join(root, "node_modules/typescript/bin/tsc");

/** Styles that people write, as far as prettier leaves alone what it is told to. */
const STYLES = [
  {},
  { useTabs: true, singleQuote: true },
  { tabWidth: 4, printWidth: 60, trailingComma: "none", bracketSpacing: false, arrowParens: "avoid" },
  { printWidth: 200, objectWrap: "collapse", quoteProps: "consistent", experimentalTernaries: true },
] as const satisfies readonly prettier.Options[];

/** Files below a folder that prettier would write otherwise. */
async function unformatted(cwd: string): Promise<string[]> {
  const wrong: string[] = [];
  for (const [path, text] of Object.entries(filesIn(cwd))) {
    if (path.startsWith(".prettier")) continue;
    const filepath = join(cwd, path);
    const info = await prettier.getFileInfo(filepath, { ignorePath: join(cwd, ".prettierignore") });
    if (info.ignored || info.inferredParser === null) continue;
    const options = await prettier.resolveConfig(filepath, { useCache: false });
    if (!(await prettier.check(text, { ...options, filepath }))) wrong.push(path);
  }
  return wrong;
}

describe("prettier is content with", () => {
  it.each(STYLES)("generated files of every kind, in the style %j", async (style) => {
    const cwd = project({ ...SCHEMAS, ".prettierrc": JSON.stringify(style) });
    expect(shmgen(["generate", "-t", "ts,c,js", "-o", "generated"], { cwd })).toMatchObject({ code: 0, err: "" });
    const generated = Object.keys(filesIn(join(cwd, "generated")));
    expect(generated).toEqual(
      expect.arrayContaining(["everything.d.ts", "everything.js", "everything.ts", "parts.ts"]),
    );
    const wrong = await unformatted(cwd);
    expect(wrong.filter((path) => path.startsWith("generated/"))).toEqual([]);
  });

  it.each([
    {},
    { useTabs: true, singleQuote: true },
    { tabWidth: 4, printWidth: 120 },
    { semi: false },
    { semi: false, singleQuote: true, useTabs: true },
  ])("what init writes, in the style %j, and what is generated and published then", async (style) => {
    for (const form of [
      { ".prettierrc": JSON.stringify(style) },
      { ".prettierrc.json": JSON.stringify(style) },
      {
        ".prettierrc": Object.entries(style)
          .map(([key, value]) => `${key}: ${value}\n`)
          .join(""),
      },
      {
        "package.json": JSON.stringify(
          { type: "module", prettier: style, devDependencies: { prettier: "3" } },
          undefined,
          2,
        ),
      },
    ]) {
      const manifest = ("package.json" in form ? form["package.json"] : undefined) ?? SCHEMAS["package.json"];
      const text = await prettier.format(manifest, { ...style, filepath: "package.json" });
      const tsconfig = `{\n  "compilerOptions": { "strict": true } // No more.\n}\n`;
      const files = { ...form, "package.json": text };
      const cwd = project({
        ...files,
        "tsconfig.json": await prettier.format(tsconfig, { ...style, filepath: "tsconfig.json" }),
      });
      expect(shmgen(["init"], { cwd })).toMatchObject({ code: 0, err: "" });
      // prettier with `semi: false` takes semicolons out of what it is told to ignore; docs/config.md says what to do.
      if ("semi" in style)
        put(cwd, { ".prettierignore": `${readFileSync(join(cwd, ".prettierignore"), "utf8")}**/generated/\n` });
      expect(shmgen(["generate"], { cwd })).toMatchObject({ code: 0, err: "" });
      expect(shmgen(["lock"], { cwd })).toMatchObject({ code: 0, err: "" });
      expect(await unformatted(cwd)).toEqual([]);
    }
  });
});

describe("init", () => {
  it("follows the style of Biome, and leaves .prettierignore to those who use prettier", () => {
    const cwd = project({ "package.json": MANIFEST, "biome.json": "{}" });
    expect(shmgen(["init"], { cwd })).toMatchObject({ code: 0, err: "" });
    const files = filesIn(cwd);
    expect(files["schemas/telemetry.shm.ts"]).toContain("\n\tsamples: atomic<u64>;\n");
    expect(files[".prettierignore"]).toBeUndefined();
    const spaces = {
      formatter: { indentStyle: "space", indentWidth: 4 },
      javascript: { formatter: { quoteStyle: "single" } },
    };
    const other = project({ "package.json": MANIFEST, "biome.jsonc": `// Ours.\n${JSON.stringify(spaces)}` });
    expect(shmgen(["init"], { cwd: other }).code).toBe(0);
    expect(filesIn(other)["schemas/telemetry.shm.ts"]).toMatch(
      /from '@shmgen\/schema';\n[^]*\n {4}samples: atomic<u64>;\n/,
    );
  });

  it("adds to the .prettierignore that there is, once", () => {
    const cwd = project({ "package.json": MANIFEST, ".prettierrc": "{}", ".prettierignore": "dist" });
    expect(shmgen(["init"], { cwd }).out).toContain("updated .prettierignore\n");
    expect(filesIn(cwd)[".prettierignore"]).toBe("dist\nshmgen.lock.json\n");
  });

  it.each([
    ["an empty one", "{}", `{\n  "exclude": ["node_modules", "**/*.shm.ts"]\n}`],
    [
      "one with comments",
      `{\n\t// Ours.\n\t"compilerOptions": { "outDir": "./build", "strict": true, } // No more.\n}\n`,
      `{\n\t// Ours.\n\t"compilerOptions": { "outDir": "./build", "strict": true, }, // No more.\n\t"exclude": ["node_modules", "build", "**/*.shm.ts"]\n}\n`,
    ],
    [
      "one that excludes something",
      `{\n  "exclude": ["test"], /* "exclude": [] */\n  "include": ["src", "schemas"]\n}\n`,
      `{\n  "exclude": ["test", "**/*.shm.ts"], /* "exclude": [] */\n  "include": ["src", "schemas"]\n}\n`,
    ],
    [
      "one with a list in lines",
      `{\n  "compilerOptions": { "paths": { "exclude": ["x"] } },\n  "exclude": [\n    "test",\n    "dist", // Both.\n  ]\n}\n`,
      `{\n  "compilerOptions": { "paths": { "exclude": ["x"] } },\n  "exclude": [\n    "test",\n    "dist",\n    "**/*.shm.ts" // Both.\n  ]\n}\n`,
    ],
    [
      "one on one line",
      `{ "compilerOptions": { "strict": true } }\n`,
      `{ "compilerOptions": { "strict": true }, "exclude": ["node_modules", "**/*.shm.ts"] }\n`,
    ],
    ["one with an empty list", `{ "exclude": [] }`, `{ "exclude": ["**/*.shm.ts"] }`],
  ])("leaves schemas out of tsconfig.json, where it is %s", (_, before, after) => {
    const cwd = project({ "package.json": MANIFEST, "tsconfig.json": before });
    expect(shmgen(["init"], { cwd }).out).toContain("updated tsconfig.json\n");
    expect(filesIn(cwd)["tsconfig.json"]).toBe(after);
    expect(shmgen(["generate"], { cwd }).code).toBe(0);
    const { stdout } = spawnSync(process.execPath, [TSC, "--showConfig"], { cwd, encoding: "utf8" });
    expect((JSON.parse(stdout) as { files: string[] }).files).toContain("./schemas/generated/telemetry.ts");
    expect(stdout).not.toContain("telemetry.shm.ts");
  });

  it.each([
    ["inherits", `{ "extends": "./base.json" }`],
    ["lists files", `{ "files": ["a.ts"] }`],
    ["is not JSON", `{ "include": [`],
  ])("says what to add to a tsconfig.json that %s, and leaves it alone", (_, text) => {
    const cwd = project({ "package.json": MANIFEST, "tsconfig.json": text });
    const { code, out } = shmgen(["init"], { cwd });
    expect(code).toBe(0);
    expect(out).toContain(
      `4. Add "**/*.shm.ts" to "exclude" of tsconfig.json: shmgen reads schemas, and tsc would make a second`,
    );
    expect(out).toContain("  5. Commit the generated files");
    expect(filesIn(cwd)["tsconfig.json"]).toBe(text);
  });

  it("--json says what it wrote", () => {
    const cwd = project({ "package.json": MANIFEST, "tsconfig.json": "{}" });
    const { code, out } = shmgen(["init", "--json"], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      command: "init",
      files: [
        { path: "schemas/telemetry.shm.ts", status: "created" },
        { path: "shmgen.config.ts", status: "created" },
        { path: "package.json", status: "updated" },
        { path: "tsconfig.json", status: "updated" },
      ],
    });
  });
});
