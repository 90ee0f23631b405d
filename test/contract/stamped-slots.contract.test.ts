/** Slots with stamps, copied by JavaScript and by kernels: the same contract for both. */
import { describe, expect, it } from "vitest";
import { BROADCAST } from "../../schema/containers/broadcast.js";
import { MemoryView, type RawMemory, rawMemory } from "../../runtime/dist/runtime/access/memory-view.js";
import { localView } from "../../runtime/dist/runtime/access/scratch.js";
import {
  type StampedSlots,
  stampedSlotsOf,
  type StreamPlace,
} from "../../runtime/dist/runtime/containers/parts/stamped-slots.js";

declare const WebAssembly: {
  readonly Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => {
    readonly buffer: SharedArrayBuffer;
  };
};

const PAGE = 65_536;
const LENGTH = 4;
const SIZES = [8, 16, 56, 64, 72, 1000, PAGE + 8];
const NUMBERS = [0, 1, 2, 3, 4, 2 ** 31 - 1, 2 ** 32 - 1, 2 ** 32, 2 ** 52 + 3, 2 ** 53 - 2];

/** Modules of two memories came with Node 22. */
const hasTwoMemories = Number(process.versions.node.split(".")[0]) >= 22;
const FORMS = [
  "JavaScript",
  "WebAssembly, apart",
  ...(hasTwoMemories ? (["WebAssembly, together"] as const) : []),
] as const;

interface Given {
  readonly raw: RawMemory;
  readonly slots: StampedSlots;
  readonly place: StreamPlace;
  /** Of an element's slot, bytes in the view. */
  slotOf(number: number): number;
}

/** A broadcast in the middle of random bytes; values lie 8 or 64 bytes behind their stamps. */
function given(form: (typeof FORMS)[number], size: number, value = 8): Given {
  const stride = value + Math.ceil(size / value) * value;
  const pages = Math.ceil((LENGTH * stride + 4096) / PAGE);
  const wasm = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const { buffer } = wasm;
  const bytes = new Uint8Array(buffer);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = (index * 7 + (index >> 8)) & 0xff;
  // A view that begins behind the memory's beginning, as partial views do.
  const init = { buffer, byteOffset: 512, byteLength: buffer.byteLength - 512, readOnly: false, label: "slots" };
  const raw = rawMemory(new MemoryView(form === "JavaScript" ? init : { ...init, wasm }));
  const place = { offset: 1024, slots: 1088, stride, value, size, length: LENGTH };
  const slots = stampedSlotsOf(raw, place, local(size), form === "WebAssembly, together" ? "together" : "apart");
  return { raw, slots, place, slotOf: (number) => place.slots + (number % LENGTH) * stride };
}

const local = (size: number): RawMemory => rawMemory(localView(size));

describe.each(FORMS)("slots copied by %s", (form) => {
  it.each(SIZES)("of %i bytes are loaded when the stamp is theirs, and nothing is stored", (size) => {
    for (const value of [8, 64]) {
      const { raw, slots, place, slotOf } = given(form, size, value);
      const before = raw.u8.slice();
      for (const number of NUMBERS) {
        const at = slotOf(number);
        const [one, copy, other] = [local(8), local(size), local(8)];
        for (const stamp of [0, number, number + 2, number + 1 + 2 ** 32, number + 1 - 2 ** 32]) {
          if (stamp === number + 1) continue;
          raw.u64[at / 8] = BigInt.asUintN(64, BigInt(stamp));
          expect(slots.load(number, copy)).toBe(false);
        }
        raw.u64[at / 8] = BigInt(number + 1);
        expect(slots.load(number, copy)).toBe(true);
        const from = at + place.value;
        expect(Buffer.compare(copy.u8, raw.u8.slice(from, from + size))).toBe(0);
        // What lies before and behind it is somebody else's.
        expect([...one.u8, ...other.u8]).toEqual(Array<number>(16).fill(0));
        raw.u8.set(before.subarray(at, at + 8), at);
      }
      expect(Buffer.compare(raw.u8.slice(), before)).toBe(0);
    }
  });

  it.each(SIZES)(
    "of %i bytes are stored with their stamp, and published by the tail, and nothing else changes",
    (size) => {
      const { raw, slots, place, slotOf } = given(form, size);
      const [tail, sleepers] = [place.offset + BROADCAST.at.tail, place.offset + BROADCAST.at.sleepers];
      const copy = local(size);
      for (let index = 0; index < size; index += 1) copy.u8[index] = (index * 3 + 1) & 0xff;
      for (const number of NUMBERS) {
        raw.u32[sleepers / 4] = 0;
        const expected = raw.u8.slice();
        const long = Buffer.alloc(8);
        long.writeBigUInt64LE(BigInt(number + 1));
        expected.set(long, tail);
        expected.set(long, slotOf(number));
        expected.set(copy.u8, slotOf(number) + place.value);
        expect(slots.publish(number, copy)).toBe(false);
        expect(Buffer.compare(raw.u8.slice(), expected)).toBe(0);
        expect(slots.published()).toBe(number + 1);
      }
    },
  );

  it("tell whether somebody sleeps, and clear the word for those who come later", () => {
    const { raw, slots, place } = given(form, 8);
    const sleepers = (place.offset + BROADCAST.at.sleepers) / 4;
    for (const word of [1, 7, 0x8000_0000]) {
      raw.u32[sleepers] = word;
      expect(slots.publish(5, local(8))).toBe(true);
      expect(raw.u32[sleepers]).toBe(0);
      expect(slots.publish(6, local(8))).toBe(false);
    }
  });

  it("say how many were published, also what no writer can have", () => {
    const { raw, slots, place } = given(form, 8);
    for (const tail of [0n, 1n, 2n ** 32n, 2n ** 53n - 1n]) {
      raw.u64[place.offset / 8] = tail;
      expect(slots.published()).toBe(Number(tail));
    }
    for (const tail of [2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) {
      raw.u64[place.offset / 8] = tail;
      const published = slots.published();
      expect(published < 0 || published > Number.MAX_SAFE_INTEGER).toBe(true);
    }
  });

  it("are copied to and from memory that no kernel has, and any block of private memory", () => {
    const { raw, slots, slotOf } = given(form, 40);
    const view = { buffer: new ArrayBuffer(40), byteLength: 40, readOnly: false, label: "other", isPrivate: true };
    const other = rawMemory(new MemoryView(view));
    other.u8.fill(9);
    slots.publish(7, other);
    expect([...raw.u8.subarray(slotOf(7) + 8, slotOf(7) + 48)]).toEqual(Array<number>(40).fill(9));
    other.u8.fill(0);
    // More than a block has.
    const copies = [other, ...Array.from({ length: 2000 }, () => local(1000)), other];
    for (const copy of copies) {
      expect(slots.load(7, copy)).toBe(true);
      expect(copy.u8.subarray(0, 40).every((byte) => byte === 9)).toBe(true);
    }
  });
});
