/** The tables of docs/PROTOCOL.md against the bytes that there are, and the steps that it names against those of the models. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { FieldLayout, LayoutModel } from "../../generator/dist/layout/layout.js";
import { CONTAINER_NAMES, containerKind, FRAME } from "../../schema/dist/containers/table.js";
import { HEADER_OFFSET, HEADER_SIZE } from "../../schema/dist/region-format.js";
import { withImport } from "../support/schemas/check-schema.js";
import { compileSchema } from "../support/schemas/generated.js";

const root = join(import.meta.dirname, "../..");
const document = readFileSync(join(root, "docs/PROTOCOL.md"), "utf8");

/** A row of a table: undefined where a number depends on what a schema says. */
interface Row {
  readonly name: string;
  readonly offset: number | undefined;
  readonly size: number | undefined;
}

/** A table of bytes, and of what they are, as its first column says: "offset" of the whole, "in an entry", "in a slot". */
interface Table {
  readonly of: string;
  readonly rows: readonly Row[];
}

/** From its heading to the next one of the same level or above. */
function section(heading: string): string {
  const start = document.indexOf(`\n${heading}\n`);
  expect(start, heading).toBeGreaterThan(0);
  const text = document.slice(start + heading.length + 2);
  const end = text.search(new RegExp(`^#{1,${heading.indexOf(" ")}} `, "m"));
  return end < 0 ? text : text.slice(0, end);
}

const numberOf = (text = ""): number | undefined => (text === "" ? undefined : Number(text));

function tablesOf(text: string): Table[] {
  const tables = text.matchAll(
    /^\| +(?<of>offset|in an? [a-z]+) +\| +size +\| .*\n\|[-: |]+\|\n(?<rows>(?:\|.*\n)+)/gm,
  );
  return [...tables].map(({ groups }) => ({
    of: groups?.["of"] ?? "",
    rows: (groups?.["rows"] ?? "")
      .trimEnd()
      .split("\n")
      .map((line) => line.split("|").map((cell) => cell.trim()))
      .map(([, offset, size, name = ""]) => ({ name, offset: numberOf(offset), size: numberOf(size) })),
  }));
}

/** Rows as the bytes have them, with those numbers alone that the document gives. */
function asDocumented(fields: readonly FieldLayout[], rows: readonly Row[]): Row[] {
  return fields.map(({ name, offset, size }, index) => ({
    name,
    offset: rows[index]?.offset === undefined ? undefined : offset,
    size: rows[index]?.size === undefined ? undefined : size,
  }));
}

const SCHEMA = `
  export interface Pair { low: u64; high: u64 }
  export interface Floor extends Region<{ type: 1; version: 1 }> {
    mutex: mutex; event: event; semaphore: semaphore<5>; seqlock: seqlock<Pair>; ring: ring<Pair, 8>; queue: queue<Pair, 8>;
    workQueue: workQueue<Pair, 8>; slotPool: slotPool<Pair, 8>; bipBuffer: bipBuffer<128>; messages: messages<128>;
    broadcast: broadcast<Pair, 8>; map: map<u32, Pair, 8>; counters: counters<4>;
  }`;

let model: LayoutModel;
beforeAll(async () => {
  const result = await compileSchema({ "floor.shm.ts": withImport(SCHEMA) }, []);
  expect(result.diagnostics).toEqual([]);
  model = result.model as LayoutModel;
});

/** Id of the struct that a field of `Floor` is. */
function idOf(name: string): string {
  const type = model.structs.get("floor.shm.ts#Floor")?.fields.find((one) => one.name === name)?.type;
  return type?.kind === "struct" ? type.struct : expect.unreachable(`there is no ${name}`);
}

/** Fields of that struct, or of a part of it: `fieldsOf("map", "bucket")`. */
function fieldsOf(name: string, part?: string): readonly FieldLayout[] {
  const id = part === undefined ? idOf(name) : `${idOf(name)}.${part}`;
  return model.structs.get(id)?.fields ?? expect.unreachable(`there is no ${id}`);
}

describe("docs/PROTOCOL.md", () => {
  it("has the fields of a region's header where they are", () => {
    const [table] = tablesOf(section("## Bytes"));
    const documented = Object.fromEntries(table?.rows.map(({ name, offset }) => [name, offset]) ?? []);
    const { reserved0, ...fields } = HEADER_OFFSET;
    expect(documented).toEqual({ ...fields, reserved: reserved0, payload: HEADER_SIZE });
  });

  it("has the words of a participant where they are", () => {
    const [table] = tablesOf(section("## Participants"));
    const rows = table?.rows.filter(({ name }) => name !== "reserved") ?? [];
    expect(rows).toEqual(asDocumented(fieldsOf("$participants", "entry"), rows));
  });

  it.each(CONTAINER_NAMES)("has the words of %s where they are, and those of its parts", (name) => {
    const kind = containerKind(name);
    const text = section(`### ${kind.form.replace("<", "&lt;").replace(">", "&gt;")}`);
    const [whole, ...parts] = tablesOf(text);
    const rows = whole?.rows ?? [];
    expect(rows).toEqual(asDocumented(fieldsOf(name), rows));
    for (const [index, word] of Object.keys(kind.words).entries()) {
      expect(rows[index]?.offset, word).toBeDefined();
    }
    for (const { of, rows: inPart } of parts.filter((part) => part.of !== "in a frame")) {
      expect(inPart, of).toEqual(asDocumented(fieldsOf(name, of.replace(/^in an? /, "")), inPart));
    }
    const structs = [...model.structs.keys()].filter((id) => id.startsWith(`${idOf(name)}.`));
    expect(parts.filter((part) => part.of !== "in a frame")).toHaveLength(structs.length);
  });

  it("has the head of a message where it is", () => {
    const frame = tablesOf(section("### messages&lt;N&gt;")).find(({ of }) => of === "in a frame");
    const offsets = Object.fromEntries(frame?.rows.map(({ name, offset }) => [name, offset]) ?? []);
    expect(offsets).toEqual({ length: FRAME.length, kind: FRAME.kind, message: FRAME.head });
  });

  it("names steps of containers as their models do", () => {
    const folder = join(root, "test/model");
    const models = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
    const known = new Set(
      models.flatMap((text) => [...text.matchAll(/"([a-z]+\.[a-zA-Z]+)"/g)].map(([, step]) => step)),
    );
    const text = section("## Containers");
    const verbs = "[a-z]+\\.[a-z][a-zA-Z]+";
    const inComments = [...text.matchAll(/\/\* (.*?) \*\//g)].map(([, comment = ""]) => comment);
    const inProse = [...text.matchAll(new RegExp(`\`(${verbs})\``, "g"))].map(([, step = ""]) => step);
    const named = [...inProse, ...inComments.flatMap((one) => one.match(new RegExp(`\\b${verbs}\\b`, "g")) ?? [])];
    expect(named.length).toBeGreaterThan(100);
    expect([...new Set(named.filter((step) => !known.has(step)))]).toEqual([]);
  });
});
