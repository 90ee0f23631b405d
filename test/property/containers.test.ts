/** Containers of random types: the struct that each is lowered to, against C compilers, and against the places that the runtime uses. */
import { describe, expect, it } from "vitest";
import { checkIr } from "../../generator/dist/ir/check.js";
import type { FieldIr, SchemaIr, TypeIr } from "../../generator/dist/ir/ir.js";
import { computeLayouts } from "../../generator/dist/layout/compute.js";
import type { LayoutModel } from "../../generator/dist/layout/layout.js";
import { verifyLayout } from "../../generator/dist/layout/verify.js";
import { lower } from "../../generator/dist/lower/lower.js";
import {
  CONTAINERS,
  type ContainerKind,
  PARTICIPANT,
  PARTICIPANTS,
  POOL_ENTRY,
  WORK_ENTRY,
  BROADCAST_SLOT,
  BUCKET_AT,
  ENTRY_AT,
  SERIES,
} from "../../schema/dist/containers/table.js";
import { renamed } from "../../schema/dist/type-kinds.js";
import {
  ALL_COMPILERS,
  compileProgram,
  inTemporaryFolder,
  runProgram,
  withoutCompilers,
  writeFiles,
} from "../support/c/gcc.js";
import { plainProgram } from "../support/c/plain-c.js";
import { byDepth } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";
import { randomIr } from "../support/schemas/random-ir.js";

/** How many containers are compared. */
const COUNT = byDepth(200, 1_000, 20_000);
const BATCH = 100;

const ROOT = { name: "Root", file: "root.shm.ts", id: "root.shm.ts#Root" };

/** A container whose arguments are drawn. */
function randomContainer(kind: ContainerKind, ir: SchemaIr, random: Random): TypeIr {
  const of: TypeIr = random.chance(0.8)
    ? { kind: "struct", struct: random.pick(ir.structs).id }
    : random.pick<TypeIr>([
        { kind: "scalar", scalar: random.pick(["u8", "u16", "u32", "u64", "f64"]) },
        { kind: "utf8", size: random.integer(1, 40) },
        { kind: "array", of: { kind: "scalar", scalar: "f32" }, length: random.integer(1, 9) },
      ]);
  const key = random.pick<TypeIr>([
    { kind: "scalar", scalar: random.pick(["u8", "i16", "u32", "i64"]) },
    { kind: "num", of: "u64" },
    { kind: "utf8", size: random.integer(1, 40) },
    { kind: "bytes", size: random.integer(1, 40) },
  ]);
  const { length } = kind;
  const { powerOfTwo, multipleOf = 1 } = length ?? {};
  const count = powerOfTwo === true ? 2 ** random.integer(0, 6) : multipleOf * random.integer(1, 70);
  return {
    kind: "container",
    container: kind.word,
    ...(kind.takes.startsWith("key") ? { key } : {}),
    ...(kind.takes.includes("type") ? { of } : {}),
    ...(length === undefined ? {} : { length: count }),
  };
}

/** Structs, and a region of containers of them. Containers that cannot hold what was drawn are left out. */
function irOf(random: Random): SchemaIr {
  const ir = randomIr(random, { structs: 60 });
  const kinds = [...CONTAINERS.values()];
  const field = (index: number): FieldIr => {
    const type = randomContainer(random.pick(kinds), ir, random);
    return {
      name: `c${index}`,
      type: random.chance(0.2) ? { kind: "array", of: type, length: random.integer(1, 4) } : type,
    };
  };
  const region = { kind: "region", typeId: 1, version: 1, readableFrom: 1, header: "standard" } as const;
  const fields: FieldIr[] = [{ name: "first", type: { kind: "container", container: "mutex" } }];
  for (let index = 0; index < BATCH; index += 1) {
    const one = field(index);
    const alone: SchemaIr = {
      ...ir,
      structs: [...ir.structs, { ...ROOT, role: region, packed: false, fields: [one] }],
    };
    if (checkIr(alone).some(({ code }) => code === "SHM2062")) continue;
    // Structs may be aligned more than a payload is.
    if (computeLayouts(lower(alone)).diagnostics.length === 0) fields.push(one);
  }
  const role = { ...region, participants: random.integer(1, 300) };
  return { ...ir, structs: [...ir.structs, { ...ROOT, role, packed: false, fields }] };
}

/** With names that C can have, and without alignments that the types have by themselves, which C refuses. */
function inPlainC(ir: SchemaIr, model: LayoutModel): SchemaIr {
  const names = new Map(ir.structs.map(({ id, role, name }, at) => [id, role.kind === "container" ? `C${at}` : name]));
  const idOf = (id: string): string => `x#${names.get(id) ?? id.slice(id.indexOf("#") + 1)}`;
  const structs = ir.structs.map((struct) =>
    Object.assign({}, struct, {
      id: idOf(struct.id),
      name: names.get(struct.id) as string,
      role: { kind: "plain" as const },
      fields: struct.fields.map((field) =>
        Object.assign({}, field, {
          align: (field.align ?? 0) > model.metrics(field.type).align ? field.align : undefined,
          name: field.name.replace("$", ""),
          type: renamed(field.type, (list, id) => (list === "structs" ? idOf(id) : id)),
        }),
      ),
    }),
  );
  return { ...ir, structs };
}

const withoutSizes = ({ keySize: _key, helpSize: _help, ...at }: typeof SERIES): Record<string, number> =>
  withoutSize(at);
const withoutSize = ({ size: _size, ...at }: Readonly<Record<string, number>>): Record<string, number> => at;

describe.skipIf(withoutCompilers !== undefined)(`containers against C compilers ${withoutCompilers ?? ""}`, () => {
  const seed = runSeed("containers");

  it(`${COUNT} containers lie where C and the runtime look for them`, { timeout: 600_000 }, () => {
    const random = new Random(seed);
    const places = new Map<string, { readonly at: Readonly<Record<string, number>> }>([
      ...CONTAINERS,
      ["participants", PARTICIPANTS],
      ["participants.entry", PARTICIPANT],
      ["slotPool.entry", { at: withoutSize(POOL_ENTRY) }],
      ["workQueue.entry", { at: withoutSize(WORK_ENTRY) }],
      ["counters.entry", { at: withoutSizes(SERIES) }],
      ["broadcast.slot", BROADCAST_SLOT],
      ["map.bucket", { at: BUCKET_AT }],
      ["map.entry", { at: ENTRY_AT }],
    ]);
    let done = 0;
    while (done < COUNT) {
      const ir = irOf(random);
      expect(checkIr(ir), `seed ${seed} after ${done}`).toEqual([]);
      const lowered = lower(ir);
      const { model, diagnostics } = computeLayouts(lowered);
      expect(diagnostics, `seed ${seed} after ${done}`).toEqual([]);
      verifyLayout(model);
      for (const { role, fields, name } of model.structs.values()) {
        if (role.kind !== "container") continue;
        const at = Object.fromEntries(fields.map((field) => [field.name, field.offset]));
        expect(at, `${name}, seed ${seed}`).toMatchObject(places.get(role.container)?.at ?? { missing: true });
      }
      const plain = inPlainC(lowered, model);
      const ours = [...model.structs.values()].map(({ size, align, fields }, index) =>
        [plain.structs[index]?.name, size, align, ...fields.map(({ offset }) => offset)].join(" "),
      );
      inTemporaryFolder((folder) => {
        writeFiles(folder, { "plain.c": plainProgram(plain) });
        for (const compiler of ALL_COMPILERS) {
          compileProgram(compiler, { folder, source: "plain.c", program: "plain" });
          const theirs = runProgram(folder, "plain").trimEnd().split("\n");
          expect(ours, `${compiler.name}, seed ${seed} after ${done}`).toEqual(theirs);
        }
      });
      done += ir.structs.at(-1)?.fields.length ?? 0;
    }
  });
});
