/** The counters of rings, by JavaScript and by a kernel: the same contract for both. */
import { describe, expect, it } from "vitest";
import { MemoryView, type RawMemory, rawMemory } from "../../runtime/dist/runtime/access/memory-view.js";
import { countersOf } from "../../runtime/dist/runtime/containers/parts/counters.js";

declare const WebAssembly: {
  readonly Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => {
    readonly buffer: SharedArrayBuffer;
  };
};

const COUNTERS = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];

/** Memory with 0xaa in every byte, seen from its byte 512 on. */
function memoryFor(form: "JavaScript" | "WebAssembly"): RawMemory {
  const wasm = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const { buffer } = wasm;
  new Uint8Array(buffer).fill(0xaa);
  const init = { buffer, byteOffset: 512, byteLength: buffer.byteLength - 512, readOnly: false, label: "counters" };
  return rawMemory(new MemoryView(form === "JavaScript" ? init : { ...init, wasm }));
}

describe.each(["JavaScript", "WebAssembly"] as const)("counters by %s", (form) => {
  it.each(COUNTERS)("%i is stored and loaded as a signed integer, and nothing else changes", (counter) => {
    const memory = memoryFor(form);
    const { base, load, publish } = countersOf(memory);
    const before = memory.u8.slice();
    expect(publish(base + 64, counter | 0, base + 72)).toBe(0xaaaa_aaaa | 0);
    expect(memory.u32[16]).toBe(counter);
    expect(load(base + 64)).toBe(counter | 0);
    memory.u32[16] = 0xaaaa_aaaa;
    expect(Buffer.compare(memory.u8, before)).toBe(0);
  });

  it("a publication gives the other side's word, as it is after the store", () => {
    const memory = memoryFor(form);
    const { base, publish } = countersOf(memory);
    for (const sleeps of [0, 1]) {
      memory.u32[18] = sleeps;
      expect(publish(base + 64, 1, base + 72)).toBe(sleeps);
    }
    // The counter's own word shows which comes first.
    expect(publish(base + 64, 5, base + 64)).toBe(5);
  });

  it("a place outside of the memory is an error", () => {
    const memory = memoryFor(form);
    const { base, load, publish } = countersOf(memory);
    const end = base + memory.byteLength;
    expect(() => load(end)).toThrow(Error);
    expect(() => publish(end, 1, base)).toThrow(Error);
    expect(() => publish(base, 1, end)).toThrow(Error);
  });
});

it("several regions have counters of their own", () => {
  const all = Array.from({ length: 3 }, () => memoryFor("WebAssembly")).map((memory) => ({
    memory,
    counters: countersOf(memory),
  }));
  for (const [index, { counters }] of all.entries()) counters.publish(counters.base + 64, index, counters.base + 72);
  expect(all.map(({ memory }) => memory.u32[16])).toEqual([0, 1, 2]);
});
