/** What the compiler says of names of other languages, and of types that compute: what it proposes compiles. */
import { describe, expect, it } from "vitest";
import { ADVISED_NAMES, nameAdvice } from "../../generator/dist/diagnostics/name-advice.js";
import { checkSchema, withImport } from "../support/schemas/check-schema.js";

const hintFor = (type: string): string =>
  checkSchema(`export interface Car { value: ${type} }`)
    .diagnostics.map(({ hint }) => hint ?? "")
    .join("\n");

describe("a name of another language", () => {
  const INTEGERS = ["u48", "i48", "u40", "uint56_t", "u12", "i7", "u4", "int40", "u53", "u96", "i200"];
  it.each([...ADVISED_NAMES, ...INTEGERS])("%s is told types that compile, in the words of the sentence", (name) => {
    const { text, types } = nameAdvice(name) ?? expect.unreachable();
    for (const type of types) {
      expect(checkSchema(withImport(`export interface Car { value: ${type} }`)).text, type).toBe("");
      expect(text).toContain(type.replace("<32>", "<N>"));
    }
    expect(hintFor(name)).toContain(text);
  });

  it.each([
    ["unsigned", "u32"],
    ["DWORD", "u32"],
    ["LONG", "i32"],
    ["ULONGLONG", "u64"],
    ["uint32_t", "u32"],
    ["__s32", "i32"],
    ["__u8", "u8"],
    ["__be16", "be<u16>"],
    ["__le64", "le<u64>"],
    ["UTF16", "utf16"],
    ["Float64", "f64"],
    ["ucs2", "utf16"],
    ["cp1252", "latin1"],
    ["ssize_t", "i64"],
  ])("%s is %s, which compiles", (name, word) => {
    expect(hintFor(name)).toContain(`did you mean '${word}'?`);
    const type = /^(utf16|latin1)$/.test(word) ? `${word}<8>` : word;
    expect(checkSchema(withImport(`export interface Car { value: ${type} }`)).text).toBe("");
  });

  it("that the file declares in another case is the file's own", () => {
    const { diagnostics } = checkSchema(
      'import type { u8 } from "@shmgen/schema";\nexport interface U48 { a: array8 }\nexport type array8 = u8;\nexport interface Car { value: u48 }',
    );
    expect(diagnostics.map(({ hint }) => hint)).toEqual(["did you mean 'U48'?"]);
  });

  it("that only looks like one is a name as any other", () => {
    for (const name of ["sensor12", "unit4", "user7", "index3", "Long", "x16"])
      expect(nameAdvice(name)).toBeUndefined();
  });
});

describe("a type that computes", () => {
  const codes = (text: string): readonly string[] => checkSchema(withImport(text)).codes;

  it.each([
    ["bytes<4 * 65>", "260"],
    ["bytes<0x40 + 4>", "68"],
    ["bytes<(4 + 1) * 2>", "10"],
    ["array<u8, 2 ** 10>", "1024"],
    ["array<array<u8, 2 * 3>, 4>", "6"],
    ["at<u32, 0x40+8>", "72"],
    ["bytes<4-1>", "3"],
    ["bytes<64 / 2>", "32"],
    ["array<u8, 1 << 4>", "16"],
    ["bytes<4 >> 1>", "2"],
  ])("%s is told to be %s, and the rest of the file is read", (type, value) => {
    const { diagnostics } = checkSchema(withImport(`export interface Car { a: ${type}; b: nonsense }`));
    expect(diagnostics.map(({ code }) => code).sort()).toEqual(["SHM1009", "SHM1069"]);
    expect(diagnostics.find(({ code }) => code === "SHM1069")?.hint).toBe(`write ${value}.`);
  });

  it("with a name in it is told to be a number, and one without a value as well", () => {
    for (const type of ["bytes<N * 4>", "bytes<2 / 3>", "bytes<8 % 0>"]) {
      const { diagnostics } = checkSchema(withImport(`type N = 4;\nexport interface Car { a: ${type} }`));
      expect(diagnostics.map(({ code, hint }) => `${code} ${hint}`)).toEqual([
        "SHM1069 write the number itself, or an alias of one: type Count = 16.",
      ]);
    }
  });

  it("leaves other mistakes of syntax to the compiler, beside it and alone", () => {
    expect(codes("export interface Car { a: bytes<4 65> }")).toContain("SHM1001");
    expect(codes("export interface Car { a: bytes<4 * 65>;\n  : u32 }")).toEqual(["SHM1069", "SHM1001"]);
    expect(codes("export interface Car { a: bytes<4 *> }")).not.toContain("SHM1069");
  });

  it("in a long file or on a long line costs little", () => {
    const many = Array.from({ length: 400 }, (_, n) => `  f${n}: bytes<${n + 1} * 2>;`).join("\n");
    const begun = performance.now();
    const found = codes(`export interface Car {\n${many}\n}`);
    expect(found.length).toBeGreaterThan(10);
    codes(`export interface Car { a: bytes<${"4 * ".repeat(20_000)}4> }`);
    codes(`export interface Car { a: bytes<${"(".repeat(20_000)}4 * 2> }`);
    codes(`export interface Car { a: bytes<${"4".repeat(900)} ${" ".repeat(900)}* 2> }`);
    expect(performance.now() - begun).toBeLessThan(20_000);
  });
});
