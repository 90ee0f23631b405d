/** What to write instead of names of other languages that no single word stands for. Each type that a sentence names compiles. */

/** A sentence, and the types that it names. */
export interface Advice {
  readonly text: string;
  readonly types: readonly string[];
}

const both = "which of them depends on the program that writes.";
const long = (sign: "i" | "u", name: string): Advice => ({
  text: `${name} of C is ${sign}64 on Linux and macOS, and ${sign}32 on Windows: ${both}`,
  types: [`${sign}64`, `${sign}32`],
});
const half: Advice = {
  text: "there is no float of 16 bits: read it as u16, and make a number of its bits.",
  types: ["u16"],
};
const wide: Advice = {
  text: `wchar_t of C has 2 bytes on Windows and 4 on Linux and macOS: text is utf16<N> there and utf32<N> here, a single one u16 or u32; ${both}`,
  types: ["utf16<32>", "utf32<32>", "u16", "u32"],
};
const unit16: Advice = { text: "text in UTF-16 is utf16<N>, N units; a single unit u16.", types: ["utf16<32>", "u16"] };
const char: Advice = {
  text: "text is utf8<N>, or latin1<N> where programs of western Windows write it; a single byte u8 or i8.",
  types: ["utf8<32>", "latin1<32>", "u8", "i8"],
};

const ADVICE: ReadonlyMap<string, Advice> = new Map([
  ["long", long("i", "long")],
  ["ulong", long("u", "unsigned long")],
  ["unsigned_long", long("u", "unsigned long")],
  ["time_t", { text: 'time_t of C is timestamp<"s">, or i32 where it has 4 bytes.', types: ['timestamp<"s">', "i32"] }],
  ...["f16", "half", "float16", "float16_t", "_Float16", "Float16", "bf16", "bfloat16"].map(
    (name) => [name, half] as const,
  ),
  [
    "long_double",
    {
      text: "long double of C is bytes<16> on x86-64 Linux, where 10 of them are its bits, and f64 on Windows.",
      types: ["bytes<16>", "f64"],
    },
  ],
  ["wchar_t", wide],
  ["wchar", wide],
  ["wstring", wide],
  [
    "TCHAR",
    {
      text: "TCHAR of Windows is utf16<N> in programs with UNICODE, and latin1<N> in western ones without.",
      types: ["utf16<32>", "latin1<32>"],
    },
  ],
  ...["WCHAR", "char16_t", "char16", "OLECHAR", "jchar"].map((name) => [name, unit16] as const),
  ["char32_t", { text: "text in UTF-32 is utf32<N>, N units; a single unit u32.", types: ["utf32<32>", "u32"] }],
  ...["char", "CHAR"].map((name) => [name, char] as const),
  ["BOOL", { text: "BOOL of Windows is i32, of which every value but 0 is true.", types: ["i32"] }],
]);

/** Of integers that have no word: their bytes, or their bits. */
function integerAdvice(name: string): Advice | undefined {
  const width = Number(/^_*(?:u|i|s|int|uint|sint)_?(\d{1,3})(?:_t)?$/i.exec(name)?.[1]);
  if (!(width >= 1 && width <= 256) || [8, 16, 32, 64].includes(width)) return undefined;
  if (width % 8 === 0) {
    const type = `bytes<${width / 8}>`;
    return { text: `there is no integer of ${width} bits: read its bytes, ${type}.`, types: [type] };
  }
  // What a bit field may have at most, to be read as a number.
  if (width > 53) return undefined;
  const repr = width < 8 ? "u8" : width < 16 ? "u16" : width < 32 ? "u32" : "u64";
  const type = `bits<{ value: ${width} }, ${repr}>`;
  return {
    text: `there is no integer of ${width} bits: write ${type}, with what else lies in these bytes.`,
    types: [type],
  };
}

/** What is meant by a name that stands for no single word; undefined for every other name. */
export function nameAdvice(name: string): Advice | undefined {
  return ADVICE.get(name) ?? integerAdvice(name);
}

/** All names that the table has. */
export const ADVISED_NAMES: readonly string[] = [...ADVICE.keys()];
