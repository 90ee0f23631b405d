/** The slots of a container: how an element is stored where nobody sees it yet, shown in place, and copied out. */
import { apart } from "../../access/apart.js";
import type { Element } from "../../access/arrays.js";
import type { FlyweightClass } from "../../access/definition.js";
import { Flyweight, viewOf } from "../../access/flyweight.js";
import type { MemoryView } from "../../access/memory-view.js";
import { rawMemory } from "../../access/memory-view.js";
import { assign, type Assignable, type Snapshot, snapshot } from "../../access/plain.js";
import { scratchView } from "../../access/scratch.js";
import { badValue, noSuchField } from "../../access/refusals.js";
import type { PlainForm } from "../../access/placed.js";
import type { ContainerShape } from "../container.js";
import { nothingToClaim } from "./refusals.js";

/** A field as the class of an accessor has it. Called directly: V8 takes 60 ns to find a setter by a name that varies. */
interface SlotField {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  get(this: unknown): unknown;
  set(this: unknown, value: unknown): void;
}

interface Plan {
  readonly struct: string;
  readonly fields: readonly SlotField[];
  /** Some of its fields are structs or arrays of structs, which may be given in part. */
  readonly hasParts: boolean;
  /** All of its fields are values. */
  readonly isFlat: boolean;
}

/** Slots beyond are shown by accessors that are made anew each time. */
const KEPT_SLOTS = 65_536;
/** Larger ones are zeroed by `fill`, whose call takes as long as 20 stores. */
const SMALL_SLOT = 256;

/** Happens once for each slot. */
let makeSlot: (slots: Slots<unknown, unknown>, slot: number) => unknown;

/**
 * Short where it is called for each element, because V8 puts that into its user's loop before the setters of the element: see apart.ts.
 */
export class Slots<T, W> {
  static {
    makeSlot = apart((slots, slot) => slots.#make(slot));
  }

  readonly #view: MemoryView;
  readonly #element: Element<T, W>;
  readonly #first: number;
  readonly #stride: number;
  readonly #field: string;
  readonly #bytes: Uint8Array;
  readonly #doubles: Float64Array;
  readonly #firstDouble: number;
  /** Doubles of a slot that is zeroed by a loop; 0: by {@link Slots.#fill}. */
  readonly #width: number;
  readonly #kept: (T | undefined)[];
  readonly #plan: Plan | undefined;
  /** By the generator's code, of a struct all of whose fields are values. */
  readonly #plainLoad: PlainForm<T, W>["load"] | undefined;
  readonly #plainStore: PlainForm<T, W>["store"];
  readonly #fieldCount: number;

  /** `first` is where the slots begin, bytes in the view. */
  constructor(view: MemoryView, first: number, shape: ContainerShape<T, W>, field: string) {
    const { of, stride = of?.size ?? 0, length = 0, plain } = shape;
    if (of === undefined) throw new Error("a container without its type");
    this.#view = view;
    this.#element = of;
    this.#first = first;
    this.#stride = stride;
    this.#field = field;
    this.#bytes = rawMemory(view).u8;
    this.#doubles = rawMemory(view).f64;
    this.#firstDouble = first / 8;
    this.#width = of.keep && stride <= SMALL_SLOT && stride % 8 === 0 && first % 8 === 0 ? stride / 8 : 0;
    this.#kept = of.keep ? Array<T | undefined>(Math.min(length, KEPT_SLOTS)).fill(undefined) : [];
    const plan = of.keep ? planOf(of.get(scratchView(of.size, 0, view.otherVersion), 0, this.#path)) : undefined;
    this.#plan = plan;
    this.#plainLoad = plan?.isFlat === true ? plain?.load : undefined;
    this.#plainStore = plan?.isFlat === true ? plain?.store : undefined;
    this.#fieldCount = plan?.fields.length ?? 0;
  }

  get #path(): string {
    return `${this.#field}[]`;
  }

  /** Whether elements are shown in place. */
  get areShown(): boolean {
    return this.#element.keep;
  }

  /** An accessor in place, the same one each time; of what is no object its value. */
  at(slot: number): T {
    const kept = this.#kept[slot];
    return kept !== undefined ? kept : (makeSlot(this as Slots<unknown, unknown>, slot) as T);
  }

  /** As {@link at}, all zeros. @throws ShmError ERR_SHM_UNSUPPORTED of what is no object */
  blank(slot: number): T {
    const doubles = this.#doubles;
    const width = this.#width;
    if (width === 0) this.#fill(slot);
    for (let at = this.#firstDouble + slot * width, end = at + width; at < end; at++) doubles[at] = 0;
    const kept = this.#kept[slot];
    return kept !== undefined ? kept : (makeSlot(this as Slots<unknown, unknown>, slot) as T);
  }

  #make(slot: number): T {
    const made = this.#element.get(this.#view, this.#first + slot * this.#stride, this.#path);
    if (slot < this.#kept.length) this.#kept[slot] = made;
    return made;
  }

  #fill(slot: number): void {
    if (!this.areShown) throw nothingToClaim({ path: this.#view.label, field: this.#field }, "push");
    const from = this.#first + slot * this.#stride;
    this.#bytes.fill(0, from, from + this.#stride);
  }

  /**
   * Stores an element in a slot that nobody reads. Fields that are not given are zero. Values are checked one by one, since who
   * throws here leaves a slot that was not published.
   */
  store(slot: number, value: W): void {
    const store = this.#plainStore;
    if (store === undefined || value === undefined || value === null) return this.#storeSlowly(slot, value);
    // What is no object has no fields, so that it is refused below.
    if (store(this.at(slot), value) !== this.#fieldCount) this.#complete(slot, value);
  }

  #storeSlowly(slot: number, value: W): void {
    const plan = this.#plan;
    if (plan === undefined) return this.#storeWhole(slot, value);
    checkElement(plan, value);
    const target = plan.hasParts ? this.blank(slot) : this.at(slot);
    if (storeFields(plan, target, value) !== plan.fields.length) this.#complete(slot, value);
  }

  /** A copy of an element: a plain object of a struct, else its value. */
  copy(slot: number): Snapshot<T> {
    const load = this.#plainLoad;
    const shown = this.at(slot);
    return load !== undefined ? load(shown) : this.#copySlowly(shown);
  }

  #copySlowly(shown: T): Snapshot<T> {
    const plan = this.#plan;
    if (plan?.isFlat === true) return copyFields(plan, shown) as Snapshot<T>;
    return (this.areShown ? snapshot(shown as Flyweight) : shown) as Snapshot<T>;
  }

  /** Zeroes the fields that were not given. */
  #complete(slot: number, value: W): void {
    const plan = this.#plan as Plan;
    checkElement(plan, value);
    for (const key of Object.keys(value)) {
      if (!plan.fields.some(({ name }) => name === key))
        throw noSuchField({ name: plan.struct, fields: plan.fields }, key);
    }
    if (plan.hasParts) return;
    for (const { name, offset, size } of plan.fields) {
      if ((value as Readonly<Record<string, unknown>>)[name] !== undefined) continue;
      const from = this.#first + slot * this.#stride + offset;
      this.#bytes.fill(0, from, from + size);
    }
  }

  #storeWhole(slot: number, value: W): void {
    if (this.areShown) {
      const shown = this.blank(slot);
      if (shown instanceof Flyweight) return void assign(shown, value as Assignable<typeof shown>);
    }
    this.#element.set(this.#view, this.#first + slot * this.#stride, value, this.#path);
  }
}

/** Undefined for what has to be written by other means: no struct, or one of a region of another version. */
function planOf(shown: unknown): Plan | undefined {
  if (!(shown instanceof Flyweight) || viewOf(shown).otherVersion !== undefined) return undefined;
  const { layout, prototype } = shown.constructor as unknown as FlyweightClass;
  const fields: SlotField[] = [];
  const values: unknown[] = [];
  for (const { name, offset, size } of layout.fields) {
    const { get, set } = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
    if (get === undefined || set === undefined || name === "__proto__") return undefined;
    fields.push({ name, offset, size, get, set });
    values.push(Reflect.apply(get, shown, []));
  }
  const isFlat = values.every((value) => typeof value !== "object");
  const hasParts = !values.every((value) => typeof value !== "object" || ArrayBuffer.isView(value));
  return { struct: layout.name, fields, hasParts, isFlat };
}

/** @throws ShmRangeError */
function checkElement(plan: Plan, value: unknown): asserts value is object {
  if (typeof value !== "object" || value === null) throw badValue(plan.struct, "an object with its fields", value);
}

/** How many fields were given. */
function storeFields({ fields }: Plan, target: unknown, value: object): number {
  let given = 0;
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index] as SlotField;
    const one = (value as Readonly<Record<string, unknown>>)[field.name];
    if (one === undefined) continue;
    field.set.call(target, one);
    given += 1;
  }
  return given;
}

function copyFields({ fields }: Plan, shown: unknown): object {
  const copy: Record<string, unknown> = {};
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index] as SlotField;
    copy[field.name] = field.get.call(shown);
  }
  return copy;
}
