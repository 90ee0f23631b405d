/** The chains of maps, looked through by JavaScript and by kernels: the same contract for both. */
import { describe, expect, it } from "vitest";
import { MemoryView, rawMemory } from "../../runtime/dist/runtime/access/memory-view.js";
import type { RawMemory } from "../../runtime/dist/runtime/access/memory-view.js";
import { localViews } from "../../runtime/dist/runtime/access/scratch.js";
import { ABSENT, type Chains, DAMAGED, PlainChains } from "../../runtime/dist/runtime/containers/map/chains.js";
import { chainsOf } from "../../runtime/dist/runtime/containers/map/kernels.js";
import type { MapPlace } from "../../runtime/dist/runtime/containers/map/place.js";

declare const WebAssembly: {
  readonly Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => {
    readonly buffer: SharedArrayBuffer;
  };
};

const PAGE = 65_536;
/** Modules of two memories came with Node 22. */
const hasTwoMemories = Number(process.versions.node.split(".")[0]) >= 22;
const FORMS = [
  "JavaScript",
  "WebAssembly, apart",
  ...(hasTwoMemories ? (["WebAssembly, together"] as const) : []),
] as const;
/** Bytes of keys and values. */
const SIZES = [
  [8, 8],
  [8, 72],
  [32, 64],
  [40, 136],
  [1024, 1000],
] as const;
const CAPACITY = 5;
const BUCKET = 2048;

interface Given {
  readonly raw: RawMemory;
  readonly chains: Chains;
  readonly place: MapPlace;
  readonly key: RawMemory;
  readonly copy: RawMemory;
}

/** A map of one bucket in the middle of random bytes, and a key that is all sevens. */
function given(form: (typeof FORMS)[number], keySize: number, valueSize: number): Given {
  const stride = 32 + keySize + valueSize + 8;
  const wasm = new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true });
  const { buffer } = wasm;
  const bytes = new Uint8Array(buffer);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = (index * 7 + (index >> 8)) & 0xff;
  const init = { buffer, byteOffset: 512, byteLength: 2 * PAGE - 512, readOnly: false, label: "chains" };
  const raw = rawMemory(new MemoryView(form === "JavaScript" ? init : { ...init, wasm }));
  const place = {
    offset: 1024,
    buckets: BUCKET,
    mask: 0,
    entries: 4096 - stride,
    stride,
    capacity: CAPACITY,
    keySize,
    value: 32 + keySize,
    valueSize,
  };
  const [key, copy] = localViews([keySize, valueSize]).map((view) => rawMemory(view)) as [RawMemory, RawMemory];
  const chains = chainsOf(raw, place, copy, form === "WebAssembly, together" ? "together" : "apart");
  expect(chains instanceof PlainChains).toBe(form === "JavaScript");
  key.u8.fill(7);
  raw.u32.set([0, 9], BUCKET / 4);
  return { raw, chains, place, key, copy };
}

/** Writes an entry, whose key is all of one byte, and its value another one in each word. */
function write({ raw, place }: Given, entry: number, next: number, hash: number, key: number): void {
  const at = place.entries + entry * place.stride;
  raw.u32.set([next, hash >>> 0, 0, 0, 0, 0, 1000 + entry, 3], at / 4);
  raw.u8.fill(key, at + 32, at + 32 + place.keySize);
  for (let word = 0; word < place.valueSize / 4; word += 1)
    raw.u32[(at + place.value) / 4 + word] = entry * 1000 + word;
}

describe.each(FORMS)("chains looked through by %s", (form) => {
  it.each(SIZES)(
    "with keys of %i and values of %i bytes: what has the hash and the key is found and copied",
    (keySize, valueSize) => {
      const all = given(form, keySize, valueSize);
      const { raw, chains, place, key, copy } = all;
      raw.u32[BUCKET / 4] = 4;
      // The same hash and another key; another hash and the same key; that one; and one behind it.
      write(all, 4, 2, -5, 8);
      write(all, 2, 6, -6, 7);
      write(all, 6, 1, -5, 7);
      write(all, 1, 0, 5, 7);
      const before = raw.u8.slice();
      expect(chains.get(-5, key, copy, valueSize)).toBe(1006 + 3 * 2 ** 32);
      expect([...copy.u32]).toEqual(Array.from({ length: valueSize / 4 }, (_, word) => 6000 + word));
      expect(chains.get(-5, key, copy, 0)).toBe(1006 + 3 * 2 ** 32);
      expect(chains.find(-5, key) * 4).toBe(place.entries + 2 * place.stride);
      expect(chains.find(5, key) * 4).toBe(place.entries + 6 * place.stride);
      expect([chains.get(6, key, copy, valueSize), chains.find(6, key)]).toEqual([ABSENT, 0]);
      key.u8[keySize - 1] = 8;
      expect([chains.get(-5, key, copy, valueSize), chains.find(-5, key)]).toEqual([ABSENT, 0]);
      expect(raw.u8).toEqual(before);
      key.u8[keySize - 1] = 7;
      raw.u32[BUCKET / 4] = 6;
      expect(chains.find(-5, key) * 4).toBe(BUCKET);
    },
  );

  it("empty buckets, links to no entry and chains without an end", () => {
    const all = given(form, 8, 8);
    const { raw, chains, key, copy } = all;
    expect([chains.get(1, key, copy, 8), chains.find(1, key)]).toEqual([ABSENT, 0]);
    for (const link of [CAPACITY + 2, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
      raw.u32[BUCKET / 4] = link;
      expect(chains.get(1, key, copy, 8)).toBe(DAMAGED);
      expect(chains.find(1, key)).toBeLessThan(0);
    }
    raw.u32[BUCKET / 4] = 1;
    write(all, 1, 2, 1, 8);
    write(all, 2, 1, 1, 8);
    expect(chains.get(1, key, copy, 8)).toBe(DAMAGED);
    expect(chains.find(1, key)).toBeLessThan(0);
    // As many as there are, all of them before the one.
    for (let entry = 1; entry <= CAPACITY; entry += 1) write(all, entry, entry + 1, 1, 8);
    write(all, CAPACITY + 1, 0, 1, 7);
    expect(chains.get(1, key, copy, 8)).toBe(1000 + CAPACITY + 1 + 3 * 2 ** 32);
    expect(chains.find(1, key)).toBeGreaterThan(0);
  });

  it("copies between two looks at the stamp, and back, and touches nothing else", () => {
    const { raw, chains, copy } = given(form, 8, 72);
    const before = raw.u8.slice();
    expect(chains.load(BUCKET, 8192, copy, 72)).toBe(9);
    expect(copy.u8).toEqual(before.subarray(8192, 8192 + 72));
    raw.u32[BUCKET / 4 + 1] = 0xffff_ffff;
    expect(chains.load(BUCKET, 8192, copy, 72)).toBe(0xffff_ffff);
    copy.u8.fill(0xee);
    chains.store(8192, copy, 40);
    expect(raw.u8.subarray(8192, 8192 + 40)).toEqual(copy.u8.subarray(0, 40));
    raw.u32[BUCKET / 4 + 1] = 9;
    expect(raw.u8.slice().fill(0, 8192, 8192 + 40)).toEqual(before.slice().fill(0, 8192, 8192 + 40));
  });
});
