/**
 * A region of locks as the generator would write it, by hand: `Gates { $participants; door: mutex; bell: event; seats: semaphore<3>;
 * total: u64; half: u64 }`. The last two are what is guarded.
 */
import {
  attachRegion,
  createOrOpenRegion,
  Flyweight,
  FlyweightReader,
  openRegion,
  openRegionReadOnly,
  rawMemory,
  regionFromShared,
} from "@shmgen/runtime/codegen-v1";
import { Event, Mutex, Semaphore } from "@shmgen/runtime/containers-v1";
import { descriptorOf, tableOf } from "../regions/counter.mjs";

const PARTICIPANTS = 9;
const TABLE = 64 + 64 * PARTICIPANTS;
export const SEATS = 3;

/** Where each lies in the payload, bytes, and how. */
export const PLACES = {
  door: { name: "door", type: Mutex, offset: TABLE, shape: { size: 16, align: 8, at: {} } },
  bell: { name: "bell", type: Event, offset: TABLE + 16, shape: { size: 8, align: 4, at: {} } },
  seats: {
    name: "seats",
    type: Semaphore,
    offset: TABLE + 24,
    shape: { size: 8 + 4 * SEATS, align: 4, length: SEATS, at: { permits: 8 } },
  },
};
const TOTAL = TABLE + 48;

const layout = {
  name: "Gates",
  size: TOTAL + 16,
  align: 8,
  fingerprint: "0123456789abcde7",
  docs: "",
  fields: [{ name: "rest", type: "bytes<64>", offset: TABLE, size: 64, align: 1, docs: "" }],
};

const withGates = (Base) =>
  class extends Base {
    static layout = layout;
    #raw;
    #at;
    constructor(view, offset) {
      super(view, offset);
      this.#raw = rawMemory(view);
      this.#at = offset;
      for (const { name, type, offset: at, shape } of Object.values(PLACES)) {
        // Not assigned: no field has these names.
        Object.defineProperty(this, name, { value: new type(view, offset + at, shape, `Gates.${name}`) });
      }
    }
    /** Plain, as what a lock guards: two words that are equal unless somebody died between them. */
    add() {
      const { u32 } = this.#raw;
      const index = (this.#at + TOTAL) / 4;
      u32[index] += 1;
      u32[index + 2] += 1;
    }
    get totals() {
      const { u32 } = this.#raw;
      const index = (this.#at + TOTAL) / 4;
      return [u32[index], u32[index + 2]];
    }
    set totals([total, half]) {
      const { u32 } = this.#raw;
      const index = (this.#at + TOTAL) / 4;
      u32[index] = total;
      u32[index + 2] = half;
    }
    get participants() {
      return this.#raw.participants;
    }
    /** The words of a container. */
    wordsOf(name) {
      const { offset, shape } = PLACES[name];
      const index = (this.#at + offset) / 4;
      return this.#raw.u32.subarray(index, index + shape.size / 4);
    }
  };

const facts = { typeId: 79, version: 1, readableFrom: 1, header: "standard" };
const definition = {
  accessor: withGates(Flyweight),
  reader: withGates(FlyweightReader),
  ...facts,
  descriptor: descriptorOf(layout, { name: "Gates", ...facts }, tableOf(PARTICIPANTS)),
  containers: {
    participants: PARTICIPANTS,
    placed: Object.values(PLACES),
  },
};

export const Gates = {
  createOrOpen: (name, options) => createOrOpenRegion(definition, name, options),
  open: (name, options) => openRegion(definition, name, options),
  openReadOnly: (name, options) => openRegionReadOnly(definition, name, options),
  fromShared: (shared, options) => regionFromShared(definition, shared, options),
  attachFd: (descriptor, options) => attachRegion(definition, descriptor, options),
};
