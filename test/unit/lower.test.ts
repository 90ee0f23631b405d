import { describe, expect, it, vi } from "vitest";
import { compile } from "../../generator/dist/compile.js";
import type { SchemaIr } from "../../generator/dist/ir/ir.js";
import { lower } from "../../generator/dist/lower/lower.js";

vi.mock("../../generator/dist/lower/lower.js", async (original) => {
  const real = await original<{ lower: (ir: SchemaIr) => SchemaIr }>();
  return { lower: vi.fn(real.lower) };
});

const schema = (fields: SchemaIr["structs"][number]["fields"]): SchemaIr => ({
  irVersion: 1,
  structs: [
    {
      id: "a.shm.ts#Car",
      name: "Car",
      file: "a.shm.ts",
      role: { kind: "region", typeId: 1, version: 1, readableFrom: 1, header: "standard" },
      packed: false,
      fields,
    },
  ],
  enums: [],
  bits: [],
});
const word = { name: "word", type: { kind: "scalar", scalar: "u32" } } as const;
const pair = { name: "pair", type: { kind: "array", of: word.type, length: 2 } } as const;

describe("the pass between check and layout", () => {
  it("gives back what it was given where no word stands for several fields", async () => {
    const ir = schema([word]);
    const { model, diagnostics } = await compile({ ir, targets: [] });
    expect(diagnostics).toEqual([]);
    expect(lower).toHaveBeenLastCalledWith(ir);
    expect(model?.ir).toBe(ir);
  });

  it("layouts and files are of what it gives, and what it gets is the checked schema", async () => {
    const ir = schema([word]);
    const lowered = schema([word, pair]);
    vi.mocked(lower).mockReturnValueOnce(lowered);
    const { model, files, diagnostics } = await compile({ ir, targets: ["c"] });
    expect(diagnostics).toEqual([]);
    expect(vi.mocked(lower).mock.lastCall).toEqual([ir]);
    expect(model?.structs.get("a.shm.ts#Car")?.fields.map(({ name, offset }) => [name, offset])).toEqual([
      ["word", 0],
      ["pair", 4],
    ]);
    expect(files.map(({ text }) => text).join()).toContain("pair[2]");
  });

  it("does not run on a schema that check found mistakes in", async () => {
    vi.mocked(lower).mockClear();
    const { diagnostics } = await compile({ ir: schema([]), targets: [] });
    expect(diagnostics.map(({ code }) => code)).toEqual(["SHM2012"]);
    expect(lower).not.toHaveBeenCalled();
  });
});
