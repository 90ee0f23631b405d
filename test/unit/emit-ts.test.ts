import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { emit } from "../../generator/dist/emit/emit.js";
import { loadTargets } from "../../generator/dist/emit/registry.js";
import type { SchemaIr } from "../../generator/dist/ir/ir.js";
import { computeLayouts } from "../../generator/dist/layout/compute.js";
import { compile } from "../../generator/dist/compile.js";
import { assign, type Flyweight, type FlyweightClass, MemoryView, snapshot } from "@shmgen/runtime/codegen-v1";
import { compileSchema, importSchema } from "../support/schemas/generated.js";

const targets = await loadTargets(["ts", "js"]);
const head = 'import type { array, bits, f32, u32, u8, utf8, Foreign, expect, be, Packed } from "@shmgen/schema";\n';

/** Emits a SchemaIr without the checks of the earlier passes: what a hostile JSON file would have to get past. */
function emitIr(change: (ir: SchemaIr) => void, form: "esm" | "commonjs" = "esm"): ReturnType<typeof emit> {
  const ir: SchemaIr = {
    irVersion: 1,
    structs: [
      {
        id: "a.shm.ts#Part",
        name: "Part",
        file: "a.shm.ts",
        docs: undefined,
        role: { kind: "plain" },
        packed: false,
        fields: [{ name: "value", docs: undefined, type: { kind: "scalar", scalar: "u32" } }],
      },
    ],
    enums: [
      {
        id: "a.shm.ts#Mode",
        name: "Mode",
        file: "a.shm.ts",
        docs: undefined,
        repr: "u8",
        members: [{ name: "On", value: 1, docs: undefined }],
      },
    ],
    bits: [
      {
        id: "a.shm.ts#Set",
        name: "Set",
        file: "a.shm.ts",
        docs: undefined,
        repr: "u8",
        fields: [{ name: "one", width: 1, docs: undefined }],
      },
    ],
  };
  change(ir);
  return emit(computeLayouts(ir).model, targets, {
    importExtension: "js",
    moduleOf: () => ({ form, named: false }),
    outputPath: (file) => file.replace(/\.shm\.ts$/, ""),
  });
}

describe("names", () => {
  const hostile = [
    "a b",
    "x; evil()",
    "x(){}}evil();{",
    "constructor",
    "__proto__",
    "prototype",
    "",
    "1a",
    "a-b",
    "a\nb",
    "${1}",
    "{{a}}",
  ];

  it.each(["exports", "require", "module", "__filename", "__dirname"])("of CommonJS are refused there: %s", (name) => {
    const renamed = (ir: SchemaIr): void => void ir.enums.splice(0, 1, ...ir.enums.map((one) => ({ ...one, name })));
    expect(emitIr(renamed, "commonjs").diagnostics).toMatchObject([{ code: "SHM4001" }]);
    expect(emitIr(renamed).diagnostics).toEqual([]);
  });

  it("that are no identifiers never reach the code, whoever wrote the SchemaIr", () => {
    for (const name of hostile) {
      for (const change of [
        (ir: SchemaIr) => (ir.structs[0]!.name = name),
        (ir: SchemaIr) => (ir.structs[0]!.fields[0]!.name = name),
        (ir: SchemaIr) => (ir.enums[0]!.name = name),
        (ir: SchemaIr) => (ir.enums[0]!.members[0]!.name = name),
        (ir: SchemaIr) => (ir.bits[0]!.name = name),
        (ir: SchemaIr) => (ir.bits[0]!.fields[0]!.name = name),
      ]) {
        const { files, diagnostics } = emitIr(change);
        expect(files, name).toEqual([]);
        expect(diagnostics.map(({ code }) => code).join(), name).toMatch(/^SHM400[13]$/);
      }
    }
  });

  it("of words and of globals that generated code uses are refused for declarations, not for fields", () => {
    for (const name of ["class", "Atomics", "Float64Array", "Promise", "await"]) {
      const { diagnostics } = emitIr((ir) => (ir.structs[0]!.name = name));
      expect(diagnostics).toMatchObject([{ code: "SHM4001", message: expect.stringContaining(name) as string }]);
      expect(emitIr((ir) => (ir.structs[0]!.fields[0]!.name = name)).diagnostics).toEqual([]);
    }
  });

  it("that a reader's class needs, too, are refused with both places", async () => {
    const schema = `${head}export type Lamps = bits<{ one: 1 }, u8>;\nexport interface LampsReader { a: u8 }\n`;
    const { diagnostics } = await compileSchema({ "a.shm.ts": schema });
    expect(diagnostics).toMatchObject([
      { code: "SHM4002", related: [{ message: expect.stringContaining("LampsReader") as string }] },
    ]);
  });

  it("that the runtime has as well are imported under another name", async () => {
    const names = [
      "Flyweight",
      "MemoryView",
      "Region",
      "refuse",
      "element",
      "ArrayAccessor",
      "memoryOf",
      "StructLayout",
    ];
    const structs = names.map(
      (name) => `export interface ${name} { value: u32; list: array<${name === "refuse" ? "Other" : "Other"}, 2> }`,
    );
    const schema = `${head}export interface Other { value: f32 }\n${structs.join("\n")}\n`;
    const module = await importSchema<Record<string, { readonly layout: { readonly size: number } }>>(
      { "a.shm.ts": schema },
      "a.shm.ts",
    );
    for (const name of names) expect(module[name]?.layout.size).toBe(12);
  });
});

describe("comments and paths", () => {
  it("cannot end the comment that they stand in, nor add a line of code [fault 99]", () => {
    const marker = "globalThis.injected = true";
    const { files } = emitIr((ir) => {
      ir.structs[0]!.docs = `one */ ${marker} /* two\u2028${marker}\r${marker}`;
      ir.structs[0]!.fields[0]!.docs = `*/ ${marker}; /*`;
      for (const declared of [...ir.structs, ...ir.enums, ...ir.bits]) declared.file = `a*/\n${marker}//.shm.ts`;
    });
    const code = files.find(({ path }) => path.endsWith(".js"))?.text ?? "";
    // One pass over comments and strings, as JavaScript reads them.
    const bare = code.replaceAll(/\/\*[^]*?\*\/|\/\/.*$|"(?:[^"\\\n]|\\.)*"/gm, "");
    expect(code).toContain(marker);
    expect(bare).not.toContain("injected");
  });
});

describe("expected values of foreign regions", () => {
  it("become paths, offsets and literals, arrays of structs expanded", async () => {
    const schema = `${head}
export interface File extends Foreign { magic: expect<utf8<4>, "RIFF">; heads: array<Head, 2>; order: expect<be<u32>, 7> }
export interface Head { version: expect<u32, 3 | 4>; on: u8 }
`;
    const { files, diagnostics } = await compileSchema({ "a.shm.ts": schema });
    expect(diagnostics).toEqual([]);
    expect(files.find(({ path }) => path === "a.js")?.text).toContain(`  expects: [
    { field: "magic", offset: 0, scalar: "utf8", size: 4, values: ["RIFF"] },
    { field: "heads[0].version", offset: 4, scalar: "u32", values: [3, 4] },
    { field: "heads[1].version", offset: 12, scalar: "u32", values: [3, 4] },
    { field: "order", offset: 20, scalar: "u32", bigEndian: true, values: [7] },
  ],`);
  });
});

describe("structs that a packed struct places misaligned", () => {
  it("are read and written through DataView", async () => {
    const schema = `${head}export interface Outer extends Packed { tag: u8; inner: Inner }\nexport interface Inner { value: u32; list: array<f32, 2> }\n`;
    const { Outer, Inner } = await importSchema<
      Record<"Outer" | "Inner", new (view: object, offset: number) => Record<string, unknown>>
    >({ "a.shm.ts": schema }, "a.shm.ts");
    const { MemoryView, assign, snapshot } = await import("@shmgen/runtime/codegen-v1");
    const view = new MemoryView({ buffer: new SharedArrayBuffer(64), byteLength: 64, readOnly: false, label: "test" });
    const outer = new Outer(view, 3);
    assign(outer as never, { tag: 1, inner: { value: 0x01020304, list: [1.5, 2.5] } } as never);
    expect(snapshot(outer as never)).toEqual({ tag: 1, inner: { value: 0x01020304, list: [1.5, 2.5] } });
    expect(new Inner(view, 4)["value"]).toBe(0x01020304);
    expect([...view.u8.subarray(4, 8)]).toEqual([4, 3, 2, 1]);
  });
});

describe("words about versions", () => {
  interface Module {
    readonly Car: FlyweightClass;
  }
  type Values = Record<string, unknown>;
  const schema = readFileSync(join(import.meta.dirname, "../golden/evolution/schema.shm.ts"), "utf8");

  it("say in the layout since when a field is there, what an older region gives, and what it was called", async () => {
    const { Car } = await importSchema<Module>({ "car.shm.ts": schema }, "car.shm.ts");
    const known = Car.layout.fields.flatMap(({ name, since, was }) => ((since ?? was) ? [[name, since, was]] : []));
    expect(known.slice(0, 9)).toEqual([
      ["speed", undefined, "velocity"],
      ["limit", { version: 2, default: 5 }, undefined],
      ["big", { version: 2, default: 18446744073709551615n }, undefined],
      ["total", { version: 2, default: 7 }, undefined],
      ["gear", { version: 3, default: 3 }, undefined],
      ["warnings", { version: 3, default: 3 }, undefined],
      ["ready", { version: 3, default: true }, undefined],
      ["scale", { version: 3, default: -0.5 }, undefined],
      ["driver", { version: 3, default: "no*/one" }, undefined],
    ]);
    expect(known.slice(9, 11)).toEqual([
      ["count", { version: 4 }, undefined],
      ["amounts", { version: 4 }, "amount"],
    ]);
  });

  it("leave reserved bytes alone: no accessor, not in the layout, in no copy, not written", async () => {
    const { Car } = await importSchema<Module>({ "car.shm.ts": schema }, "car.shm.ts");
    const buffer = new ArrayBuffer(192);
    const view = new MemoryView({ buffer, byteLength: 192, readOnly: false, tailLength: 0, label: "test" });
    const bytes = new Uint8Array(buffer);
    bytes.fill(0xa5, 12, 52);
    const car = new Car(view, 0) as unknown as Values & Flyweight;
    const copy = snapshot(car) as Values;
    for (const name of ["gap", "shared", "spares", "wide"]) {
      expect(name in car || name in copy || Car.layout.fields.some((field) => field.name === name), name).toBe(false);
      expect(() => assign(car, { [name]: 1 } as object)).toThrow(/no field/);
    }
    Object.assign(car, { wheel: { rpm: 2 }, wheels: [{ rpm: 3 }, {}], numbers: [1, 2], counters: [3, 4] });
    Object.assign(car, { status: { mode: 5 }, name: "abcd", id: new Uint8Array(4).fill(9), lamps: 3, count: 8 });
    expect(snapshot(car)).toMatchObject({
      wheel: { rpm: 2 },
      wheels: [{ rpm: 3 }, { rpm: 0 }],
      numbers: [1, 2],
      counters: [3, 4],
      status: { on: 0, mode: 5 },
      name: "abcd",
      lamps: 3,
      count: 8,
      spare: {},
      tight: { gear: 0, speed: 0 },
    });
    assign(car, { speed: 0.5, samples: 3n } as object);
    expect(bytes.subarray(12, 52).every((byte) => byte === 0xa5)).toBe(true);
  });

  it("go into the definition of a region only when they are used", async () => {
    const { files } = await compileSchema({ "car.shm.ts": schema }, ["ts"]);
    expect(files[0]?.text).toMatch(/readableFrom: 2,\n {2}naming: "versioned",\n {2}descriptor:/);
    const plain = await compileSchema({ "car.shm.ts": schema.replace('; name: "versioned"', "") }, ["ts"]);
    expect(plain.files[0]?.text).not.toContain("naming");
  });
});

describe("custom targets", () => {
  const folder = join(import.meta.dirname, "../../examples/markdown-target");
  const templates = Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".hbs"))
      .map((path) => [path.replaceAll("\\", "/"), readFileSync(join(folder, path), "utf8")]),
  );
  const schema = readFileSync(join(import.meta.dirname, "../golden/telemetry/schema.shm.ts"), "utf8");
  const run = (own: Readonly<Record<string, string>>): ReturnType<typeof compile> =>
    compile({
      files: ["telemetry.shm.ts", "other.shm.ts"],
      readFile: (path) => (path === "telemetry.shm.ts" ? schema : `${head}export interface Other { a: u8 }\n`),
      targets: [],
      outputPath: (path) => path.replace(/\.shm\.ts$/, ""),
      customTargets: [{ name: "markdown", templateDir: "docs", extension: ".md", templates: own }],
    });

  it("render a user's templates over the documented model: a Markdown table of the layout", async () => {
    const { files, diagnostics } = await run(templates);
    expect(diagnostics).toEqual([]);
    expect(files.map(({ path }) => path)).toEqual(["other.md", "telemetry.md"]);
    expect(files[1]?.text).toContain(`## Telemetry

Live state of one car, written by the controller, read by dashboards.

104 bytes, aligned to 8, layout c6a0e5c208678b1b, region type 0x54 version 3.

| offset | size | field | type | meaning |
|-------:|-----:|-------|------|---------|
| 0x0 | 8 | samples | <code>atomic&lt;u64&gt;</code> | Samples published since the region was created. |
| 0x8 | 1 | gear | <code>atomic&lt;Gear&gt;</code> | What the driver has selected. |
`);
    expect(files[1]?.text).toContain("| 3 | Drive |");
  });

  it("the Markdown table shows comments as they are: no HTML, no mark-up, no border of a cell, no control", async () => {
    const docs =
      "<img src=x onerror=alert(1)> | `a` *b* __c__ [d](javascript:e) d_e \u202e &amp; \\| # f\n * | second line";
    const { files, diagnostics } = await compile({
      files: ["a.shm.ts"],
      readFile: () => `${head}/** ${docs} */\nexport interface A {\n  /** ${docs} */\n  a: u8;\n}\n`,
      targets: [],
      customTargets: [{ name: "markdown", templateDir: "docs", extension: ".md", templates }],
    });
    expect(diagnostics).toEqual([]);
    const text = files[0]?.text ?? "";
    const shown =
      "&lt;img src=x onerror=alert(1)&gt; &#124; &#96;a&#96; &#42;b&#42; &#95;&#95;c&#95;&#95; &#91;d&#93;(javascript:e) d_e " +
      "&#92;u202e &amp;amp; &#92;&#124; &#35; f<br>&#124; second line";
    expect(text.split("\n").filter((line) => line.includes("second line"))).toEqual([
      shown,
      `| 0x0 | 1 | a | <code>u8</code> | ${shown} |`,
    ]);
  });

  it("SHM4004 a template that does not compile is told once, with its line", async () => {
    const { diagnostics } = await run({ ...templates, "partials/row.hbs": "{{#if name}}" });
    expect(diagnostics).toMatchObject([{ code: "SHM4004" }]);
    expect(diagnostics[0]?.message).toContain(
      "Target 'markdown': template 'partials/row.hbs' does not compile: Parse error on line 1",
    );
    expect((await run({ "module.hbs": "{{shout name}}" })).diagnostics).toMatchObject(
      [{ code: "SHM4004" }, {}].slice(0, 1),
    );
  });

  it("show reserved bytes, versions and older names", async () => {
    const evolution = readFileSync(join(import.meta.dirname, "../golden/evolution/schema.shm.ts"), "utf8");
    const template =
      '{{#each structs}}{{#with region}}{{naming}}{{/with}}{{#each fields}}{{#if (eq shape.kind "reserved")}}{{name}} {{size}};{{/if}}' +
      "{{#if since}}{{name}} {{since.version}}{{#if since.default}} {{since.default}}{{/if}};{{/if}}{{#if was}}{{was}};{{/if}}{{/each}}\n{{/each}}";
    const { files, diagnostics } = await compile({
      files: ["car.shm.ts"],
      readFile: () => evolution,
      targets: [],
      customTargets: [{ name: "x", templateDir: "x", extension: ".x", templates: { "module.hbs": template } }],
    });
    expect(diagnostics).toEqual([]);
    expect(files[0]?.text.split("\n").at(3)).toMatch(
      /^versionedvelocity;gap 3;shared 4;spares 16;wide 1;limit 2 5;big 2 18446744073709551615;.*;count 4;amounts 4;amount;/,
    );
  });

  it("SHM4005 a name that the model lacks is an error", async () => {
    const { diagnostics } = await run({ "module.hbs": "{{#each structs}}{{nmae}}{{/each}}" });
    expect(diagnostics.map(({ code }) => code)).toEqual(["SHM4005", "SHM4005"]);
    expect(diagnostics[0]?.message).toContain('"nmae" not defined');
  });

  it("SHM4006 a folder without module.hbs is told", async () => {
    expect((await run({})).diagnostics).toMatchObject([{ code: "SHM4006" }]);
  });

  it("reach no prototype and no helper but those documented [fault 100]", async () => {
    const { files } = await run({ "module.hbs": "[{{#each structs}}{{constructor}}{{__proto__}}{{/each}}]" });
    expect(files.map(({ text }) => text)).toEqual(["[]", "[]"]);
    expect(
      (await run({ "module.hbs": "{{#each structs}}{{lookup this 'constructor'}}{{/each}}" })).files[0]?.text,
    ).toBe("");
  });
});
