/** Containers as the generator sees them, and that each has all of its parts. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { layoutFingerprint } from "../../generator/dist/layout/fingerprint.js";
import type { LayoutModel } from "../../generator/dist/layout/layout.js";
import { layoutText } from "../../generator/dist/layout/layout-text.js";
import { parseDescriptor } from "../../generator/dist/layout/read-canonical.js";
import { descriptorBytes } from "../../generator/dist/layout/descriptor.js";
import { CONTAINER_NAMES } from "../../schema/dist/containers/table.js";
import { compileSchema } from "../support/schemas/generated.js";
import { withImport } from "../support/schemas/check-schema.js";

const root = join(import.meta.dirname, "../..");

async function modelOf(files: Readonly<Record<string, string>>): Promise<LayoutModel> {
  const texts = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, withImport(text)]));
  const { model, diagnostics } = await compileSchema(texts, []);
  expect(diagnostics).toEqual([]);
  return model as LayoutModel;
}

/** Of a word, `workQueue`. */
const fileOf = (word: string): string => word.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const region = (fields: string, options = ""): string =>
  `export interface Floor extends Region<{ type: 1; version: 1${options} }> { ${fields} }`;

describe("containers", () => {
  it("each has its bytes, its operations in TypeScript and in C, and a place in the guide", () => {
    const guide = readFileSync(join(root, "docs/containers.md"), "utf8");
    for (const name of CONTAINER_NAMES) {
      expect(existsSync(join(root, `schema/containers/${fileOf(name)}.ts`)), `bytes of ${name}`).toBe(true);
      expect(
        existsSync(join(root, `runtime/containers/${fileOf(name)}/${fileOf(name)}.ts`)),
        `operations of ${name}`,
      ).toBe(true);
      expect(existsSync(join(root, `templates/c/partials/containers/${fileOf(name)}.hbs`)), `${name} in C`).toBe(true);
      expect(guide, `guide to ${name}`).toMatch(new RegExp(`^## ${name}\\b`, "m"));
    }
  });

  it("a container never equals a struct of the same bytes", async () => {
    const mutex = await modelOf({ "a.shm.ts": region("door: mutex") });
    const door = "export interface Door { word: atomic<u32>; abandonedBy: atomic<u32>; abandonedAt: atomic<u64> }";
    const struct = await modelOf({ "a.shm.ts": `${door}\n${region("lights: event; door: Door")}` });
    expect(layoutFingerprint(mutex, "a.shm.ts#mutex")).not.toBe(layoutFingerprint(struct, "a.shm.ts#Door"));
  });

  it("those that are alike in one file are one struct, and a struct of the same name is another", async () => {
    const words = 'import type { mutex as lock, Region, ring, u32 } from "@shmgen/schema";';
    const structs = "export interface Order { id: u32 }\nexport interface mutex { owner: u32 }";
    const fields = "a: lock; b: lock; c: ring<Order, 4>; d: ring<Order, 4>; e: ring<Order, 8>; f: mutex";
    const model = await modelOf({ "a.shm.ts": `${words}\n${structs}\n${region(fields)}` });
    const made = [...model.structs.values()].filter(({ role }) => role.kind === "container").map(({ name }) => name);
    const table = ["participants<63>.entry", "participants<63>"];
    expect(made.sort()).toEqual(["mutex (2)", ...table, "ring<Order, 4>", "ring<Order, 8>"].sort());
  });

  it("the table of participants comes first, and only where somebody can own something", async () => {
    const first = async (fields: string, options?: string): Promise<string | undefined> =>
      (await modelOf({ "a.shm.ts": region(fields, options) })).structs.get("a.shm.ts#Floor")?.fields[0]?.name;
    expect(await first("speed: u32; lights: event")).toBe("speed");
    expect(await first("speed: u32; door: mutex")).toBe("$participants");
    expect(await first("speed: u32; doors: array<array<semaphore<2>, 2>, 3>", "; participants: 3")).toBe(
      "$participants",
    );
  });

  it("a descriptor tells the roles to whoever reads it back", async () => {
    const model = await modelOf({ "a.shm.ts": region("door: mutex; orders: ring<u32, 4>; limits: seqlock<u64>") });
    const { model: read, root: id } = parseDescriptor(descriptorBytes(model, "a.shm.ts#Floor"));
    const roles = read.structs.get(id)?.fields.map(({ type }) => {
      const role = type.kind === "struct" ? read.structs.get(type.struct)?.role : undefined;
      return role?.kind === "container" ? role.container : undefined;
    });
    expect(roles).toEqual(["participants", "mutex", "ring", "seqlock"]);
  });

  it("shmgen layout shows the words of a container", async () => {
    const model = await modelOf({ "a.shm.ts": region("orders: ring<u32, 4>") });
    const text = layoutText(model, "a.shm.ts#Floor");
    expect(text).toContain("ring<u32, 4> orders;");
    expect(text).toMatch(/atomic<u32> producerSleeps; +\/\* +4168 +4 \*\//);
  });
});
