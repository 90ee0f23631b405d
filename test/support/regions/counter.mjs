/**
 * A region as the generator would write it, by hand and small, so that these tests need no generator.
 * `Counter { count: u32 at 0; word: u32 at 4; big: u64 at 8; real: f64 at 16; text: 8 bytes at 24 }`, 32 bytes.
 */
import { deflateRawSync } from "node:zlib";
import {
  attachRegion,
  createAnonymousRegion,
  createOrOpenRegion,
  createRegion,
  createUniqueRegion,
  Flyweight,
  FlyweightReader,
  openRegion,
  openRegionReadOnly,
  rawMemory,
  receiveRegion,
  regionFromToken,
  regionFromShared,
  whenRegionReady,
} from "@shmgen/runtime/codegen-v1";
import { crc32c } from "../../../schema/dist/crc32c.js";

const FIELDS = [
  { name: "count", type: "atomic<u32>", offset: 0, size: 4, align: 4, docs: "" },
  { name: "word", type: "atomic<u32>", offset: 4, size: 4, align: 4, docs: "" },
  { name: "big", type: "atomic<u64>", offset: 8, size: 8, align: 8, docs: "" },
  { name: "real", type: "f64", offset: 16, size: 8, align: 8, docs: "" },
  { name: "text", type: "bytes<8>", offset: 24, size: 8, align: 1, docs: "" },
];

/** Versions do not fit each other: each has a field of its own at the place of `word`. */
function fieldsOf(version, tailStride) {
  const [count, word, ...rest] = FIELDS;
  const fields = [count, version === 1 ? word : { ...word, name: `word${version}` }, ...rest];
  if (tailStride)
    fields.push({ name: "rest", type: `tail<bytes<${tailStride}>>`, offset: 32, size: 0, align: 1, docs: "" });
  return fields;
}

/** A definition; `change` alters it, e.g. `{ version: 2 }` or `{ fingerprint: "..." }`. */
export function counterDefinition(change = {}) {
  const {
    typeId = 7,
    version = 1,
    fingerprint = "0123456789abcdef",
    header = "standard",
    tailStride,
    naming,
    fields = fieldsOf(version, tailStride),
  } = change;
  const layout = {
    name: "Counter",
    size: 32,
    align: 8,
    fingerprint,
    docs: "",
    fields,
    ...(tailStride && { tailStride }),
  };
  class Counter extends Flyweight {
    static layout = layout;
    #raw;
    #at;
    constructor(view, offset) {
      super(view, offset);
      this.#raw = rawMemory(view);
      this.#at = offset;
    }
    get count() {
      return Atomics.load(this.#raw.u32, this.#at / 4);
    }
    set count(value) {
      Atomics.store(this.#raw.u32, this.#at / 4, value);
    }
    get word() {
      return Atomics.load(this.#raw.u32, this.#at / 4 + 1);
    }
    set word(value) {
      Atomics.store(this.#raw.u32, this.#at / 4 + 1, value);
    }
    get big() {
      return Atomics.load(this.#raw.u64, this.#at / 8 + 1);
    }
    set big(value) {
      Atomics.store(this.#raw.u64, this.#at / 8 + 1, value);
    }
    addCount(value) {
      return Atomics.add(this.#raw.u32, this.#at / 4, value);
    }
    addBig(value) {
      return Atomics.add(this.#raw.u64, this.#at / 8 + 1, value);
    }
  }
  class CounterReader extends FlyweightReader {
    static layout = layout;
    #raw;
    #at;
    constructor(view, offset) {
      super(view, offset);
      this.#raw = rawMemory(view);
      this.#at = offset;
    }
    get count() {
      return Atomics.load(this.#raw.u32, this.#at / 4);
    }
    get word() {
      return Atomics.load(this.#raw.u32, this.#at / 4 + 1);
    }
    get big() {
      return Atomics.load(this.#raw.u64, this.#at / 8 + 1);
    }
  }
  return {
    accessor: Counter,
    reader: CounterReader,
    header,
    typeId,
    version,
    readableFrom: version,
    ...(naming && { naming }),
    descriptor:
      header === "dotnet"
        ? ""
        : descriptorOf(layout, { name: layout.name, typeId, version, readableFrom: version, header }),
  };
}

/** `first` and `structs`: fields before those that accessors show, and what they are made of. */
export function descriptorOf(layout, region, { first = [], structs = [] } = {}) {
  const fields = layout.fields.map(({ name, type, offset, size }) => ({
    name,
    type: canonicalType(type),
    offset,
    size,
  }));
  const { name, size, align, tailStride } = layout;
  const struct = { name, size, align, packed: false, fields: [...first, ...fields], ...(tailStride && { tailStride }) };
  const json = JSON.stringify({ format: 1, region, layout: { structs: [struct, ...structs], enums: [], bits: [] } });
  const data = deflateRawSync(json);
  const bytes = Buffer.alloc(16 + data.length);
  bytes.writeUInt32LE(json.length, 4);
  bytes.writeUInt32LE(data.length, 8);
  data.copy(bytes, 16);
  bytes.writeUInt32LE(crc32c(bytes.subarray(4)), 0);
  return bytes.toString("base64");
}

/** A table of participants, as descriptors have it. */
export function tableOf(length) {
  const size = 64 + 64 * length;
  const entries = { name: "entries", type: { kind: "array", of: { kind: "struct", struct: "2" }, length }, offset: 64 };
  const struct = { align: 8, packed: false };
  return {
    first: [{ name: "$participants", type: { kind: "struct", struct: "1" }, offset: 0, size }],
    structs: [
      { ...struct, name: "participants", size, role: "participants", fields: [{ ...entries, size: size - 64 }] },
      { ...struct, name: "participants.entry", size: 64, role: "participants.entry", fields: [] },
    ],
  };
}

/** `"atomic<u32>"` as the canonical layout has it. */
function canonicalType(text) {
  const [, kind, inner] = /^(\w+)<(.+)>$/.exec(text) ?? [];
  if (kind === undefined) return { kind: "scalar", scalar: text };
  if (kind === "bytes") return { kind, size: Number(inner) };
  return { kind, of: canonicalType(inner) };
}

/** The statics that a generated class has. */
export function counterOf(change) {
  const definition = counterDefinition(change);
  return {
    definition,
    createOrOpen: (name, options) => createOrOpenRegion(definition, name, options),
    create: (name, options) => createRegion(definition, name, options),
    open: (name, options) => openRegion(definition, name, options),
    openReadOnly: (name, options) => openRegionReadOnly(definition, name, options),
    whenReady: (name, options) => whenRegionReady(definition, name, options),
    createUnique: (prefix, options) => createUniqueRegion(definition, prefix, options),
    createAnonymous: (options) => createAnonymousRegion(definition, options),
    fromToken: (token, options) => regionFromToken(definition, token, options),
    attachFd: (descriptor, options) => attachRegion(definition, descriptor, options),
    receiveRegion: (path, options) => receiveRegion(definition, path, options),
    fromShared: (shared, options) => regionFromShared(definition, shared, options),
  };
}

export const Counter = counterOf({});
/** The futex port of a region's memory, as field handles use it. */
export const futexOf = (region) => rawMemory(region.memory).futex;
