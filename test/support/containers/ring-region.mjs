/**
 * A region with a ring as the generator would write it, by hand and small: `Floor { $participants; orders: ring<Order, N> }`,
 * `Order { id: u32; kind: u8; quantity: u16; sum: u32; price: f64; name: utf8<16>; rest: 24 bytes }`, 64 bytes.
 */
import {
  assign,
  createOrOpenRegion,
  element,
  Flyweight,
  FlyweightReader,
  memoryOf,
  offsetOf,
  openRegion,
  openRegionReadOnly,
  rawMemory,
  readText,
  refuse,
  regionFromShared,
  spoilable,
  viewOf,
  writeText,
} from "@shmgen/runtime/codegen-v1";
import { Ring } from "@shmgen/runtime/containers-v1";
import { RING } from "../../../schema/dist/containers/ring.js";
import { descriptorOf, tableOf } from "../regions/counter.mjs";

const PARTICIPANTS = 15;
/** Bytes of the table, and where the ring begins. */
const TABLE = 64 + 64 * PARTICIPANTS;
const SLOTS = 128;

const field = (name, type, offset, size, align = size) => ({ name, type, offset, size, align, docs: "" });

export class Order extends Flyweight {
  static layout = {
    name: "Order",
    size: 64,
    align: 8,
    fingerprint: "0123456789abcdef",
    docs: "",
    fields: [
      field("id", "u32", 0, 4),
      field("kind", "u8", 4, 1),
      field("quantity", "u16", 6, 2),
      field("sum", "u32", 8, 4),
      field("price", "f64", 16, 8),
      field("name", "utf8<16>", 24, 16, 1),
    ],
  };
  #u8 = memoryOf(this).u8;
  #u16 = memoryOf(this).u16;
  #u32 = memoryOf(this).u32;
  #f64 = memoryOf(this).f64;
  #offset = offsetOf(this);
  #b2 = offsetOf(this) / 2;
  #b4 = offsetOf(this) / 4;
  #b8 = offsetOf(this) / 8;

  get id() {
    return this.#u32[this.#b4];
  }
  set id(value) {
    if (typeof value !== "number" || value !== value >>> 0) refuse("u32", "Order.id", value);
    this.#u32[this.#b4] = value;
  }
  get kind() {
    return this.#u8[this.#offset + 4];
  }
  set kind(value) {
    if (typeof value !== "number" || value !== (value & 0xff)) refuse("u8", "Order.kind", value);
    this.#u8[this.#offset + 4] = value;
  }
  get quantity() {
    return this.#u16[this.#b2 + 3];
  }
  set quantity(value) {
    if (typeof value !== "number" || value !== (value & 0xffff)) refuse("u16", "Order.quantity", value);
    this.#u16[this.#b2 + 3] = value;
  }
  get sum() {
    return this.#u32[this.#b4 + 2];
  }
  set sum(value) {
    if (typeof value !== "number" || value !== value >>> 0) refuse("u32", "Order.sum", value);
    this.#u32[this.#b4 + 2] = value;
  }
  get price() {
    return this.#f64[this.#b8 + 2];
  }
  set price(value) {
    if (typeof value !== "number") refuse("f64", "Order.price", value);
    this.#f64[this.#b8 + 2] = value;
  }
  get name() {
    return readText(this.#u8, this.#offset + 24, 16);
  }
  set name(value) {
    writeText(this.#u8, this.#offset + 24, 16, value, "Order.name");
  }

  static {
    spoilable(this, (own, closed) => {
      own.#offset = own.#b2 = own.#b4 = own.#b8 = closed;
    });
  }
}

/** A struct in a struct, and an array of structs: what may be given in part. */
export class Pair extends Flyweight {
  static layout = {
    name: "Pair",
    size: 128,
    align: 8,
    fingerprint: "0123456789abcdee",
    docs: "",
    fields: [field("first", "Order", 0, 64, 8), field("others", "array<Order, 1>", 64, 64, 8)],
  };
  #view = viewOf(this);
  #offset = offsetOf(this);
  #first;
  #others;
  get first() {
    return (this.#first ??= new Order(this.#view, this.#offset));
  }
  set first(value) {
    assign(this.first, value);
  }
  get others() {
    const others = element.array(element.struct(Order), 1);
    return (this.#others ??= others.get(this.#view, this.#offset + 64, "Pair.others"));
  }
  set others(value) {
    element.array(element.struct(Order), 1).set(this.#view, this.#offset + 64, value, "Pair.others");
  }
}

const scalar = (kind, size) => ({
  size,
  align: size,
  keep: false,
  get: (view, offset) => rawMemory(view)[kind][offset / size],
  set: (view, offset, value, name) => {
    if (typeof value !== (size === 8 ? "bigint" : "number")) refuse(kind, name, value);
    rawMemory(view)[kind][offset / size] = value;
  },
});
export const ELEMENTS = {
  Order: element.struct(Order),
  Pair: element.struct(Pair),
  u32: scalar("u32", 4),
  u64: scalar("u64", 8),
  text: element.text(24),
};

/** Shape of `ring<of, length>`. */
export function ringShape(length, of = ELEMENTS.Order) {
  const stride = of.size;
  return { size: SLOTS + Math.ceil((stride * length) / 64) * 64, align: 64, of, stride, length, at: { slots: SLOTS } };
}

/** Two rings, there and back, so that round trips can be made. */
export function floorOf({ length = 8, of = "Order" } = {}) {
  const shape = ringShape(length, ELEMENTS[of]);
  const back = TABLE + shape.size;
  const layout = {
    name: "Floor",
    size: back + shape.size,
    align: 64,
    fingerprint: `${of}${length}`.padEnd(16, "0").replaceAll(/[^0-9a-f]/g, "a"),
    docs: "",
    fields: [
      field("orders", `bytes<${shape.size}>`, TABLE, shape.size, 1),
      field("answers", `bytes<${shape.size}>`, back, shape.size, 1),
    ],
  };
  const withRings = (Base) =>
    class extends Base {
      static layout = layout;
      #orders;
      #answers;
      constructor(view, offset) {
        super(view, offset);
        this.#orders = new Ring(view, offset + TABLE, shape, "Floor.orders");
        this.#answers = new Ring(view, offset + back, shape, "Floor.answers");
      }
      get orders() {
        return this.#orders;
      }
      get answers() {
        return this.#answers;
      }
      /** Where `orders` begins, bytes in the region's memory. */
      get ordersAt() {
        return offsetOf(this) + TABLE;
      }
      /** A word of `orders`, by its name in schema/containers/ring.ts. */
      word(name) {
        return Atomics.load(memoryOf(this).u32, (offsetOf(this) + TABLE + RING.at[name]) / 4);
      }
      setWord(name, value) {
        Atomics.store(memoryOf(this).u32, (offsetOf(this) + TABLE + RING.at[name]) / 4, value);
      }
      get participants() {
        return memoryOf(this).participants;
      }
    };
  const placed = [
    { type: Ring, name: "orders", offset: TABLE, shape },
    { type: Ring, name: "answers", offset: back, shape },
  ];
  const definition = {
    accessor: withRings(Flyweight),
    reader: withRings(FlyweightReader),
    header: "standard",
    typeId: 78,
    version: 1,
    readableFrom: 1,
    descriptor: descriptorOf(
      layout,
      { name: "Floor", typeId: 78, version: 1, readableFrom: 1, header: "standard" },
      tableOf(PARTICIPANTS),
    ),
    containers: { participants: PARTICIPANTS, placed },
  };
  return {
    definition,
    createOrOpen: (path, options) => createOrOpenRegion(definition, path, options),
    open: (path, options) => openRegion(definition, path, options),
    openReadOnly: (path, options) => openRegionReadOnly(definition, path, options),
    fromShared: (shared, options) => regionFromShared(definition, shared, options),
  };
}
