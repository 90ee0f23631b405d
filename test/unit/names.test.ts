/** Hostile names: what is generated for them compiles in every language and can be imported, or the name is refused. */
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { compile } from "../../generator/dist/compile.js";
import { byDepth, someOf } from "../support/run/depth.js";
import { COMPILERS as C_COMPILERS, withoutCompilers } from "../support/c/gcc.js";
import { compileSchema } from "../support/schemas/generated.js";
import { COMPILERS, STRICT } from "../support/schemas/strict.js";

const root = join(import.meta.dirname, "../..");
// Inside the workspace, so that @shmgen/runtime is found as a user's project would find it.
const folder = mkdtempSync(join(root, "node_modules/.shmgen-names-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WORDS = `import type { Region, array, atomic, be, bits, enumOf, flags, tail, u32, u8, utf8 } from "@shmgen/schema";\n`;

interface TypeScript {
  readonly SyntaxKind: { readonly FirstKeyword: number; readonly LastKeyword: number };
  tokenToString(kind: number): string;
}

/** What a short run takes: one word of each kind that is refused or changed. */
const FEW_KEYWORDS = "as keyof readonly infer unique class static await constructor type string";
const FEW_OTHERS = "toJSON then arguments NaN value view length prototype size_t own bits u8 Flyweight";

/** All words of TypeScript, and names that generated code or JavaScript itself gives a meaning. */
function hostileWords(): string[] {
  const ts = createRequire(import.meta.url)("typescript") as TypeScript;
  const { FirstKeyword, LastKeyword } = ts.SyntaxKind;
  const keywords = Array.from({ length: LastKeyword - FirstKeyword + 1 }, (_, at) =>
    ts.tokenToString(FirstKeyword + at),
  );
  const others =
    "toJSON then catch finally arguments eval NaN Infinity undefined defer await accessor using intrinsic value view offset memory " +
    "layout at open create attach data length name prototype size_t index index0 str own closed little self expected region " +
    "desired before bits size bytes i8 u8 element codec assign Flyweight MemoryView";
  const few = [...FEW_KEYWORDS.split(" "), ...FEW_OTHERS.split(" ")];
  return [...new Set([...few, ...byDepth([], someOf([...keywords, ...others.split(" ")], 1, 3))])];
}

/** A schema in which `word` is the name of something; `n` keeps the other names apart. */
const ROLES: Readonly<Record<string, (word: string, n: number) => string>> = {
  struct: (word, n) =>
    `export interface ${word} { a: u8; n: array<u32, 2>; t: utf8<4> }\nexport interface User${n} { one: ${word}; many: array<${word}, 2> }`,
  region: (word, n) =>
    `export interface ${word} extends Region<{ type: ${n + 1}; version: 1 }> { a: atomic<u32>; t: tail<u32> }`,
  enum: (word, n) =>
    `/** @repr u8 */\nexport enum ${word} { A, B }\nexport interface User${n} { one: ${word}; shared: atomic<${word}>; rows: array<atomic<${word}>, 2>; f: flags<${word}, u8> }`,
  enumOf: (word, n) =>
    `export type ${word} = enumOf<{ A: 0; B: 1 }, u32>;\nexport interface User${n} { one: be<${word}>; many: array<${word}, 2> }`,
  bits: (word, n) =>
    `export type ${word} = bits<{ a: 1; b: 2 }, u32>;\nexport interface User${n} { one: ${word}; many: array<${word}, 2> }`,
  field: (word, n) =>
    `export interface User${n} extends Region<{ type: ${n + 1}; version: 1 }> { ${word}: u8; x: u8 }\nexport interface Shared${n} { ${word}: atomic<u32> }\nexport interface Tail${n} extends Region<{ type: ${n + 1000}; version: 1 }> { ${word}: tail<be<u32>> }`,
  member: (word, n) =>
    `/** @repr u8 */\nexport enum Gear${n} { ${word}, B }\nexport type Level${n} = enumOf<{ ${word}: 0; B: 1 }, u8>;\nexport interface User${n} { g: Gear${n}; l: Level${n} }`,
  bit: (word, n) => `export type Bits${n} = bits<{ ${word}: 1; b: 2 }, u32>;`,
};

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** What a C compiler says of a text that includes headers below `at`. */
function complaints(at: string, text: string): string {
  return C_COMPILERS.map(({ command, args }) => {
    const flags = [...args, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-I", join(folder, at), "-"];
    return spawnSync(command, flags, { input: text, encoding: "utf8" }).stderr;
  }).join("");
}

/** By the quickest compiler; deeper the sources by the oldest one as well, and in full everything by all. */
async function compilesTypeScript(at: string): Promise<void> {
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  write(`${at}/tsconfig.json`, JSON.stringify({ compilerOptions: STRICT, include: ["**/*.ts"] }));
  const wanted = byDepth(["7.0"], at === "js" ? ["7.0"] : ["5.9", "7.0"], ["5.9", "6.0", "7.0"]);
  for (const [version, path] of COMPILERS.filter(([one]) => wanted.includes(one))) {
    const command = [join(root, path), "-p", join(folder, at)];
    const result = await promisify(execFile)(process.execPath, command).catch((error: { stdout?: string }) => error);
    expect(result.stdout, version).toBe("");
  }
}

describe("every word of TypeScript as a name", () => {
  it("of anything gives code that compiles and can be imported, or is refused", async () => {
    const refused: Record<string, string[]> = {};
    for (const [role, schema] of Object.entries(ROLES)) {
      const accepted: string[] = [];
      for (const [n, word] of hostileWords().entries()) {
        const text = schema(word, n);
        const { diagnostics } = await compileSchema({ "one.shm.ts": `${WORDS}${text}\n` }, ["ts", "js", "c"]);
        for (const { code } of diagnostics.slice(0, 1)) (refused[code] ??= []).push(`${role} ${word}`);
        if (diagnostics.length === 0) accepted.push(text);
      }
      const { files, diagnostics } = await compileSchema({ [`${role}.shm.ts`]: `${WORDS}${accepted.join("\n")}\n` }, [
        "ts",
        "js",
        "c",
      ]);
      expect(diagnostics).toEqual([]);
      for (const { path, text } of files) write(`${/\.(?:js|d\.ts)$/.test(path) ? "js" : "ts"}/${path}`, text);
    }
    await compilesTypeScript("ts");
    await compilesTypeScript("js");
    for (const role of Object.keys(ROLES)) {
      await import(/* @vite-ignore */ pathToFileURL(join(folder, `js/${role}.js`)).href);
      if (withoutCompilers === undefined) expect(complaints("ts", `#include "${role}.h"\n`), role).toBe("");
    }
    expect(Object.keys(refused).sort()).toEqual([
      "SHM1001",
      "SHM1062",
      "SHM2040",
      "SHM2041",
      "SHM2042",
      "SHM4001",
      "SHM4003",
    ]);
    for (const word of ["as", "keyof", "readonly", "infer", "unique"])
      expect(refused["SHM2042"]).toContain(`region ${word}`);
    expect(refused["SHM4001"]).toEqual(
      expect.arrayContaining(["struct then", "region then", "bits then", "enum value"]),
    );
    expect(refused["SHM4003"]).toEqual(expect.arrayContaining(["field toJSON", "bit toJSON"]));
    expect(refused["SHM4003"]).not.toContain("member toJSON");
    // An enum of that name is no function, so that nobody takes its module for a promise.
    expect(Object.values(refused).flat()).not.toContain("enum then");
  }, 600_000);
});

describe("names in C", () => {
  const HEADERS =
    "stdio stdlib string time signal stddef stdint stdbool math pthread semaphore sys/types errno limits setjmp";
  const NAMES =
    "size_t ssize_t off_t time_t clock_t ptrdiff_t max_align_t uint8_t int_least8_t INT32_MAX UINT8_C SIZE_MAX EXIT_SUCCESS " +
    "RAND_MAX char16_t static_assert sig_atomic_t pthread_create pthread_t sem_wait jmp_buf div_t wchar_t bool_t and_eq";

  it.skipIf(withoutCompilers !== undefined)(
    "that are put together of two of the user's do not meet those of C and its library",
    async () => {
      const includes = HEADERS.split(" ").map((name) => `#include <${name}.h>\n`);
      for (const [n, name] of someOf(NAMES.split(" "), 6, 2).entries()) {
        for (let at = name.indexOf("_"); at > 0; at = name.indexOf("_", at + 1)) {
          const [first, second] = [name.slice(0, at), name.slice(at + 1)];
          if (second === "") continue;
          const schema = {
            tail: `export interface ${first} extends Region<{ type: ${n + 1}; version: 1 }> { ${second}: tail<u32> }`,
            enum: `/** @repr u8 */\nexport enum ${first} { ${second}, Other }\nexport interface User { one: ${first} }`,
            field: `export interface ${first} { ${second}: atomic<u32> }`,
          };
          for (const [kind, text] of Object.entries(schema)) {
            const { files, diagnostics } = await compileSchema({ "one.shm.ts": `${WORDS}${text}\n` }, ["c"]);
            if (diagnostics.length > 0) continue;
            const path = `c/${name}-${at}/${kind}`;
            write(`${path}/one.h`, files[0]?.text ?? "");
            expect(complaints(path, `${includes.join("")}#include "one.h"\n`), `${kind} ${name}`).toBe("");
          }
        }
      }
    },
    600_000,
  );

  it.skipIf(withoutCompilers !== undefined)(
    "members do not have the names of macros that are defined for regions",
    async () => {
      const text = `${WORDS}export interface Car extends Region<{ type: 1; version: 1 }> { a: u8 }
export interface Other { Car_VERSION: u8; Car_TYPE_ID: u32 }
export type Bits = bits<{ Car_TAIL_STRIDE: 1; b: 2 }, u32>;
export interface Last { bits: Bits; other: Other }\n`;
      const { files } = await compileSchema({ "one.shm.ts": text }, ["c"]);
      write("macros/one.h", files[0]?.text ?? "");
      expect(files[0]?.text).toContain("uint8_t Car_VERSION_;");
      expect(complaints("macros", '#include "one.h"\n')).toBe("");
    },
  );

  it.skipIf(withoutCompilers !== undefined)(
    "headers whose paths read alike in C are all seen, and each only once",
    async () => {
      const schemas = ["sensors/imu", "sensors-imu", "sensors_imu", "Sensors/Imu"];
      const project = Object.fromEntries(
        schemas.map((path, n) => [`${path}.shm.ts`, `${WORDS}export interface Imu${n} { a: u8 }\n`]),
      );
      const { files } = await compileSchema(project, ["c"]);
      // Another package with a file of the same path.
      const other = await compileSchema({ "sensors/imu.shm.ts": `${WORDS}export interface Other { a: u8 }\n` }, ["c"]);
      for (const { path, text } of files) write(`guards/first/${path}`, text);
      for (const { path, text } of other.files) write(`guards/second/${path}`, text);
      const names = [...files.map(({ path }) => `first/${path}`), "second/sensors/imu.h"];
      const includes = names.map((path) => `#include "${path}"\n`).join("");
      const uses = schemas.map((_, n) => `extern Imu${n} imu${n};\n`).join("");
      expect(complaints("guards", `${includes}${includes}${uses}extern Other other;\n`)).toBe("");
      const guards = [...files, ...other.files].map(({ text }) => /#ifndef (\w+)\n/.exec(text)?.[1]);
      expect(new Set(guards).size).toBe(5);
      expect(guards[2]).toMatch(/^SHMGEN_IMU_[0-9A-F]{8}_H$/);
      // Neither comments nor the place in the file make another guard.
      const commented = `${WORDS}\n\n/** Said. */\nexport interface Other { /** More. */ a: u8 }\n`;
      const again = await compileSchema({ "sensors/imu.shm.ts": commented }, ["c"]);
      expect(again.files[0]?.text).toContain(`#ifndef ${guards[4]}\n`);
    },
  );
});

describe("paths of schema files", () => {
  const PATHS = [
    "a b",
    "a*/b",
    "ä",
    "a'b",
    "a`b",
    "a$b",
    "a${x}b",
    "-a",
    "a<b>",
    "😀",
    "a&b",
    "a{{b}}",
    "..a",
    "*",
    "/*".slice(1),
    "a;b",
    "a.js",
    "__proto__",
    "a\u0301",
    "a\u00a0b",
    'q"uote',
    "a#b",
    "a%20b",
    "a?b",
    "a??/b",
    "a??'b",
    "a\u202eb",
    "a\\b",
    "a\nb",
    "a\tb",
    "b.d",
    "\ud800",
  ];
  const pair = (path: string): Record<string, string> => ({
    [`${path}.shm.ts`]: `${WORDS}export interface Wheel { a: u8 }\n`,
    "b.shm.ts": `${WORDS}import type { Wheel } from ${JSON.stringify(`./${path}.shm.js`)};\nexport interface Car { one: Wheel }\n`,
  });

  it("are written so that every language finds the file, or refused", async () => {
    const refused: Record<string, string> = {};
    const accepted: number[] = [];
    for (const [n, path] of PATHS.entries()) {
      const { files, diagnostics } = await compileSchema(pair(path), ["ts", "js", "c"]);
      for (const { code } of diagnostics.slice(0, 1)) refused[path] = code;
      if (diagnostics.length > 0) continue;
      accepted.push(n);
      for (const { path: output, text } of files)
        write(`paths/${/\.(?:js|d\.ts)$/.test(output) ? "js" : "ts"}/${n}/${output}`, text);
    }
    await compilesTypeScript("paths/ts");
    for (const n of accepted) {
      const module = (await import(
        /* @vite-ignore */ pathToFileURL(join(folder, `paths/js/${n}/b.js`)).href
      )) as object;
      expect(Object.keys(module)).toEqual(["Car", "CarReader"]);
      if (withoutCompilers !== undefined) continue;
      expect(complaints(`paths/ts/${n}`, '#include "b.h"\n#include "b.h"\nextern Car car;\n'), PATHS[n]).toBe("");
    }
    expect(refused).toEqual({
      'q"uote': "SHM4103",
      "a#b": "SHM4007",
      "a%20b": "SHM4007",
      "a?b": "SHM4007",
      "a??/b": "SHM4007",
      "a??'b": "SHM4007",
      "a\u202eb": "SHM4103",
      "a\\b": "SHM2048",
      "a\nb": "SHM2048",
      "a\tb": "SHM2048",
      "b.d": "SHM4007",
      "\ud800": "SHM2048",
    });
  }, 600_000);

  it("a quote is no matter where C is not asked for, nor a # that no module has to import", async () => {
    expect((await compileSchema(pair('q"uote'), ["ts"])).diagnostics).toEqual([]);
    expect((await compileSchema(pair("a#b"), ["c"])).diagnostics).toEqual([]);
    for (const path of ["a??/b", "a??'b"]) {
      expect((await compileSchema(pair(path), ["c"])).diagnostics.map(({ code }) => code)).toEqual(["SHM4103"]);
    }
    const alone = { "a#b.shm.ts": `${WORDS}export interface Wheel { a: u8 }\n` };
    expect((await compileSchema(alone, ["ts", "js", "c"])).diagnostics).toEqual([]);
    // A folder that both files share stands in no import.
    const files: Record<string, string> = Object.fromEntries(
      Object.entries(pair("a")).map(([path, text]) => [`c#/${path}`, text]),
    );
    const { diagnostics } = await compile({ files: Object.keys(files), readFile: (path) => files[path] });
    expect(diagnostics).toEqual([]);
  });
});
