/** `utf16`, `utf32`, `latin1` and `utf8`: the bytes of texts, and texts of any bytes. */
import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { snapshot } from "@shmgen/runtime";
import { readText, writeText } from "@shmgen/runtime/codegen-v1";
import { type EncodingName, ENCODINGS, hexBytes, textIn } from "../../schema/dist/encodings.js";
import { codeOf } from "../support/processes/processes.js";
import { runSeed } from "../support/run/random.js";
import { generateModule } from "../support/containers/generated-module.js";
import type { Anything } from "../support/schemas/contents.js";

const NAMES = Object.keys(ENCODINGS) as EncodingName[];
const seed = runSeed("texts");
const LATIN = Array.from({ length: 255 }, (_, at) => readText(Uint8Array.of(at + 1), 0, 1, "latin1"));

const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

function messageOf(call: () => void): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

/** Text that an encoding has, without NUL. */
const textOf = (encoding: EncodingName): fc.Arbitrary<string> =>
  encoding === "latin1"
    ? fc.array(fc.constantFrom(...LATIN)).map((list) => list.join(""))
    : fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", "x"));

describe("a text in memory", () => {
  it.each(NAMES)("of %s is read as it was written, at any place, with zeros behind it", (encoding) => {
    const { unit, encode } = ENCODINGS[encoding];
    fc.assert(
      fc.property(textOf(encoding), fc.nat(5), fc.nat(9), (text, free, offset) => {
        const bytes = encode(text);
        const size = bytes.length + free * unit;
        const memory = new Uint8Array(offset + size + 3).fill(0xee);
        writeText(memory, offset, size, text, "T.name", encoding);
        expect(readText(memory, offset, size, encoding)).toBe(text);
        expect([...memory]).toEqual([
          ...Array.from({ length: offset }, () => 0xee),
          ...bytes,
          ...Array.from({ length: free * unit }, () => 0),
          0xee,
          0xee,
          0xee,
        ]);
      }),
      { seed },
    );
  });

  it.each(NAMES)("of %s is well-formed whatever the bytes are, and ends at the first unit of zeros", (encoding) => {
    const { unit } = ENCODINGS[encoding];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 0, 1, 0x41, 0x80, 0xd8, 0xdc, 0xff), { maxLength: 40 }), (list) => {
        const bytes = Uint8Array.from(list.slice(0, list.length - (list.length % unit)));
        const text = readText(bytes, 0, bytes.length, encoding);
        expect(isWellFormed(text)).toBe(true);
        expect(text).not.toContain("\0");
        const units = Array.from({ length: bytes.length / unit }, (_, at) =>
          bytes.subarray(at * unit, (at + 1) * unit),
        );
        const end = units.findIndex((one) => one.every((byte) => byte === 0));
        const before = bytes.subarray(0, end < 0 ? bytes.length : end * unit);
        expect(text).toBe(readText(before, 0, before.length, encoding));
        if (before.length > 0) expect(text).not.toBe("");
      }),
      { seed },
    );
  });

  it("has the bytes that other programs have, by Node and by Python", () => {
    const text = "Zürich 東京 😀";
    expect(Buffer.from(ENCODINGS.utf16.encode(text)).equals(Buffer.from(text, "utf16le"))).toBe(true);
    expect(Buffer.from(ENCODINGS.utf16be.encode(text)).equals(Buffer.from(text, "utf16le").swap16())).toBe(true);
    const script = `
import sys, json
text = json.loads(sys.argv[1])
latin = [bytes([byte]).decode("cp1252", "surrogateescape") for byte in range(1, 256)]
print(json.dumps([text.encode("utf-32-le").hex(), text.encode("utf-32-be").hex(), [ord(one) for one in latin]]))`;
    const { stdout } = spawnSync("python3", ["-c", script, JSON.stringify(text)], { encoding: "utf8" });
    const [little, big, latin] = JSON.parse(stdout) as [string, string, number[]];
    expect(Buffer.from(ENCODINGS.utf32.encode(text)).toString("hex")).toBe(little);
    expect(Buffer.from(ENCODINGS.utf32be.encode(text)).toString("hex")).toBe(big);
    // What Python has no character for are the C1 controls of the same numbers.
    expect(LATIN.map((one) => one.codePointAt(0))).toEqual(
      latin.map((code) => (code >= 0xdc80 ? code - 0xdc00 : code)),
    );
    expect(latin.filter((code) => code >= 0xdc80).map((code) => code - 0xdc00)).toEqual([0x81, 0x8d, 0x8f, 0x90, 0x9d]);
  });

  it("has lone surrogates and numbers beyond Unicode as U+FFFD, one for each", () => {
    const read = (encoding: EncodingName, ...bytes: number[]): string =>
      readText(Uint8Array.from(bytes), 0, bytes.length, encoding);
    expect(read("utf16", 0x3d, 0xd8, 0x41, 0)).toBe("\ufffdA");
    expect(read("utf16", 0x00, 0xde, 0x3d, 0xd8)).toBe("\ufffd\ufffd");
    expect(read("utf16be", 0xd8, 0x3d, 0xde, 0x00, 0, 0)).toBe("😀");
    expect(read("utf32", 0, 0xd8, 0, 0, 0, 0, 0x11, 0, 0x41, 0, 0, 0)).toBe("\ufffd\ufffdA");
    expect(read("utf32", 0xff, 0xff, 0xff, 0xff)).toBe("\ufffd");
    // A mark of the byte order is a character of the text, as it is in utf8.
    expect(read("utf16", 0xff, 0xfe, 0x41, 0)).toBe("\ufeffA");
  });

  it.each(NAMES)("of %s that goes on elsewhere ends before the character that is cut", (encoding) => {
    const whole = encoding === "latin1" ? "ab" : "a😀";
    const bytes = ENCODINGS[encoding].encode(whole);
    const { unit } = ENCODINGS[encoding];
    for (let size = 0; size <= bytes.length; size += unit) {
      const { text, isWhole } = textIn(bytes.subarray(0, size), encoding, true);
      expect(whole.startsWith(text) && isWellFormed(text)).toBe(true);
      expect(isWhole).toBe(false);
    }
    expect(textIn(bytes, encoding, true).text).toBe(whole);
    expect(textIn(new Uint8Array(8), encoding, true)).toEqual({ text: "", isWhole: true });
  });

  it("refuses what does not fit, with the encoding's units, and writes nothing then", () => {
    const refused = (encoding: EncodingName, size: number, value: unknown): string => {
      const memory = new Uint8Array(size).fill(7);
      const write = (): void => writeText(memory, 0, size, value as string, "T.name", encoding);
      expect(codeOf(write)).toBe("ERR_SHM_RANGE");
      expect(memory.every((byte) => byte === 7)).toBe(true);
      return messageOf(write);
    };
    expect(refused("utf16", 4, "a😀")).toContain("has 3 code units in UTF-16, and T.name holds at most 2");
    expect(refused("utf32", 4, "a😀")).toContain("has 2 code units in UTF-32, and T.name holds at most 1");
    expect(refused("latin1", 4, "hello")).toContain("has 5 bytes in windows-1252, and T.name holds at most 4");
    expect(refused("latin1", 8, "10 Ω")).toContain('has "Ω" (U+03A9), which windows-1252 does not have');
    expect(refused("latin1", 8, "😀")).toContain("(U+1F600), which windows-1252 does not have");
    expect(refused("latin1", 8, "\u0080")).toContain("(U+0080), which windows-1252 does not have");
    for (const encoding of NAMES) {
      expect(refused(encoding, 16, "a\0b")).toContain("has a NUL in it, where a reader would stop");
      expect(refused(encoding, 16, "a\ud800")).toContain("has a lone surrogate, which ");
    }
    expect(refused("utf16be", 16, 5)).toContain("text of at most 8 code units (be<utf16<8>>)");
    expect(refused("latin1", 16, undefined)).toContain("text of at most 16 bytes (latin1<16>)");
  });

  it("of bytes in hexadecimal is pairs of digits, with spaces between bytes", () => {
    expect(hexBytes("89504e47 0d 0A")).toEqual(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a));
    expect(hexBytes("")).toEqual(new Uint8Array());
    for (const wrong of ["8", "8 9", "xy", "89,50", " 89", "0x89"]) expect(hexBytes(wrong)).toBeUndefined();
  });
});

describe("a field of text", () => {
  const SCHEMA = `
import type { Packed, Region, array, be, latin1, le, seqlock, since, tail, u8, utf16, utf32 } from "@shmgen/schema";
export interface Track extends Packed { id: u8; name: utf16<4>; sign: utf32<2>; network: be<utf16<3>> }
export interface Race extends Region<{ type: 1; version: 2; readableFrom: 1 }> {
  lap: u8;
  name: utf16<8>;
  driver: utf32<4>;
  team: latin1<5>;
  wire: be<utf16<4>>;
  wide: be<utf32<2>>;
  native: le<utf16<2>>;
  names: array<utf16<3>, 2>;
  wires: array<be<utf32<2>>, 2>;
  teams: array<latin1<3>, 2>;
  track: Track;
  best: seqlock<Track>;
  later: since<latin1<4>, 2, "caf\u00e9">;
  rest: tail<Track>;
}`;

  it("is a string: alone, in arrays, tails and packed structs, in either byte order", async () => {
    const { Race, RaceReader } = (await import(generateModule("race", SCHEMA))) as Anything;
    using region = Race.createLocal({ tailLength: 2 });
    const { data } = region;
    data.lap = 255;
    data.name = "Zürich😀";
    data.driver = "Ayşe";
    data.team = "€ uro";
    data.wire = "北京";
    data.wide = "😀!";
    data.native = "ok";
    data.names.set(1, "東京");
    data.wires.set(0, "é");
    data.teams = ["a", "Œuf"];
    data.track = { id: 1, name: "Spa", sign: "🏁", network: "net" };
    data.best.write({ id: 2, name: "Monz", sign: "ab", network: "n" });
    data.rest.at(1).name = "Brno";
    const values = {
      lap: 255,
      name: "Zürich😀",
      driver: "Ayşe",
      team: "€ uro",
      wire: "北京",
      wide: "😀!",
      native: "ok",
      names: ["", "東京"],
      wires: ["é", ""],
      teams: ["a", "Œuf"],
      track: { id: 1, name: "Spa", sign: "🏁", network: "net" },
      later: "",
      rest: [
        { id: 0, name: "", sign: "", network: "" },
        { id: 0, name: "Brno", sign: "", network: "" },
      ],
    };
    expect(snapshot(data)).toMatchObject(values);
    expect(JSON.parse(JSON.stringify(data))).toMatchObject(values);
    expect(data.best.read()).toEqual({ id: 2, name: "Monz", sign: "ab", network: "n" });
    expect(Object.prototype.toString.call(data)).toContain('"name":"Zürich😀"');
    expect(snapshot(new RaceReader(region.memory, 128))).toMatchObject(values);
    const view: DataView = region.memory.dataView;
    const at = (name: string): number =>
      128 + (Race.layout.fields.find((field: { name: string }) => field.name === name).offset as number);
    expect(at("name") % 2).toBe(0);
    expect(at("driver") % 4).toBe(0);
    expect(view.getUint16(at("wire"), false)).toBe("北".charCodeAt(0));
    expect(view.getUint16(at("name"), true)).toBe("Z".charCodeAt(0));
    expect(view.getUint8(at("team"))).toBe(0x80);
    expect(codeOf(() => (data.team = "Ω"))).toBe("ERR_SHM_RANGE");
    expect(codeOf(() => (data.names = ["a", "four"]))).toBe("ERR_SHM_RANGE");
    expect(data.names.at(0)).toBe("");
  });
});
