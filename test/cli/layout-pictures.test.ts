/** `shmgen layout --html` and `--svg`, by the real program. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readMarkup } from "../support/markup.js";
import { filesIn, MANIFEST, project, put, schemaText, shmgen } from "./run-cli.js";

const docs = join(dirname(fileURLToPath(import.meta.url)), "../../docs");

const files = { "package.json": MANIFEST, "car.shm.ts": schemaText("Car"), "bus.shm.ts": schemaText("Bus", "x", 2) };
const run = (cwd: string, ...argv: string[]): ReturnType<typeof shmgen> => shmgen(["layout", ...argv], { cwd });

describe("layout --svg", () => {
  it("draws the Car of docs/pictures.md as it stands there (UPDATE_GOLDEN=1 writes it)", () => {
    const schema =
      /```ts\n\/\/ car\.shm\.ts\n([^]*?)```/.exec(readFileSync(join(docs, "pictures.md"), "utf8"))?.[1] ?? "";
    const cwd = project({ "package.json": MANIFEST, "car.shm.ts": schema });
    expect(run(cwd, "Car", "--svg", "car.svg")).toMatchObject({ code: 0, err: "" });
    const drawn = filesIn(cwd)["car.svg"] ?? "";
    if (process.env["UPDATE_GOLDEN"] !== undefined) writeFileSync(join(docs, "car.svg"), drawn);
    expect(drawn).toBe(readFileSync(join(docs, "car.svg"), "utf8"));
    const { texts, elements } = readMarkup(drawn);
    for (const text of ["samples", "atomic<Gear>", "at 44, 32 bytes", "hole", "!"]) expect(texts).toContain(text);
    expect(elements.map(({ name }) => name)).not.toContain("a");
  });

  it("draws the structs that are named, in folders that it makes, and writes again only what changed", () => {
    const cwd = project(files);
    const svg = ["Car", "Bus", "--svg", "docs/both.svg"];
    expect(run(cwd, ...svg).out).toMatch(/^created docs\/both\.svg, \d+(\.\d)? KiB\n$/);
    expect(readMarkup(filesIn(cwd)["docs/both.svg"] ?? "").texts).toEqual(expect.arrayContaining(["Car", "Bus"]));
    expect(run(cwd, ...svg).out).toMatch(/^unchanged /);
    put(cwd, { "car.shm.ts": schemaText("Car", "other") });
    expect(run(cwd, ...svg).out).toMatch(/^updated /);
  });
});

describe("layout --html", () => {
  it("has a section for each struct, those of containers last", () => {
    const floor = `import type { Region, ring, u32 } from "@shmgen/schema";
export interface Part { a: u32 }
export interface Floor extends Region<{ type: 1; version: 1 }> { orders: ring<u32, 1024>; part: Part }`;
    const cwd = project({ "package.json": MANIFEST, "floor.shm.ts": floor });
    expect(run(cwd, "--html", "floor.html")).toMatchObject({ code: 0, err: "" });
    const { elements, texts } = readMarkup(filesIn(cwd)["floor.html"] ?? "");
    const sections = elements.filter(({ name }) => name === "h2").map(({ attributes }) => attributes.get("id"));
    expect(sections).toEqual(["Floor", "Part", ...sections.slice(2)]);
    expect(sections).toContain("ring_u32__1024_");
    expect(texts.join("")).toMatch(/\d+ more lines of slots \(1024 elements\)/);
    const types = elements.filter(({ name, attributes }) => name === "a" && attributes.get("href") === "#Part");
    expect(types).toHaveLength(2);
  });

  it("writes one page for each schema where the name has a place for it", () => {
    const cwd = project({ ...files, "sub/car.shm.ts": schemaText("Other", "y", 3) });
    expect(run(cwd, "--files", "car.shm.ts,bus.shm.ts", "--html", "out/{name}.html").code).toBe(0);
    const { "out/car.html": car = "", "out/bus.html": bus = "" } = filesIn(cwd);
    expect([car.includes("<h1>car.shm.ts</h1>"), car.includes("Bus"), bus.includes("Bus")]).toEqual([
      true,
      false,
      true,
    ]);
    expect(run(cwd, "--html", "out/{name}.html")).toMatchObject({
      code: 2,
      err: "shmgen: out/car.html would be of both car.shm.ts and sub/car.shm.ts\n  hint: --files chooses the schemas of one run\n",
    });
  });

  it("shows published versions beside the schema's, with the sentences of diff", () => {
    const cwd = project(files);
    expect(shmgen(["lock", "-q"], { cwd }).code).toBe(0);
    const versions = (page: string): string[] =>
      readMarkup(page).texts.filter((text) => /^(published version|the schema's version)/.test(text));
    run(cwd, "--html", "a.html");
    expect(versions(filesIn(cwd)["a.html"] ?? "")).toEqual([]);
    const changed = schemaText("Car")
      .replace("version: 1", "version: 2")
      .replace("samples:", "before: u32;\n  samples:");
    put(cwd, { "car.shm.ts": changed });
    run(cwd, "--html", "a.html");
    const page = filesIn(cwd)["a.html"] ?? "";
    expect(versions(page)).toEqual([...Array(2)].flatMap(() => ["published version 1", "the schema's version 2"]));
    const told = readMarkup(page).texts.join("").replaceAll(/\s+/g, " ");
    const sentences = shmgen(["diff", "Car@1"], { cwd })
      .out.split(/^ {2}\w+ \[[a-z-]+\]$/m)
      .slice(1);
    expect(sentences.length).toBeGreaterThan(2);
    for (const sentence of sentences) expect(told).toContain(sentence.trim().replaceAll(/\s+/g, " "));
    // Fields that belong together have one key in both pictures and both tables.
    const keys = readMarkup(page).elements.flatMap(({ attributes }) => attributes.get("data-f") ?? []);
    expect(keys.filter((key) => key === keys.find((one) => one.startsWith("versions-1-1-p")))).not.toHaveLength(1);
  });

  it("takes versions from what --against names, or says that there is none", () => {
    const cwd = project(files);
    put(cwd, { "older/car.shm.ts": schemaText("Car", "formerly") });
    const argv = ["Car", "--files", "car.shm.ts", "--html", "a.html", "--against"];
    expect(run(cwd, ...argv, "older").code).toBe(0);
    expect(filesIn(cwd)["a.html"]).toContain("Car: published version 1 and the schema&#39;s version 1");
    const { code, err } = run(cwd, ...argv, "nowhere");
    expect([code, err]).toEqual([
      2,
      "shmgen: --against nowhere: there is no such thing to compare with\n  hint: it takes a commit of git, a lock file, or a folder with schemas\n",
    ]);
  });

  it("never overwrites what shmgen did not write, and writes nothing then", () => {
    const cwd = project({ ...files, "mine.html": "<p>mine</p>" });
    const argv = ["--html", "mine.html", "--svg", "new.svg"];
    expect(run(cwd, ...argv)).toMatchObject({ code: 2, out: "" });
    expect(Object.keys(filesIn(cwd))).not.toContain("new.svg");
    expect(run(cwd, ...argv, "--force").out).toMatch(/^updated mine\.html, .+\ncreated new\.svg, .+\n$/);
  });

  it("says which options do not go together, and that a folder is none of its files", () => {
    const cwd = project(files);
    for (const [argv, message] of [
      [["--svg", "a.svg", "--against", "x"], "--against goes with --html"],
      [["--force"], "--force goes with --html and --svg"],
    ] as const) {
      expect(run(cwd, ...argv)).toMatchObject({ code: 2, err: expect.stringContaining(message) as unknown });
    }
    expect(run(cwd, "--html", "a.html", "--json")).toMatchObject({
      code: 2,
      out: expect.stringContaining("--html and --json exclude each other") as unknown,
    });
    mkdirSync(join(cwd, "folder"));
    expect(run(cwd, "--html", "folder")).toMatchObject({
      code: 3,
      out: "",
      err: expect.stringContaining("folder") as unknown,
    });
    rmSync(join(cwd, "folder"), { recursive: true });
  });
});
