/**
 * The base of generated accessors.
 *
 *   buffer -> MemoryView (typed arrays, made on first use) -> Flyweight (a struct at an offset) -> fields:
 *     numbers, codecs   plain fields             atomic-fields, waiting   $handles of shared fields
 *     arrays, elements  arrays and tails         plain                    snapshot and assign
 *   close: retire, which makes every accessor of a view throw ERR_SHM_CLOSED
 */
import { contentsText, heldMembers, jsonOf, type Parts, parts } from "./contents.js";
import { firstNames, flagsIn } from "./enum-names.js";
import type { FieldLayout, LaidOutClass, StructLayout } from "./layout.js";
import { localView } from "./scratch.js";
import { isMemoryView, type MemoryView, type RawMemory, rawMemory } from "./memory-view.js";
import { type Inspect, inspect, printable, printedAs, tagged } from "./printing.js";
import { notOfKind } from "../arguments/refusals.js";
import { noSuchField, readOnlyField, writerOverReadOnly } from "./refusals.js";

/** The view of an accessor; not a property, so that no field's name clashes. */
export let viewOf: (accessor: Flyweight) => MemoryView;
/** Whether a value is an accessor. */
let isFlyweight: (value: object) => boolean;
/** Whether a value is an accessor, of whatever struct. */
export function isAccessor(value: unknown): value is Flyweight {
  return typeof value === "object" && value !== null && isFlyweight(value);
}
/** Where an accessor's struct begins, in bytes from the start of its view. */
export let offsetOf: (accessor: Flyweight) => number;
/**
 * The typed arrays of an accessor's view. Generated classes call it in the initialisers of their fields and not in a
 * constructor: a field that is written once is a constant to V8, which makes access as fast as that of an array in a
 * `const` (measured: three times faster than fields that a constructor assigns).
 */
export function memoryOf(accessor: Flyweight): RawMemory {
  return rawMemory(viewOf(accessor));
}

/** For types alone: what tells readers from accessors with setters, and so memory that is only read from the other. */
declare const readsOnly: unique symbol;

/** Base of the generated accessors: a struct's fields at a place in memory, and nothing else. */
export abstract class Flyweight {
  declare readonly [readsOnly]: boolean;
  readonly #view: MemoryView;
  readonly #offset: number;

  /**
   * `offset` is bytes in the view; `align` is less than the layout's inside packed structs. Proves bounds and alignment.
   * @throws ShmError ERR_SHM_RANGE, ERR_SHM_CLOSED, ERR_SHM_READ_ONLY
   */
  constructor(view: MemoryView, offset: number, align?: number) {
    const type = new.target as unknown as LaidOutClass;
    if (!isMemoryView(view)) {
      throw notOfKind("view", "a MemoryView", view, `pass region.memory, or use region.data (${type.layout.name})`);
    }
    const { otherVersion } = view;
    const substitute = otherVersion === undefined ? undefined : otherVersion.of(type);
    const { layout } = substitute ?? type;
    if (substitute !== undefined) Object.setPrototypeOf(this, substitute.prototype);
    if (view.readOnly && !(this instanceof FlyweightReader)) throw writerOverReadOnly(layout.name, view.label);
    view.checkRange(offset, layout.size, align ?? layout.align, layout.name);
    view.track(this);
    this.#view = view;
    this.#offset = offset;
  }

  /**
   * An accessor over private memory, zeroed: `Limits.local()`. Nobody else reads or writes it, so that a value can be made ready there, or
   * a copy of one be kept: see `Seqlock.read(copy)`. Its memory is a piece of a block of 64 kB or more, as those of other local accessors
   * are: who posts one of its arrays to a thread has the block copied. A tail has no elements there, and containers have nobody to share them with.
   */
  static local<T extends Flyweight>(
    this: (new (view: MemoryView, offset: number) => T) & { readonly layout: StructLayout },
  ): T {
    return new this(localView(this.layout.size), 0);
  }

  /**
   * What `JSON.stringify()` has of it: all fields, as `shmgen inspect --json` shows them. 64-bit integers are decimal text, so are NaN and the
   * infinities; enums the member's name, or else the number; flags a list of names; bytes hexadecimal. Read one field after the other, as by
   * `snapshot()`, which gives the values themselves.
   * @throws ShmError ERR_SHM_CLOSED
   */
  toJSON(): { [field: string]: unknown } {
    return jsonOf(this) as { [field: string]: unknown };
  }

  /** Says the struct and its contents, so that whoever compares deeply sees whether two are equal: see contents.ts. */
  get [Symbol.toStringTag](): string {
    const { layout, name } = this.constructor as unknown as Partial<LaidOutClass>;
    return tagged(layout?.name ?? String(name), () => contentsText(this));
  }

  /** @internal */
  [parts](): Parts {
    return { kind: "struct", layout: (this.constructor as unknown as LaidOutClass).layout, of: this };
  }

  /** How console.log shows it: `Telemetry { samples: 5n, gear: Drive(3) }`. */
  [inspect](depth: number, options: unknown, show: Inspect): string {
    const { layout } = this.constructor as unknown as LaidOutClass;
    if (depth < 0) return `[${layout.name}]`;
    const values = this as unknown as Readonly<Record<string, unknown>>;
    const shown = layout.fields.map(
      (field) => [field.name, printable(() => label(field, heldIn(field, values)))] as const,
    );
    return `${layout.name} ${show(Object.fromEntries(shown), options)}`;
  }

  static {
    viewOf = (accessor) => accessor.#view;
    offsetOf = (accessor) => accessor.#offset;
    isFlyweight = (value) => #view in value;
  }
}

/**
 * The end of every accessor's prototypes: an assignment comes here when no class has such a field, and is a mistake that plain JavaScript
 * would keep as a property of the object. Fields are found before it, so that they cost what they did.
 */
const end = new Proxy(Object.create(Object.prototype) as object, {
  set(target, key, value, receiver: object) {
    const { constructor: type } = receiver as { readonly constructor: unknown };
    // Prototypes may be extended, and so may classes; symbols are those of tools; `__proto__` has a setter.
    if (typeof key === "symbol" || key === "__proto__" || !isFlyweight(receiver) || !isGenerated(type)) {
      return Reflect.set(target, key, value, receiver);
    }
    throw noSuchField(type.layout, key);
  },
});
Object.setPrototypeOf(Flyweight.prototype, end);

/** Whether a class has a layout of its own. One that extends it has properties of its own, which its constructor may assign. */
function isGenerated(type: unknown): type is LaidOutClass {
  return typeof type === "function" && Object.hasOwn(type, "layout");
}

/** The value; of a union with a tag, an object with the member that holds. */
function heldIn(field: FieldLayout, values: Readonly<Record<string, unknown>>): unknown {
  const value = values[field.name];
  if (field.tag === undefined || !(value instanceof Flyweight)) return value;
  const { layout } = value.constructor as unknown as LaidOutClass;
  const held = heldMembers(layout.fields, values[field.tag]);
  const members = value as unknown as Readonly<Record<string, unknown>>;
  return Object.fromEntries(held.map((member) => [member.name, printable(() => label(member, members[member.name]))]));
}

/** The value, or for enums and flags something that console.log shows with names. */
function label({ enumerators, type }: FieldLayout, value: unknown): unknown {
  if (enumerators === undefined || typeof value !== "number") return value;
  const names = type.includes("flags<")
    ? flagsIn(enumerators, value).names.join("|")
    : (firstNames(enumerators).get(value) ?? "");
  return names === "" ? value : printedAs(`${names}(${value})`);
}

/** Base of the generated accessors without setters. */
export abstract class FlyweightReader extends Flyweight {
  declare readonly [readsOnly]: true;
}

/** An accessor of a region with setters. */
export interface FlyweightWriter extends Flyweight {
  readonly [readsOnly]: false;
}

/** Whether the memory of an accessor is only read, as far as its type says. */
export type ReadsOnly<T extends Flyweight> = T[typeof readsOnly];

/** Says of a type that its members lie over the same bytes. */
declare const isUnion: unique symbol;

/** Base of the generated accessors of unions: what is written of a member are its bytes alone. */
export abstract class Union extends Flyweight {
  declare readonly [isUnion]: true;
}

/** Base of the generated accessors of unions without setters. */
export abstract class UnionReader extends FlyweightReader {
  declare readonly [isUnion]: true;
}

/**
 * Gives the fields of a reader class setters that throw ERR_SHM_READ_ONLY, for writes that got past the types: a store
 * into such memory would end the process, and a bare getter's TypeError would not say why.
 */
export function refuseWrites(reader: { readonly prototype: object; readonly layout: { readonly name: string } }): void {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(reader.prototype))) {
    if (descriptor.get === undefined) continue;
    const set = (): never => {
      throw readOnlyField(`${reader.layout.name}.${name}`);
    };
    Object.defineProperty(reader.prototype, name, { ...descriptor, set });
  }
}
