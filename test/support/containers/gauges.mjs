/**
 * A region of seqlocks as the generator would write it, by hand: `Gauges { $participants; number: seqlock<u64>; record: seqlock<Record>;
 * large: seqlock<array<u32, 250>>; text: seqlock<utf8<13>>; real: seqlock<f32> }`. `Record` is 16 words of u32.
 */
import {
  attachRegion,
  codec,
  createOrOpenRegion,
  element,
  Flyweight,
  FlyweightReader,
  local,
  memoryOf,
  numbersAt,
  offsetOf,
  openRegion,
  openRegionReadOnly,
  regionFromShared,
  viewOf,
} from "@shmgen/runtime/codegen-v1";
import { Seqlock } from "@shmgen/runtime/containers-v1";
import { descriptorOf, tableOf } from "../regions/counter.mjs";

const PARTICIPANTS = 15;
const TABLE = 64 + 64 * PARTICIPANTS;
export const WORDS = 16;

/** Of a seqlock whose value takes so many bytes. */
export function shapeOf(of) {
  const cell = Math.ceil(of.size / 8) * 8;
  return { size: 16 + 2 * cell, align: 8, of, stride: of.size, at: { even: 16, odd: 16 + cell } };
}

/** 64 bytes. */
export class Record extends Flyweight {
  static layout = {
    name: "Record",
    size: 4 * WORDS,
    align: 4,
    fingerprint: "00112233445566aa",
    docs: "",
    fields: [{ name: "words", type: `array<u32, ${WORDS}>`, offset: 0, size: 4 * WORDS, align: 4, docs: "" }],
  };
  static local = () => local(Record);
  #memory = memoryOf(this).u32;
  #at = offsetOf(this) / 4;
  get words() {
    return numbersAt(viewOf(this), "u32", offsetOf(this), WORDS);
  }
  get first() {
    return this.#memory[this.#at];
  }
  set first(value) {
    this.#memory[this.#at] = value;
  }
}

const PLACES = [];
let end = TABLE;
for (const [name, of] of [
  ["number", element.data("u64", true, codec.number("u64"))],
  ["record", element.struct(Record)],
  ["large", element.numbers("u32", 250)],
  ["text", element.text(13)],
  ["real", element.data("f32", true, codec.number("f32"))],
]) {
  const shape = shapeOf(of);
  PLACES.push({ name, offset: end, shape });
  end += shape.size;
}

/** Where a seqlock lies in the payload, bytes. */
export const placeOf = (name) => PLACES.find((place) => place.name === name);

const layout = {
  name: "Gauges",
  size: end,
  align: 8,
  fingerprint: "0123456789abcdef",
  docs: "",
  fields: [
    ...PLACES.map(({ name, offset, shape: { size } }) => {
      return { name, type: `bytes<${size}>`, offset, size, align: 1, docs: "" };
    }),
  ],
};

const withSeqlocks = (Base) =>
  class extends Base {
    static layout = layout;
    constructor(view, offset) {
      super(view, offset);
      for (const place of PLACES) {
        this[place.name] = new Seqlock(view, offset + place.offset, place.shape, `Gauges.${place.name}`);
      }
    }
  };

const facts = { typeId: 78, version: 1, readableFrom: 1, header: "standard" };
const definition = {
  accessor: withSeqlocks(Flyweight),
  reader: withSeqlocks(FlyweightReader),
  ...facts,
  descriptor: descriptorOf(layout, { name: "Gauges", ...facts }, tableOf(PARTICIPANTS)),
  containers: {
    participants: PARTICIPANTS,
    placed: PLACES.map(({ name, offset, shape }) => ({ type: Seqlock, name, offset, shape })),
  },
};

export const Gauges = {
  createOrOpen: (name, options) => createOrOpenRegion(definition, name, options),
  open: (name, options) => openRegion(definition, name, options),
  openReadOnly: (name, options) => openRegionReadOnly(definition, name, options),
  fromShared: (shared, options) => regionFromShared(definition, shared, options),
  attachFd: (descriptor, options) => attachRegion(definition, descriptor, options),
};
