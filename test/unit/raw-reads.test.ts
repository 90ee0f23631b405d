/** Reads of what no struct says: numbers, bytes and text at any offset of a view. */
import { describe, expect, it } from "vitest";
import { MemoryView, type RawNumber, ShmError, ShmRangeError } from "@shmgen/runtime";
import { refusal } from "../support/schemas/kitchen-sink.js";

/** Bytes 1, 2, 3 ... with the high bit in every third, seen read-only from the eighth on. */
function patterned(byteLength = 64): { readonly view: MemoryView<true>; readonly bytes: Uint8Array } {
  const buffer = new SharedArrayBuffer(byteLength + 8);
  const bytes = new Uint8Array(buffer, 8);
  bytes.forEach((_, at) => (bytes[at] = (at + 1) | (at % 3 === 0 ? 0x80 : 0)));
  return { view: new MemoryView({ buffer, byteOffset: 8, byteLength, readOnly: true, label: "patterned" }), bytes };
}

/** What the bytes of a number say, most significant first. */
function judged(bytes: readonly number[], kind: string): number | bigint {
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const bits = bytes.length * 8;
  const unsigned = BigInt(`0x${hex}`);
  if (kind.startsWith("f")) {
    const data = new DataView(Uint8Array.from(bytes).buffer);
    return bits === 32 ? data.getFloat32(0) : data.getFloat64(0);
  }
  const integer = kind.startsWith("i") ? BigInt.asIntN(bits, unsigned) : unsigned;
  return bits >= 64 ? integer : Number(integer);
}

const KINDS = ["u8", "i8", "u16", "i16", "u24", "i24", "u32", "i32", "u48", "i48", "u64", "i64", "u128", "f32", "f64"];

describe("memory.read", () => {
  it.each(KINDS)("%s reads at every offset, aligned or not, in both orders of bytes", (kind) => {
    const { view, bytes } = patterned();
    const size = Number(kind.slice(1)) / 8;
    for (let offset = 0; offset + size <= 64; offset += 1) {
      const stored = [...bytes.subarray(offset, offset + size)];
      expect(view.read(kind as RawNumber, offset)).toBe(judged(stored.toReversed(), kind));
      if (size > 1) expect(view.read(`be ${kind}` as RawNumber, offset)).toBe(judged(stored, kind));
    }
    for (const offset of [65 - size, -1, 0.5, Number.NaN, 2 ** 53, "0" as never]) {
      const message = refusal(() => view.read(kind as RawNumber, offset));
      expect(message).toContain(`${kind} does not fit: offset=`);
      expect(message).toContain(`size=${size} mapped=64 path=patterned`);
    }
  });

  it("says which kinds there are, whatever is asked for", () => {
    const { view } = patterned();
    expect(refusal(() => view.read("be u8" as never, 0))).toContain("kind is one of u8, i8, u16");
    expect(refusal(() => view.read("u23" as never, 0))).toContain("did you mean 'u24'?");
    for (const kind of ["__proto__", "constructor", "", undefined, 4]) refusal(() => view.read(kind as never, 0));
  });

  it("reads a table of 10,000 numbers in the order of a millisecond", () => {
    const view = new MemoryView({
      buffer: new ArrayBuffer(40_008),
      byteLength: 40_008,
      readOnly: true,
      label: "table",
    });
    let best = Infinity;
    for (let round = 0; round < 30; round += 1) {
      const begun = performance.now();
      let sum = 0;
      for (let row = 0; row < 10_000; row += 1) sum += view.read("be u32", row * 4 + 1);
      best = Math.min(best, performance.now() - begun);
      expect(sum).toBe(0);
    }
    expect(best).toBeLessThan(5);
  });
});

describe("memory.bytes and memory.text", () => {
  /** `text` at `offset` of 32 bytes of 0xff. */
  function holding(text: string, offset: number): MemoryView {
    const buffer = new SharedArrayBuffer(32);
    const bytes = new Uint8Array(buffer).fill(0xff);
    bytes.set(Buffer.from(text, "latin1"), offset);
    return new MemoryView({ buffer, byteLength: 32, readOnly: true, label: "held" });
  }

  it("bytes are a copy, of memory that is not shared", () => {
    const { view, bytes } = patterned();
    const copy = view.bytes(3, 5);
    expect([...copy]).toEqual([...bytes.subarray(3, 8)]);
    bytes[3] = 0;
    expect(copy[0]).not.toBe(0);
    expect(copy.buffer).toBeInstanceOf(ArrayBuffer);
    expect(view.bytes(64, 0)).toHaveLength(0);
    expect(refusal(() => view.bytes(60, 5))).toContain("bytes does not fit: offset=60 size=5 mapped=64 path=patterned");
    for (const length of [-1, 1.5, Number.NaN, undefined, 2 ** 53]) refusal(() => view.bytes(0, length as never));
  });

  it("text ends at its NUL, or after so many bytes", () => {
    const view = holding("key\0value\0", 3);
    expect([view.text(3), view.text(7), view.text(3, 2), view.text(3, 16), view.text(7, { length: 5 })]).toEqual([
      "key",
      "value",
      "ke",
      "key",
      "value",
    ]);
    expect(view.text(3, 0)).toBe("");
    expect(holding("gr\u00fcn \x80\0", 0).text(0, { encoding: "latin1" })).toBe("gr\u00fcn \u20ac");
    const wide = Buffer.from("g\u00fc\0!", "utf16le").toString("latin1");
    expect(holding(wide, 1).text(1, { encoding: "utf16" })).toBe("g\u00fc");
    expect(holding(wide, 0).text(0, { encoding: "utf16be", length: 2 })).toBe("\u6700");
    expect(holding("gr\u00c3\u00bcn\0", 0).text(0)).toBe("gr\u00fcn");
  });

  it("text of wider units ends at a whole unit of zeros, counted from its beginning", () => {
    const text = "a\u0100\ud83d\ude00";
    // Zero bytes that are parts of units end nothing: 61 00, 00 01.
    for (const encoding of ["utf16", "utf16be", "utf32", "utf32be"] as const) {
      const unit = encoding.startsWith("utf16") ? 2 : 4;
      const units =
        unit === 2
          ? [...Array(text.length).keys()].map((at) => text.charCodeAt(at))
          : Array.from(text, (c) => c.codePointAt(0) ?? 0);
      for (const offset of [0, 1, 3]) {
        const bytes = new Uint8Array(40).fill(0xff);
        const data = new DataView(bytes.buffer, offset);
        [...units, 0].forEach((value, at) => {
          if (unit === 2) data.setUint16(at * 2, value, !encoding.endsWith("be"));
          else data.setUint32(at * 4, value, !encoding.endsWith("be"));
        });
        const view = new MemoryView({ buffer: bytes.buffer, byteLength: 40, readOnly: true, label: "wide" });
        expect([view.text(offset, { encoding }), view.text(offset, { encoding, length: unit })]).toEqual([text, "a"]);
        expect(refusal(() => view.text(offset, { encoding, length: unit + 1 }))).toContain(
          `bytes, a multiple of ${unit}`,
        );
      }
      const endless = new MemoryView({
        buffer: new Uint8Array(7).fill(1).buffer,
        byteLength: 7,
        readOnly: true,
        label: "endless",
      });
      expect(refusal(() => endless.text(0, { encoding }))).toContain("does not end in the memory");
    }
  });

  it("text that does not end in the memory, and text beyond it, is refused with numbers", () => {
    const view = holding("key\0value", 3);
    expect(refusal(() => view.text(7))).toBe(
      'the text does not end in the memory: expected="a NUL that ends the text" found="none in 25 bytes" offset=7 ' +
        "mapped=32 path=held; say how long it is at most: memory.text(offset, length)",
    );
    expect(refusal(() => view.text(30, 3))).toContain("text does not fit: offset=30 size=3 mapped=32");
    expect(refusal(() => view.text(33))).toContain("text does not fit");
    expect(refusal(() => view.text(0, -1))).toContain("length is bytes, at least 0");
    expect(refusal(() => view.text(0, { encoding: "utf9" as never }))).toContain("did you mean 'utf8'?");
    expect(refusal(() => view.text(0, { lenght: 3 } as never))).toContain("lenght");
  });

  it("all reads throw ERR_SHM_CLOSED once the view is closed", () => {
    const { view } = patterned();
    view.retire();
    for (const read of [() => view.read("u8", 0), () => view.bytes(0, 1), () => view.text(0, 1)]) {
      expect(read).toThrow(ShmError);
      expect(read).toThrow(expect.objectContaining({ code: "ERR_SHM_CLOSED" }));
    }
    expect(() => patterned().view.read("u8", 64)).toThrow(ShmRangeError);
  });
});
