/** Pictures of layouts: every byte is drawn or folded once, text of others stays text, pages load nothing. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { computeLayouts } from "../../generator/dist/layout/compute.js";
import type { LayoutModel } from "../../generator/dist/layout/layout.js";
import { livePage } from "../../generator/dist/pictures/live-page.js";
import { allMessage, changesMessage, liveRows, noticeMessage } from "../../generator/dist/pictures/live.js";
import { layoutPage } from "../../generator/dist/pictures/page.js";
import type { StructPicture } from "../../generator/dist/pictures/picture.js";
import { LINES_MAX } from "../../generator/dist/pictures/rows.js";
import { FIELDS_MAX, structPicture } from "../../generator/dist/pictures/struct-picture.js";
import { svgFile } from "../../generator/dist/pictures/svg-file.js";
import { readMarkup } from "../support/markup.js";
import { Random, runSeed } from "../support/run/random.js";
import { checkSchema, withImport } from "../support/schemas/check-schema.js";
import { randomIr } from "../support/schemas/random-ir.js";

function layOut(text: string): LayoutModel {
  const { ir, text: complaints } = checkSchema(withImport(text));
  expect(complaints).toBe("");
  return computeLayouts(ir).model;
}
function pictureOf(text: string, name = "Car"): StructPicture {
  return structPicture(layOut(text), `car.shm.ts#${name}`);
}

/** A picture in short: a line for each row. */
function drawn({ rows, parts }: StructPicture): string[] {
  return rows.map((row) => {
    if (row.kind === "fold")
      return `fold ${row.lines} of ${row.part === undefined ? "several" : parts[row.part]?.name}`;
    const cells = row.cells.map(({ part, from, to }) => `${parts[part]?.name} ${from}-${to}`);
    return [`${row.offset}:`, ...cells, ...row.shared.map((name) => `!${name}`)].join(" ");
  });
}

describe("a picture of a struct", () => {
  it("has fields, holes, padding, and lines that atomics share, beginning where the region's file has lines", () => {
    const car = pictureOf(`export interface Car extends Region<{ type: 1; version: 1 }> {
      samples: atomic<u64>; gear: atomic<u8>; wheels: array<u64, 6>; name: utf8<3> }`);
    expect(drawn(car)).toEqual([
      "0: samples 0-8 gear 8-9 hole 9-16 wheels 16-64 !samples !gear",
      "64: name 0-3 padding 3-8",
    ]);
    expect(car.rows[0]).toMatchObject({
      cells: [{}, {}, {}, { elements: [0, 1, 2, 3, 4, 5].map((index) => ({ index })) }],
    });
  });

  it("folds what repeats itself, however long it is, and says how much", () => {
    const car = pictureOf("export interface Car { a: u8; log: array<u64, 1000000>; z: u8 }");
    expect(drawn(car)).toEqual([
      "0: a 0-1 hole 1-8 log 8-64",
      "64: log 0-64",
      "fold 124998 of log",
      "8000000: log 0-8 z 8-9 padding 9-16",
    ]);
    expect(svgFile([car])).toContain("⋮ 124998 more lines of log (1000000 elements), 7999872 bytes");
  });

  it("says in the table what is in bits, when a field came, and what it was", () => {
    const { parts } = pictureOf(`export type Status = bits<{ ready: 2; mode: 3 }, u32>;
      export interface Car extends Region<{ type: 1; version: 2 }> {
        /**
         * How it is.
         * @was state
         */
        status: Status; later: since<u32, 2, 7> }`);
    expect(parts.map(({ about }) => about)).toEqual([
      ["bits: ready 2, mode 3", "was state", "How it is."],
      ["since version 2"],
    ]);
  });

  it("shows the beginning of a tail", () => {
    const log = pictureOf(
      "export interface Log extends Region<{ type: 1; version: 1 }> { head: u32; all: tail<f32> }",
      "Log",
    );
    expect(drawn(log)).toEqual(["0: head 0-4 all 4-12"]);
    expect(svgFile([log])).toContain("all: f32, from 4 on, 4 bytes each".replace("f32", "tail&lt;f32&gt;"));
  });

  it(`ends after ${LINES_MAX} lines and ${FIELDS_MAX} fields, and says so`, () => {
    const many = (count: number): string => Array.from({ length: count }, (_, at) => `f${at}: u64;`).join(" ");
    const { rows, parts, notes } = pictureOf(`export interface Car { ${many(FIELDS_MAX + 5)} }`);
    expect(rows.filter(({ kind }) => kind === "line")).toHaveLength(LINES_MAX);
    expect(rows.at(-1)).toMatchObject({ kind: "fold", lines: FIELDS_MAX / 8 - LINES_MAX, part: undefined });
    expect(parts).toHaveLength(FIELDS_MAX);
    expect(notes.at(-1)).toBe("5 more fields are not shown; shmgen layout --json has all");
  });

  it("of 1,000 fields takes less than 700 kB as a page, and 300 kB as SVG", () => {
    const types = ["u64", "f32", "u8", "atomic<u32>", "u16"];
    const fields = Array.from({ length: 1000 }, (_, at) => `field${at}: ${types[at % 5]};`).join(" ");
    const car = pictureOf(`export interface Car extends Region<{ type: 1; version: 1 }> { ${fields} }`);
    const page = layoutPage({ title: "car.shm.ts", structs: new Map([["car", car]]), versions: [] });
    expect(readMarkup(page).elements.filter(({ name }) => name === "tr")).toHaveLength(1 + car.parts.length);
    expect(Buffer.byteLength(page)).toBeLessThan(700_000);
    expect(Buffer.byteLength(svgFile([car]))).toBeLessThan(300_000);
  });

  it("draws or folds every byte once, whatever the struct is", () => {
    const { model } = computeLayouts(
      randomIr(new Random(runSeed("pictures")), { structs: 300, sizeMax: 100_000, unions: true }),
    );
    for (const { id, name, size, tail } of model.structs.values()) {
      const { parts, rows } = structPicture(model, id);
      let end = 0;
      for (const part of parts) {
        expect([name, part.offset]).toEqual([name, end]);
        end = part.offset + part.size;
      }
      if (tail === undefined) expect([name, end]).toEqual([name, size]);
      let at = 0;
      for (const row of rows) {
        if (row.kind === "fold") {
          at += row.bytes;
          continue;
        }
        for (const cell of row.cells) {
          expect([name, row.offset + cell.from]).toEqual([name, at]);
          at = row.offset + cell.to;
        }
      }
      const isCut = rows.at(-1)?.kind === "fold";
      if (!isCut) expect([name, at]).toEqual([name, end]);
    }
  });
});

/** Whatever somebody may have written: markup of all kinds, controls, and text that turns its direction. */
const HOSTILE = `</script><script>alert(1)</script><b x="y" '>&amp;]]>--><!--\u0000\u001b[2J\u202e\u2066\ufeff\ud800`;

describe("a page", () => {
  const model = layOut(
    "export interface Car extends Region<{ type: 1; version: 1 }> { a: atomic<u32>; b: array<u64, 9>; c: u8 }",
  );
  const plain = structPicture(model, "car.shm.ts#Car");
  const hostile: StructPicture = {
    ...plain,
    name: HOSTILE,
    file: HOSTILE,
    facts: [HOSTILE],
    docs: HOSTILE,
    summary: [HOSTILE],
    notes: [HOSTILE],
    parts: plain.parts.map((part) => ({ ...part, name: HOSTILE, type: HOSTILE, about: [HOSTILE] })),
    rows: plain.rows.map((row) => (row.kind === "line" ? { ...row, shared: [HOSTILE, HOSTILE] } : row)),
  };
  const rows = liveRows([
    {
      kind: "value",
      name: HOSTILE,
      path: HOSTILE,
      type: "utf8<8>",
      offset: 0,
      size: 8,
      depth: 0,
      value: { kind: "text", value: HOSTILE, more: 0 },
    },
  ]);
  const pages = {
    layout: layoutPage({
      title: HOSTILE,
      structs: new Map([["a", hostile]]),
      versions: [
        {
          title: HOSTILE,
          verdict: "breaking",
          changes: [{ class: "breaking", rule: HOSTILE, text: HOSTILE }],
          labels: [HOSTILE, HOSTILE],
          structs: [{ name: HOSTILE, older: { picture: hostile, pairs: [0, 1, undefined] }, newer: undefined }],
        },
      ],
    }),
    live: livePage(HOSTILE, HOSTILE, rows),
    svg: svgFile([hostile]),
  };

  it.each(Object.entries(pages))("keeps text of others as text: %s", (kind, page) => {
    const { elements, texts } = readMarkup(page);
    const names = elements.map(({ name }) => name);
    expect(names.filter((name) => name === "script")).toHaveLength(kind === "svg" ? 0 : 1);
    expect(names).not.toContain("b");
    expect(
      elements
        .flatMap(({ attributes }) => Array.from(attributes.keys()))
        .filter((name) => /^on|^style$|^src$/.test(name)),
    ).toEqual([]);
    // eslint-disable-next-line no-control-regex
    expect(page).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e\u2066\ufeff\p{Cs}]/u);
    expect(texts.join("")).toContain("<script>alert(1)</script>");
  });

  it.each(["layout", "live"] as const)("allows its own style and script, and no file from anywhere: %s", (kind) => {
    const { elements } = readMarkup(pages[kind]);
    const policy = elements.find(({ attributes }) => attributes.get("http-equiv") === "Content-Security-Policy");
    const hash = (name: string): string => {
      const text = elements.find((element) => element.name === name)?.attributes.get("content") ?? "";
      return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    };
    expect(policy?.attributes.get("content")?.split("; ")).toEqual([
      "default-src 'none'",
      `style-src ${hash("style")}`,
      `script-src ${hash("script")}`,
      ...(kind === "live" ? ["connect-src 'self'"] : []),
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(pages[kind].replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|url\(|@import/);
  });

  it("links each field of a picture to its row, and back, by ids that are there once", () => {
    const page = layoutPage({
      title: "Car",
      structs: new Map([
        ["a", plain],
        ["b", plain],
      ]),
      versions: [],
    });
    const { elements } = readMarkup(page);
    const ids = elements.flatMap(({ attributes }) => attributes.get("id") ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const links = elements.flatMap(({ attributes }) => attributes.get("href") ?? []);
    expect(links.length).toBeGreaterThan(12);
    expect(links.filter((link) => !ids.includes(link.slice(1)))).toEqual([]);
    expect(ids).toEqual(expect.arrayContaining(["Car", "Car.2", "Car-0", "Car-0-row", "Car.2-3-row"]));
  });

  it("is the same text each time", () => {
    const again = structPicture(layOut(withImport("export interface Car { a: u8; b: u32 }")), "car.shm.ts#Car");
    const once = structPicture(layOut(withImport("export interface Car { a: u8; b: u32 }")), "car.shm.ts#Car");
    const page = (picture: StructPicture): string =>
      layoutPage({ title: "c", structs: new Map([["a", picture]]), versions: [] });
    expect(page(again)).toBe(page(once));
    expect(svgFile([again])).toBe(svgFile([once]));
  });

  it("is told of changes alone, as long as the rows are the same ones", () => {
    const row = { path: "a", type: "u8", offset: 0, json: "1", text: "1", isNumber: true };
    expect(JSON.parse(changesMessage([row], [{ ...row, json: "2", text: "2" }]) ?? "")).toEqual({
      kind: "changes",
      changes: [[0, 2, "2"]],
    });
    expect(changesMessage([row], [row, row])).toBeUndefined();
    expect(changesMessage([row], [{ ...row, path: "b" }])).toBeUndefined();
    expect(changesMessage([row], [{ ...row, offset: 1 }])).toBeUndefined();
    const messages = [allMessage(HOSTILE, rows), noticeMessage(HOSTILE, true)];
    for (const message of messages) expect(message).not.toMatch(/[\n\r\u202e\u2028]/);
    expect(JSON.parse(messages[0] ?? "")).toMatchObject({
      kind: "rows",
      rows: [[expect.any(String), "utf8<8>", 0, expect.stringContaining("</script>"), expect.any(String), false]],
    });
  });
});
