/** Cells, copied by JavaScript and by kernels: the same contract for both. */
import { describe, expect, it } from "vitest";
import { SEQLOCK } from "../../schema/containers/seqlock.js";
import { type CellPlace, type Cells, PlainCells } from "../../runtime/dist/runtime/containers/parts/cells.js";
import { cellsOf } from "../../runtime/dist/runtime/containers/parts/kernels.js";
import { MemoryView, rawMemory } from "../../runtime/dist/runtime/access/memory-view.js";
import type { RawMemory } from "../../runtime/dist/runtime/access/memory-view.js";
import { localView } from "../../runtime/dist/runtime/access/scratch.js";

declare const WebAssembly: {
  readonly Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => {
    readonly buffer: SharedArrayBuffer;
  };
};

const PAGE = 65_536;
const SLEEPERS = SEQLOCK.at.sleepers / 4;
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

/** A seqlock in the middle of random bytes, the cells as far apart as in memory, on lines of their own, or side by side. */
function given(form: (typeof FORMS)[number], size: number, stride = Math.ceil(size / 64) * 64): Given {
  const pages = Math.ceil((2 * stride + 4096) / PAGE);
  const wasm = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const { buffer } = wasm;
  const bytes = new Uint8Array(buffer);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = (index * 7 + (index >> 8)) & 0xff;
  // A view that begins behind the memory's beginning, as partial views do.
  const init = { buffer, byteOffset: 512, byteLength: buffer.byteLength - 512, readOnly: false, label: "cells" };
  const raw = rawMemory(new MemoryView(form === "JavaScript" ? init : { ...init, wasm }));
  const place = { offset: 1024, even: 1152, stride, size };
  const cells = cellsOf(raw, place, privateMemory(size), form === "WebAssembly, together" ? "together" : "apart");
  expect(cells instanceof PlainCells).toBe(form === "JavaScript");
  return { raw, cells, place };
}

/** As `local()` and updates have it: pieces of a block, one behind the other. */
function privateMemory(size: number): RawMemory {
  return rawMemory(localView(size));
}

/** Memory that no kernel can copy to. */
function otherMemory(size: number): RawMemory {
  const view = { buffer: new ArrayBuffer(size), byteLength: size, readOnly: false, label: "private", isPrivate: true };
  return rawMemory(new MemoryView(view));
}

describe.each(FORMS)("cells copied by %s", (form) => {
  it.each(SIZES)("of %i bytes are loaded by their sequence, and nothing is stored", (size) => {
    const { raw, cells, place } = given(form, size);
    const before = raw.u8.slice();
    for (const sequence of [0, 1, 2, 3, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff]) {
      raw.u32[place.offset / 4] = sequence;
      const [one, copy, other] = [privateMemory(8), privateMemory(size), privateMemory(8)];
      expect(cells.load(copy)).toBe(sequence);
      expect(cells.sequence()).toBe(sequence);
      const from = place.even + (sequence & 1) * place.stride;
      expect(Buffer.compare(copy.u8, raw.u8.slice(from, from + size))).toBe(0);
      // What lies before and behind it is somebody else's.
      expect([...one.u8, ...other.u8]).toEqual(Array<number>(16).fill(0));
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
      expected.set(copy.u8, place.even + (sequence & 1) * place.stride);
      cells.store(copy, sequence);
      expect(Buffer.compare(raw.u8.slice(), expected)).toBe(0);
    }
  });

  it("have a sequence and a word of sleepers", () => {
    const { raw, cells, place } = given(form, 64);
    cells.setSleepers(0);
    expect(cells.hasSleepers()).toBe(false);
    cells.setSleepers(1);
    expect([cells.hasSleepers(), raw.u32[place.offset / 4 + SLEEPERS]]).toEqual([true, 1]);
    raw.u32[place.offset / 4 + SLEEPERS] = 0x8000_0000;
    expect(cells.hasSleepers()).toBe(true);
    cells.publish(0xffff_ffff);
    expect(cells.sequence()).toBe(0xffff_ffff);
  });
});

describe.each(FORMS)("cells copied by %s", (form) => {
  it("may lie side by side", () => {
    const { raw, cells, place } = given(form, 24, 24);
    raw.u32[place.offset / 4] = 1;
    const copy = privateMemory(24);
    expect(cells.load(copy)).toBe(1);
    expect([...copy.u8]).toEqual([...raw.u8.subarray(place.even + 24, place.even + 48)]);
    cells.store(copy, 2);
    expect([...raw.u8.subarray(place.even, place.even + 24)]).toEqual([...copy.u8]);
  });

  it("are copied to and from memory that no kernel has", () => {
    const { raw, cells, place } = given(form, 40);
    raw.u32[place.offset / 4] = 7;
    const copy = otherMemory(40);
    expect(cells.load(copy)).toBe(7);
    const from = place.even + place.stride;
    expect([...copy.u8]).toEqual([...raw.u8.subarray(from, from + 40)]);
    copy.u8.fill(9);
    cells.store(copy, 8);
    expect([...raw.u8.subarray(place.even, place.even + 40)]).toEqual(Array<number>(40).fill(9));
    // And then again as before.
    expect(cells.load(privateMemory(40))).toBe(7);
  });

  it("are copied to private memory of any block", () => {
    const { raw, cells, place } = given(form, 1000);
    raw.u32[place.offset / 4] = 0;
    // More than a block has.
    const copies = Array.from({ length: 1200 }, () => privateMemory(1000));
    expect(new Set(copies.map(({ buffer }) => buffer)).size).toBeGreaterThan(1);
    for (const copy of [...copies, ...copies]) expect(cells.load(copy)).toBe(0);
    const value = raw.u8.slice(place.even, place.even + 1000);
    for (const copy of copies) expect(Buffer.compare(copy.u8, value)).toBe(0);
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
