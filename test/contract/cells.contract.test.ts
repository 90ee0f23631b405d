/** Cells, copied by JavaScript and by kernels: the same contract for both. */
import { describe, expect, it } from "vitest";
import { type CellPlace, type Cells, PlainCells } from "../../runtime/dist/runtime/containers/cells.js";
import { cellsOf } from "../../runtime/dist/runtime/containers/kernels.js";
import { MemoryView, rawMemory } from "../../runtime/dist/runtime/access/memory-view.js";
import type { RawMemory } from "../../runtime/dist/runtime/access/memory-view.js";

declare const WebAssembly: {
  readonly Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => {
    readonly buffer: SharedArrayBuffer;
  };
};

const PAGE = 65_536;
/** Bytes: shorter and longer than what a kernel copies at once, than a page, than what JavaScript copies by a loop. */
const SIZES = [8, 16, 24, 32, 40, 64, 72, 128, 136, 1000, PAGE - 8, PAGE, PAGE + 8, 3 * PAGE + 16];

/** Modules of two memories came with Node 22. */
const hasTwoMemories = Number(process.versions.node.split(".")[0]) >= 22;
const FORMS = [
  "JavaScript",
  "WebAssembly, apart",
  ...(hasTwoMemories ? (["WebAssembly, together"] as const) : []),
] as const;

interface Given {
  readonly raw: RawMemory;
  readonly cells: Cells;
  readonly place: CellPlace;
}

/** A seqlock in the middle of random bytes. */
function given(form: (typeof FORMS)[number], size: number): Given {
  const pages = Math.ceil((2 * size + 4096) / PAGE);
  const wasm = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const { buffer } = wasm;
  const bytes = new Uint8Array(buffer);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = (index * 7 + (index >> 8)) & 0xff;
  // A view that begins behind the memory's beginning, as partial views do.
  const init = { buffer, byteOffset: 512, byteLength: buffer.byteLength - 512, readOnly: false, label: "cells" };
  const raw = rawMemory(new MemoryView(form === "JavaScript" ? init : { ...init, wasm }));
  const place = { offset: 1024, even: 1040, size };
  const cells = cellsOf(raw, place, form === "WebAssembly, together" ? "together" : "apart");
  expect(cells instanceof PlainCells).toBe(form === "JavaScript");
  return { raw, cells, place };
}

function privateMemory(size: number): RawMemory {
  const view = { buffer: new ArrayBuffer(size), byteLength: size, readOnly: false, label: "private", isPrivate: true };
  return rawMemory(new MemoryView(view));
}

describe.each(FORMS)("cells copied by %s", (form) => {
  it.each(SIZES)("of %i bytes are loaded by their sequence, and nothing is stored", (size) => {
    const { raw, cells, place } = given(form, size);
    const before = raw.u8.slice();
    for (const sequence of [0, 1, 2, 3, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff]) {
      raw.u32[place.offset / 4] = sequence;
      const copy = privateMemory(size);
      expect(cells.load(copy)).toBe(sequence);
      expect(cells.sequence()).toBe(sequence);
      const from = place.even + (sequence & 1) * size;
      expect(Buffer.compare(copy.u8, raw.u8.slice(from, from + size))).toBe(0);
    }
    raw.u8.set(before.subarray(place.offset, place.offset + 4), place.offset);
    expect(Buffer.compare(raw.u8.slice(), before)).toBe(0);
  });

  it.each(SIZES)("of %i bytes are stored to the cell of a sequence, and nowhere else", (size) => {
    const { raw, cells, place } = given(form, size);
    const copy = privateMemory(size);
    for (let index = 0; index < size; index += 1) copy.u8[index] = (index * 3 + 1) & 0xff;
    for (const sequence of [1, 0x8000_0000, 0xffff_ffff]) {
      const expected = raw.u8.slice();
      expected.set(copy.u8, place.even + (sequence & 1) * size);
      cells.store(copy, sequence);
      expect(Buffer.compare(raw.u8.slice(), expected)).toBe(0);
    }
  });

  it("have a sequence and a word of sleepers", () => {
    const { raw, cells, place } = given(form, 64);
    cells.setSleepers(0);
    expect(cells.hasSleepers()).toBe(false);
    cells.setSleepers(1);
    expect([cells.hasSleepers(), raw.u32[place.offset / 4 + 2]]).toEqual([true, 1]);
    raw.u32[place.offset / 4 + 2] = 0x8000_0000;
    expect(cells.hasSleepers()).toBe(true);
    cells.publish(0xffff_ffff);
    expect(cells.sequence()).toBe(0xffff_ffff);
  });
});

it("cells of all lengths, of several regions, are copied side by side", () => {
  // Whatever was copied last, each copy is what its own cells hold.
  const all = [8, 1000, PAGE, 5 * PAGE].map((size) => given("WebAssembly, apart", size));
  for (const { raw, place } of all) raw.u32[place.offset / 4] = 0;
  for (const { cells, raw, place } of [...all, ...all]) {
    const { size } = place;
    const copy = privateMemory(size);
    expect(cells.load(copy)).toBe(0);
    expect(Buffer.compare(copy.u8, raw.u8.slice(place.even, place.even + size))).toBe(0);
  }
});
