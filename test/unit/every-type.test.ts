/** Every kind of type in every place: the generated code compiles, and what is written can be read. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { assign, BytesReader, Flyweight, MemoryView, snapshot, type StructLayout } from "@shmgen/runtime/codegen-v1";
import { distinctValues } from "../support/schemas/distinct-values.js";
import { type EveryType, everyType } from "../support/schemas/every-type.js";
import { compileSchema, importSchema } from "../support/schemas/generated.js";
import { COMPILERS_TRIED, STRICT } from "../support/schemas/strict.js";

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(root, "node_modules/.shmgen-every-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let every: EveryType;
beforeAll(async () => {
  every = await everyType();
  const { files, diagnostics } = await compileSchema({ "every.shm.ts": every.schema }, ["ts", "js", "c"]);
  expect(diagnostics).toEqual([]);
  for (const { path, text } of files) {
    const kind = path.endsWith(".d.ts") || path.endsWith(".js") ? "js" : path.endsWith(".h") ? "c" : "ts";
    mkdirSync(join(folder, kind), { recursive: true });
    writeFileSync(join(folder, kind, path), text);
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const declared = { ...STRICT, isolatedDeclarations: false };
  writeFileSync(join(folder, "ts/tsconfig.json"), JSON.stringify({ compilerOptions: STRICT, include: ["*.ts"] }));
  writeFileSync(join(folder, "js/tsconfig.json"), JSON.stringify({ compilerOptions: declared, include: ["*.ts"] }));
}, 300_000);

/** As `snapshot()`, but without containers: nothing is assigned to them. */
function withoutContainers(value: unknown): unknown {
  if (value instanceof Flyweight) {
    const { layout } = value.constructor as unknown as { readonly layout: StructLayout };
    const fields = value as unknown as Readonly<Record<string, unknown>>;
    const largest = layout.fields.reduce((best, field) => (field.size > best.size ? field : best));
    const shown = layout.union === true ? [largest] : layout.fields.filter(({ container }) => container !== true);
    return Object.fromEntries(shown.map(({ name }) => [name, withoutContainers(fields[name])]));
  }
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (value instanceof BytesReader) return value.toUint8Array();
  return Array.from(value as Iterable<unknown>, withoutContainers);
}

describe("every kind of type in every place", () => {
  it("each word of the vocabulary is there", () => {
    expect(Object.entries(every.counts).filter(([, count]) => count === 0)).toEqual([]);
    expect(every.schema).toContain(": array<Bitsu8, 3>;");
    expect(every.schema).toContain(": tail<Bitsu8> ");
  });

  for (const [version, path] of COMPILERS_TRIED) {
    // Declarations say the same as the TypeScript, so one compiler is enough for them.
    for (const kind of version === "7.0" ? ["ts", "js"] : ["ts"]) {
      it(`TypeScript ${version} compiles them, target ${kind}`, async () => {
        const command = [join(root, path), "-p", join(folder, kind)];
        const result = await promisify(execFile)(process.execPath, command).catch(
          (error: { stdout?: string }) => error,
        );
        expect(result.stdout).toBe("");
      }, 300_000);
    }
  }

  it("all of them can be written, and read through both classes", async () => {
    type Class = (new (view: MemoryView, offset: number) => Record<string, unknown>) & {
      readonly layout: StructLayout;
    };
    const module = await importSchema<Record<string, Class>>({ "every.shm.ts": every.schema }, "every.shm.ts");
    for (const name of every.structs) {
      const [Writer, Reader] = [module[name], module[`${name}Reader`]];
      if (Writer === undefined || Reader === undefined) throw new Error(`${name} is missing`);
      const init = { buffer: new SharedArrayBuffer(1 << 20), byteLength: 1 << 20, tailLength: 4, label: name };
      const writer = new Writer(new MemoryView({ ...init, readOnly: false }), 0);
      const reader = new Reader(new MemoryView({ ...init, readOnly: true }), 0);
      // Elements of a counted tail are there once its field says so.
      const counts = name.startsWith("Counted") ? { count: 4n } : {};
      Object.assign(writer, counts);
      const shape = withoutContainers(writer) as object;
      expect(Object.keys(shape).length).toBeGreaterThan(0);
      const values = { ...(distinctValues(shape) as Record<string, unknown>), ...counts };
      for (const [field, value] of Object.entries(values)) writer[field] = value;
      expect(withoutContainers(writer), name).toEqual(values);
      expect(withoutContainers(reader), name).toEqual(values);
      const others = { ...(distinctValues(shape, { now: 1 }) as object), ...counts };
      assign(writer as never, others as never);
      expect(withoutContainers(reader), name).toEqual(others);
      for (const { name: field } of Writer.layout.fields.filter(({ container }) => container === true)) {
        const { [field]: state } = snapshot(writer as never) as Record<string, unknown>;
        expect(() => assign(writer as never, { [field]: state } as never)).toThrow("to which nothing can be assigned");
      }
    }
  }, 300_000);
});
