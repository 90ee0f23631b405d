/** A declaration of bit fields -> its writing and its reading class. */
import type { BitsIr } from "../../ir/ir.js";
import { docLines } from "./docs.js";
import type { FieldScope } from "./scope.js";
import { RUNTIME, SIZES } from "./scalars.js";

/** One bit field: a property. */
export interface BitFieldModel {
  readonly name: string;
  readonly doc: readonly string[];
  readonly type: string;
  readonly writer: boolean;
  readonly read: string;
  /** Statements of the setter. */
  readonly check: string;
  readonly write: string;
}

/** The class of a `bits<..>` declaration: over DataView, because bits also stand in packed structs. */
export interface BitsClassModel {
  readonly name: string;
  readonly doc: readonly string[];
  readonly writer: boolean;
  /** More than one byte: these have an order. */
  readonly wide: boolean;
  readonly base: string;
  readonly memoryView: string;
  readonly memoryOf: string;
  readonly offsetOf: string;
  readonly layoutType: string;
  readonly layoutOf: string | undefined;
  readonly layout:
    { readonly head: readonly string[]; readonly fields: readonly { text: string; enumerators: string }[] } | undefined;
  readonly fields: readonly BitFieldModel[];
  readonly refuseWrites: string;
  readonly spoilable: string;
}

type Scope = Pick<FieldScope, "names">;

/** The writing and the reading class. */
export function bitsModels(bits: BitsIr, source: string, scope: Scope): BitsClassModel[] {
  return [true, false].map((writer) => {
    const { names } = scope;
    const doc = writer ? docLines(bits.docs) : [`The bits of {@link ${bits.name}}, for memory that is only read.`];
    let shift = 0;
    const fields = bits.fields.flatMap((field) => {
      const from = shift;
      shift += field.width;
      return field.pad === true ? [] : [bitField(bits, field, from, writer, scope)];
    });
    return {
      name: writer ? bits.name : `${bits.name}Reader`,
      doc: [...doc, ...(doc.length > 0 ? [""] : []), `@generated from ${source}#${bits.name}`],
      writer,
      wide: bits.repr !== "u8",
      base: names.value(RUNTIME, writer ? "Flyweight" : "FlyweightReader", true),
      memoryView: bits.repr === "u8" ? "" : names.type(RUNTIME, "MemoryView"),
      memoryOf: names.value(RUNTIME, "memoryOf"),
      offsetOf: names.value(RUNTIME, "offsetOf"),
      layoutType: names.type(RUNTIME, "StructLayout"),
      layoutOf: writer ? undefined : bits.name,
      layout: writer ? layout(bits) : undefined,
      fields,
      refuseWrites: writer ? "" : names.value(RUNTIME, "refuseWrites"),
      spoilable: names.value(RUNTIME, "spoilable"),
    };
  });
}

function layout(bits: BitsIr): NonNullable<BitsClassModel["layout"]> {
  const size = SIZES[bits.repr];
  const head = [
    `name: ${JSON.stringify(bits.name)}`,
    `size: ${size}`,
    // Accessors of bits work at any place.
    "align: 1",
    `fingerprint: ""`,
    `docs: ${JSON.stringify(bits.docs ?? "")}`,
  ];
  const shown = bits.fields.filter(({ pad }) => pad !== true);
  const fields = shown.map(({ name, width, signed, docs }) => ({
    text: [
      `name: ${JSON.stringify(name)}`,
      `type: ${JSON.stringify(bitFieldType(bits.repr, width, signed))}`,
      "offset: 0",
      `size: ${size}`,
      "align: 1",
      `docs: ${JSON.stringify(docs ?? "")}`,
    ].join(", "),
    enumerators: "",
  }));
  return { head, fields };
}

function bitField(
  bits: BitsIr,
  { name, width, signed: hasSign, docs }: BitsIr["fields"][number],
  shift: number,
  writer: boolean,
  { names }: Scope,
): BitFieldModel {
  const signed = hasSign === true;
  const path = JSON.stringify(`${bits.name}.${name}`);
  const said = docLines(docs);
  const bitsText = `${width} ${signed ? "signed " : ""}bit${width === 1 ? "" : "s"} of \`${bits.repr}\` from bit ${shift}, not atomic.`;
  const doc = [...said, ...(said.length > 0 ? [""] : []), bitsText];
  const base = { name, doc, writer, type: width > 53 ? "bigint" : "number" };
  const refuse = `${names.value(RUNTIME, "refuseBits")}(${width}, ${path}, value${signed ? ", true" : ""});`;
  const [least, greatest] = [-(2n ** BigInt(width - 1)), 2n ** BigInt(width - 1) - 1n];
  if (bits.repr === "u64") {
    const place = `this.#dataView, this.#offset, this.#little, ${shift}n, ${width}`;
    const read = `${names.value(RUNTIME, "getBits64")}(${place})`;
    const most = `0x${(2n ** BigInt(width) - 1n).toString(16)}`;
    const condition =
      width > 53
        ? `typeof value !== "bigint" || value < 0n || value > ${most}n`
        : `typeof value !== "number" || !(value >= 0 && value <= ${most} && value % 1 === 0)`;
    if (signed) {
      const range = `value >= ${least} && value <= ${greatest} && value % 1 === 0`;
      return {
        ...base,
        read: `Number(BigInt.asIntN(${width}, ${read}))`,
        check: `if (typeof value !== "number" || !(${range})) ${refuse}`,
        write: `${names.value(RUNTIME, "setBits64")}(${place}, BigInt.asUintN(${width}, BigInt(value)));`,
      };
    }
    return {
      ...base,
      read: width > 53 ? read : `Number(${read})`,
      check: `if (${condition}) ${refuse}`,
      write: `${names.value(RUNTIME, "setBits64")}(${place}, value);`,
    };
  }
  const word = { u8: "Uint8", u16: "Uint16", u32: "Uint32" }[bits.repr];
  const order = bits.repr === "u8" ? "" : ", this.#little";
  const get = `this.#dataView.get${word}(this.#offset${order})`;
  const mask = `0x${(2 ** width - 1).toString(16)}`;
  const shifted = shift === 0 ? get : `(${get} >>> ${shift})`;
  const kept = `0x${(~((2 ** width - 1) << shift) >>> 0).toString(16)}`;
  const whole = width === 32;
  if (signed) {
    const up = 32 - shift - width;
    const bitsOfValue = `((value & ${mask})${shift === 0 ? "" : ` << ${shift}`})`;
    return {
      ...base,
      read: whole ? `${get} | 0` : `(${get}${up === 0 ? "" : ` << ${up}`}) >> ${32 - width}`,
      check: `if (typeof value !== "number" || value !== ${whole ? "(value | 0)" : `(value << ${32 - width}) >> ${32 - width}`}) ${refuse}`,
      write: `this.#dataView.set${word}(this.#offset, ${whole ? "value" : `(${get} & ${kept}) | ${bitsOfValue}`}${order});`,
    };
  }
  return {
    ...base,
    read: whole ? get : `${shifted} & ${mask}`,
    check: `if (typeof value !== "number" || value !== ${whole ? "value >>> 0" : `(value & ${mask})`}) ${refuse}`,
    write: `this.#dataView.set${word}(this.#offset, ${whole ? "value" : `(${get} & ${kept}) | ${shift === 0 ? "value" : `(value << ${shift})`}`}${order});`,
  };
}

/** `"u32:4"`; `"i32:4"` of one with a sign. */
function bitFieldType(repr: string, width: number, signed = false): string {
  return `${signed ? `i${repr.slice(1)}` : repr}:${width}`;
}
