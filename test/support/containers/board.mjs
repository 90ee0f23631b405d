/**
 * A region with participants as the generator would write it, by hand and small: `Board { $participants; chairs: u32 x 4 }`.
 * A chair is a container of one word: the number of whoever sits there.
 */
import {
  attachRegion,
  createAnonymousRegion,
  createOrOpenRegion,
  Flyweight,
  FlyweightReader,
  migration,
  openRegion,
  openRegionReadOnly,
  rawMemory,
  regionFromShared,
  regionFromToken,
} from "@shmgen/runtime/codegen-v1";
import { descriptorOf, tableOf } from "../regions/counter.mjs";

export const CHAIRS = 4;

/** The container. Its recovery is one compare-and-exchange, and a wake-up. */
export const Chair = {
  recover(memory, offset, _shape, { number }) {
    if (Atomics.compareExchange(memory.u32, offset / 4, number, 0) === number) {
      memory.futex?.notify(offset, 1);
    }
  },
  holdings(memory, offset, _shape, number) {
    return Atomics.load(memory.u32, offset / 4) === number ? "sits" : undefined;
  },
};

/** `participants`: of the table. `tail`: whether it has one, which can grow. `hasOthers`: containers that the code does not know. */
export function boardOf({
  participants = 3,
  typeId = 77,
  version = 1,
  tail = false,
  name = "Board",
  hasOthers = false,
} = {}) {
  const table = 64 + 64 * participants;
  const fields = [
    { name: "chairs", type: `bytes<${4 * CHAIRS}>`, offset: table, size: 4 * CHAIRS, align: 1, docs: "" },
    ...(tail
      ? [{ name: "rest", type: "tail<bytes<8>>", offset: table + 4 * CHAIRS, size: 0, align: 1, docs: "" }]
      : []),
  ];
  const layout = {
    name,
    size: table + 4 * CHAIRS,
    align: 8,
    fingerprint: `0123456789abcd${tail ? "1" : "0"}${version}`,
    docs: "",
    fields,
    ...(tail && { tailStride: 8 }),
  };
  const withChairs = (Base) =>
    class extends Base {
      static layout = layout;
      #raw;
      #at;
      constructor(view, offset) {
        super(view, offset);
        this.#raw = rawMemory(view);
        this.#at = offset;
      }
      /** Sits down, and says by which number. 0: somebody sits there. */
      sit(chair) {
        const number = this.#raw.participants.self();
        return Atomics.compareExchange(this.#raw.u32, this.#word(chair), 0, number) === 0 ? number : 0;
      }
      whoSits(chair) {
        return Atomics.load(this.#raw.u32, this.#word(chair));
      }
      get participants() {
        return this.#raw.participants;
      }
      #word(chair) {
        return (this.#at + table) / 4 + chair;
      }
    };
  const placed = [
    { type: Chair, name: "chairs[]", offset: table, shape: { size: 4, align: 4, at: {} }, repeat: [[CHAIRS, 4]] },
  ];
  const definition = {
    accessor: withChairs(Flyweight),
    reader: withChairs(FlyweightReader),
    header: "standard",
    typeId,
    version,
    readableFrom: version,
    descriptor: descriptorOf(
      layout,
      { name, typeId, version, readableFrom: version, header: "standard" },
      tableOf(participants),
    ),
    containers: { participants, placed, ...(hasOthers && { hasOthers }) },
  };
  const board = {
    definition,
    createOrOpen: (name, options) => createOrOpenRegion(definition, name, options),
    open: (name, options) => openRegion(definition, name, options),
    openReadOnly: (name, options) => openRegionReadOnly(definition, name, options),
    createAnonymous: (options) => createAnonymousRegion(definition, options),
    fromToken: (token, options) => regionFromToken(definition, token, options),
    fromShared: (shared, options) => regionFromShared(definition, shared, options),
    attachFd: (descriptor, options) => attachRegion(definition, descriptor, options),
    migrateFrom: (older, move) => migration(older, move),
  };
  return board;
}

export const Board = boardOf();
