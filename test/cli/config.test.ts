import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { filesIn, MANIFEST, project, put, schemaText, shmgen } from "./run-cli.js";

const SCHEMAS = {
  "package.json": MANIFEST,
  "schemas/car.shm.ts": schemaText("Car"),
  "other/bus.shm.ts": schemaText("Bus", "x", 2),
};
const VALUE = `{ "files": ["schemas/*.shm.ts"], "out": "gen", "targets": ["c"] }`;
const FORMS: readonly [string, string][] = [
  [
    "shmgen.config.ts",
    `import { defineConfig, type ShmgenConfig } from "shmgen";\nconst config: ShmgenConfig = ${VALUE};\nexport default defineConfig(config);\n`,
  ],
  [
    "shmgen.config.mts",
    `import { basename } from "node:path";\nconst out = await Promise.resolve(basename("a/gen"));\nexport default { files: "schemas/*.shm.ts", out, targets: ["c" as const] };\n`,
  ],
  ["shmgen.config.js", `export default ${VALUE};\n`],
  ["shmgen.config.mjs", `import { defineConfig } from "shmgen";\nexport default defineConfig(${VALUE});\n`],
  ["shmgen.config.json", VALUE],
  ["package.json", `{ "name": "x", "shmgen": ${VALUE} }\n`],
];

describe("config", () => {
  it.each(FORMS)("in %s", (name, text) => {
    const cwd = project({ ...SCHEMAS, [name]: text });
    // Found from below as well, with paths relative to the config.
    expect(shmgen([], { cwd: join(cwd, "other") })).toMatchObject({ code: 0, err: "" });
    expect(Object.keys(filesIn(cwd)).filter((path) => /^gen|generated/.test(path))).toEqual(["gen/car.h"]);
  });

  it("a TypeScript config may use import.meta, packages and JavaScript files, in a folder that cannot be written", () => {
    const cwd = project({
      ...SCHEMAS,
      "node_modules/names/package.json": `{ "name": "names", "main": "index.js" }`,
      "node_modules/names/index.js": `module.exports = { folder: "gen" };`,
      "helper.cjs": `exports.target = "c";`,
      "shmgen.config.ts": [
        `import names from "names";`,
        `import { target } from "./helper.cjs";`,
        `const file: string = import.meta.filename;`,
        `if (!file.endsWith("shmgen.config.ts") || !import.meta.url.startsWith("file:")) throw new Error(file);`,
        `export default { files: ["schemas/car.shm.ts"], out: names.folder, targets: [target] };`,
      ].join("\n"),
    });
    mkdirSync(join(cwd, "gen"));
    chmodSync(join(cwd, "gen"), 0o777);
    chmodSync(cwd, 0o555);
    const uid = process.getuid?.() === 0 ? { uid: 65534 } : {};
    expect(shmgen([], { cwd, ...uid })).toMatchObject({ code: 0, err: "" });
    expect(existsSync(join(cwd, "gen/car.h"))).toBe(true);
  });

  it("the nearest one counts, up to the root of the repository and no further", () => {
    const cwd = project({
      "shmgen.config.json": `{ "targets": ["js"] }`,
      "repo/.git/HEAD": "",
      "repo/shmgen.config.json": `{ "targets": ["c"], "out": "top" }`,
      "repo/packages/a/package.json": MANIFEST,
      "repo/packages/a/a.shm.ts": schemaText("A"),
      "repo/packages/b/package.json": `{ "name": "b", "shmgen": { "targets": ["ts"], "out": "own" } }`,
      "repo/packages/b/b.shm.ts": schemaText("B", "x", 2),
      "bare/.git/HEAD": "",
      "bare/c.shm.ts": schemaText("C", "x", 3),
    });
    const written = (folder: string): string[] => {
      expect(shmgen(["--cwd", folder], { cwd })).toMatchObject({ code: 0, err: "" });
      return Object.keys(filesIn(cwd)).filter((path) => /(top|own|generated)\//.test(path));
    };
    expect(written("repo/packages/b")).toEqual(["repo/packages/b/own/b.ts"]);
    expect(written("repo/packages/a")).toEqual(["repo/packages/b/own/b.ts", "repo/top/a.h", "repo/top/b.h"]);
    expect(written("bare")).toContain("bare/generated/c.ts");
  });

  it("--config names one, and options override it", () => {
    const cwd = project({
      ...SCHEMAS,
      "shmgen.config.json": VALUE,
      "ci/other.json": `{ "files": ["../other"], "targets": ["ts"] }`,
    });
    expect(shmgen(["--config", "ci/other.json"], { cwd })).toMatchObject({ code: 0, err: "" });
    expect(existsSync(join(cwd, "other/generated/bus.ts"))).toBe(true);
    expect(shmgen(["-t", "js", "-o", "more", "other/bus.shm.ts"], { cwd }).code).toBe(0);
    expect(Object.keys(filesIn(join(cwd, "more")))).toEqual(["bus.d.ts", "bus.d.ts.map", "bus.js"]);
    expect(shmgen(["--config", "no.json"], { cwd })).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^shmgen: --config no\.json: there is no such file\n/) as unknown,
    });
  });

  it("excludes with ! and takes folders, braces and several patterns", () => {
    const cwd = project({
      ...SCHEMAS,
      "schemas/old/x.shm.ts": schemaText("X", "x", 4),
      "shmgen.config.json": `{ "files": ["schemas", "{other,none}/*.shm.ts", "!schemas/old/**"], "targets": ["c"] }`,
    });
    expect(shmgen([], { cwd }).code).toBe(0);
    expect(Object.keys(filesIn(cwd)).filter((path) => path.endsWith(".h"))).toEqual([
      "other/generated/bus.h",
      "schemas/generated/car.h",
    ]);
  });
});

describe("a config that cannot be used", () => {
  it.each([
    ["shmgen.config.json", `{ "targets": ["cpp"] }`, `targets[0]: expected "ts", "js" or "c", found "cpp"`],
    ["shmgen.config.json", `{ "out": 3 }`, "out: expected text, found 3"],
    ["shmgen.config.json", `{ "out": "gen/{dirr}" }`, "out: unknown placeholder {dirr}; did you mean '{dir}'?"],
    [
      "shmgen.config.json",
      `{ "out": "{dir}/gen/{name}" }`,
      "out: unknown placeholder {name}; {dir} stands for the folder of the schema",
    ],
    ["shmgen.config.json", `{ "fiels": [] }`, "unknown key 'fiels'; did you mean 'files'?"],
    ["shmgen.config.json", `{ "files": [] }`, "files: expected a list with at least one entry, found []"],
    [
      "shmgen.config.json",
      `{ "customTargets": [{ "folder": "x" }] }`,
      "customTargets[0].extension: expected text, found undefined",
    ],
    ["shmgen.config.json", `[]`, "expected an object, found []"],
    [
      "shmgen.config.json",
      `{ "importExtension": "mjs" }`,
      `importExtension: expected "js", "ts" or "none", found "mjs"`,
    ],
    ["shmgen.config.json", `{ "files": ["none/*.shm.ts"] }`, /files: nothing matches none\/\*\.shm\.ts below .+/],
    ["shmgen.config.json", `{ targets }`, /is not JSON: .+/],
    [
      "shmgen.config.mjs",
      `export const targets = ["c"];`,
      "has no default export\n  hint: write: export default defineConfig({ ... })",
    ],
    ["shmgen.config.mjs", `throw new Error("no");`, "cannot be loaded: Error: no"],
    [
      "shmgen.config.ts",
      `export default {\n  targets: [ };`,
      /shmgen\.config\.ts:2:14 - error TS\d+: Expression or comma expected\./,
    ],
    ["shmgen.config.ts", `import "./more.ts";`, /imports \.\/more\.ts, which is TypeScript\n {2}hint: .+/],
  ])("%s with %s is refused", (name, text, message) => {
    const cwd = project({ ...SCHEMAS, [name]: text, "more.ts": "" });
    const { code, out, err } = shmgen([], { cwd });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    if (typeof message === "string") expect(err).toBe(`shmgen: ${name}: ${message}\n`);
    else expect(err).toMatch(new RegExp(`^shmgen: .*${message.source}\\n$`));
    expect(Object.keys(filesIn(cwd)).filter((path) => path.includes("generated"))).toEqual([]);
  });

  it("tells all problems of a config at once", () => {
    const cwd = project({ ...SCHEMAS, "shmgen.config.json": `{ "out": "", "targets": "c", "watch": true }` });
    expect(shmgen([], { cwd }).err).toBe(
      [
        `shmgen: shmgen.config.json: out: expected text that is not empty, found ""`,
        `shmgen.config.json: targets: expected a list, found "c"`,
        "shmgen.config.json: unknown key 'watch'; it may have files, out, targets, module, importExtension, versions or customTargets",
        "",
      ].join("\n"),
    );
  });
});

describe("a config and the files that it is for", () => {
  it("explicit files find the config that is theirs, wherever the user stands", () => {
    const cwd = project({
      "app/package.json": `{ "shmgen": { "targets": ["c"], "out": "inc" } }`,
      "app/src/car.shm.ts": schemaText("Car"),
    });
    expect(shmgen(["app/src/car.shm.ts"], { cwd }).code).toBe(0);
    const first = filesIn(cwd);
    expect(first["app/inc/car.h"]).toBeDefined();
    put(cwd, { "app/inc/car.h": "// @generated by shmgen\n" });
    expect(shmgen([join(cwd, "app/src/car.shm.ts")], { cwd: "/" }).code).toBe(0);
    expect(filesIn(cwd)).toEqual(first);
  });

  it("custom targets are generated with the others, chosen by name, and need a banner", () => {
    const template =
      "<!-- @generated by shmgen from {{file}}. Do not edit. -->\n{{#each structs}}\n# {{name}}: {{size}}\n{{/each}}\n";
    const cwd = project({
      ...SCHEMAS,
      "tools/markdown/module.hbs": template,
      "shmgen.config.json": `{ "targets": ["c"], "customTargets": [{ "folder": "tools/markdown", "extension": ".md" }] }`,
    });
    expect(shmgen(["-t", "markdown"], { cwd })).toMatchObject({ code: 0, err: "" });
    expect(filesIn(join(cwd, "schemas/generated"))).toEqual({
      "car.md": "<!-- @generated by shmgen from schemas/car.shm.ts. Do not edit. -->\n# Car: 8\n",
    });
    expect(shmgen([], { cwd }).out).toContain("2 files written, 2 unchanged");
    expect(shmgen(["check"], { cwd }).out).toBe("4 files up to date\n");
    expect(shmgen(["-t", "markdwon"], { cwd }).err).toContain("did you mean 'markdown'?");
    put(cwd, { "tools/markdown/module.hbs": template.replace("@generated", "made") });
    expect(shmgen([], { cwd })).toMatchObject({
      code: 2,
      err: expect.stringMatching(
        /^shmgen: other\/generated\/bus\.md: its template prints no banner, .+\n {2}hint: .+\n$/,
      ) as unknown,
    });
    put(cwd, { "tools/markdown/module.hbs": "{{#each structs}}" });
    const broken = shmgen([], { cwd });
    expect(broken.code).toBe(1);
    expect(broken.err).toMatch(/SHM4\d{3}/);
    put(cwd, { "shmgen.config.json": `{ "customTargets": [{ "folder": "nowhere", "extension": ".md" }] }` });
    expect(shmgen([], { cwd })).toMatchObject({
      code: 2,
      err: expect.stringContaining("there is no folder") as unknown,
    });
  });
});
