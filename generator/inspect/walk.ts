/** A region as a stream of fields, outermost first. It holds one value at a time, so that regions of any size can be shown. */
import { encodingOf } from "@shmgen/schema/encodings";
import { isList, isNumber, isText } from "@shmgen/schema/type-kinds";
import type { BitsIr, TypeIr } from "../ir/ir.js";
import type { FieldLayout, LayoutModel, StructLayout } from "../layout/layout.js";
import { type ContainerFacts, factsOf } from "./containers.js";
import type { Selection } from "./select.js";
import type { Shown } from "./shown.js";
import { type ByteSource, Window } from "./source.js";
import {
  bareType,
  bitsOf,
  decodeNumber,
  decodeOdd,
  decodeText,
  safeText,
  shownType,
  type Value,
  valueText,
  weightOf,
} from "./values.js";

/** Elements of an array that are shown unless all are asked for. */
const ELEMENTS_SHOWN = 16;
/** Bytes of one text that are shown unless all are asked for. */
const BYTES_SHOWN = 1024;
/** Bytes of one text that are shown at most. */
export const BYTES_MAX = 1 << 20;
/** Values that are shown unless all are asked for: arrays in arrays would be many. */
export const VALUES_SHOWN = 10_000;
/** Characters of names and values that are shown unless all are asked for: names may have a thousand each. */
const WEIGHT_SHOWN = 1 << 24;
/** Structs and arrays in one another that are shown. */
const DEPTH_SHOWN = 64;
/** Elements that are looked at, and not shown, before the caller hears of it. */
const SILENT = 1024;

/** Which field, element or bit field. */
export interface Node {
  /** Of a field; `"[2]"` of an element. Any text. */
  readonly name: string;
  /** `"wheels[2].rpm"` */
  readonly path: string;
  /** For people; has nothing in it that a terminal would obey. */
  readonly type: string;
  /** From the start of the payload. */
  readonly offset: number;
  readonly size: number;
  /** Structs and arrays around it. */
  readonly depth: number;
}

/** What a walk meets. Every struct, array and bits is followed by what is in it, and then by a close. */
export type Event =
  /** `note`: of a container, what its words say. */
  | ({ readonly kind: "struct"; readonly note?: string } & Node)
  | ({ readonly kind: "bits"; readonly bytes?: Uint8Array } & Node)
  /** `plain`: its elements are numbers, bools, enums or flags. */
  | ({ readonly kind: "array"; readonly length: number; readonly isTail: boolean; readonly plain: boolean } & Node)
  /** `bytes`: what the value was decoded from, where that is asked for. */
  | ({ readonly kind: "value"; readonly value: Value; readonly bytes?: Uint8Array } & Node)
  /** Elements that are not shown, as many as `count`. */
  | ({ readonly kind: "more"; readonly count: number; readonly shown: number } & Node)
  | { readonly kind: "close" }
  /** Bytes of no field. */
  | { readonly kind: "padding"; readonly offset: number; readonly size: number; readonly depth: number }
  /** The last one, where there is more than VALUES_SHOWN. */
  | { readonly kind: "stop" }
  /** Nothing, after many elements that are not wanted. */
  | { readonly kind: "tick" };

/** What to walk over. */
export interface WalkOptions {
  /** Everything, instead of the first elements, bytes and values. */
  readonly all?: boolean;
  /** These only, as values without what is around them. */
  readonly selection?: Selection | undefined;
  /** With the bytes of values, and events for padding. */
  readonly bytes?: boolean;
  /** Of containers, only what holds something, with a note. */
  readonly live?: boolean;
}

/** Everything in a struct and its tail. @throws InspectError "changed" when the bytes go away meanwhile */
export function walk(shown: Shown, source: ByteSource, options: WalkOptions = {}): Generator<Event> {
  return new Walk(shown, source, options).root();
}

/** Where a walk is. */
interface Place {
  readonly name: string;
  readonly path: string;
  readonly offset: number;
  readonly depth: number;
  /** A struct or array around it was chosen. */
  readonly inside: boolean;
  /** Of a union with a tag: the members that hold, and what the tag says. */
  readonly held?: { readonly members: readonly FieldLayout[]; readonly why: string };
  /** Of an array in a container: the elements that hold something. */
  readonly live?: readonly number[];
}

class Walk {
  readonly #root: Shown;
  readonly #model: LayoutModel;
  readonly #window: Window;
  readonly #selection: Selection | undefined;
  readonly #withBytes: boolean;
  readonly #isLive: boolean;
  readonly #elements: number;
  readonly #bytes: number;
  readonly #types = new Map<TypeIr, string>();
  #left: number;
  #weightLeft: number;
  #isCut = false;
  #shownValues = 0;

  constructor(shown: Shown, source: ByteSource, { all = false, selection, bytes = false, live = false }: WalkOptions) {
    this.#root = shown;
    this.#model = shown.model;
    this.#window = new Window(source);
    this.#selection = selection;
    this.#withBytes = bytes;
    this.#isLive = live && !all && selection === undefined;
    this.#elements = all ? Infinity : ELEMENTS_SHOWN;
    this.#bytes = all ? BYTES_MAX : BYTES_SHOWN;
    this.#left = all ? Infinity : VALUES_SHOWN;
    this.#weightLeft = all ? Infinity : WEIGHT_SHOWN;
  }

  *root(): Generator<Event> {
    const place = { name: "", path: "", offset: 0, depth: 0, inside: this.#selection === undefined };
    yield* this.#members(this.#root.struct, place);
    if (this.#isCut) yield { kind: "stop" };
  }

  /** Whether one more value, struct or array may be shown. */
  #spend(weight: number): boolean {
    if (this.#left <= 0 || this.#weightLeft <= 0) this.#isCut = true;
    this.#left -= 1;
    this.#weightLeft -= weight;
    return !this.#isCut;
  }

  *#members(struct: StructLayout, at: Place, facts?: ContainerFacts): Generator<Event> {
    let end = 0;
    for (const field of at.held?.members ?? struct.fields) {
      const { name, type, offset, size, tag } = field;
      if (this.#isCut) return;
      if (facts?.idle.includes(name) === true) continue;
      if (offset > end) yield* this.#gap(at, end, offset);
      const path = at.path === "" ? name : `${at.path}.${name}`;
      const live = facts?.live?.field === name ? facts.live.indices : undefined;
      const place = { name, path, offset: at.offset + offset, depth: at.depth, inside: at.inside };
      const held = tag === undefined ? undefined : this.#held(field, tag, struct, at.offset);
      yield* this.#type(type, size, { ...place, ...(live && { live }), ...(held && { held }) });
      end = Math.max(end, offset + size);
    }
    if (!this.#isCut && struct.size > end) yield* this.#gap(at, end, struct.size);
  }

  /** The members that hold, of a union in `struct`. What no member is for is a number that anybody may have written. */
  #held({ type }: FieldLayout, tag: string, struct: StructLayout, offset: number): Place["held"] {
    const sibling = struct.fields.find(({ name }) => name === tag);
    const union = type.kind === "struct" ? this.#model.structs.get(type.struct) : undefined;
    const { bare, big } = bareType(sibling?.type ?? type);
    if (sibling === undefined || union === undefined || !isNumber(bare)) return undefined;
    const view = this.#window.view(this.#root.start + offset + sibling.offset, sibling.size);
    const value = decodeNumber(bare, big, view, this.#model);
    if (value.kind !== "integer" && value.kind !== "enum" && value.kind !== "bool") return undefined;
    const number = BigInt(value.value);
    const members = union.fields.filter(({ cases }) => cases?.some((one) => BigInt(one) === number) === true);
    return { members, why: `${safeText(tag)} is ${valueText(value)}, which no member is for` };
  }

  #factsOf(struct: StructLayout, offset: number): ContainerFacts | undefined {
    if (!this.#isLive) return undefined;
    return factsOf(struct, (at) => this.#window.view(this.#root.start + offset + at, 4).getUint32(0, true));
  }

  *#gap({ offset, depth }: Place, from: number, to: number): Generator<Event> {
    if (this.#withBytes) yield { kind: "padding", offset: offset + from, size: to - from, depth };
  }

  *#type(type: TypeIr, size: number, place: Place): Generator<Event> {
    const selection = this.#selection;
    const inside = place.inside || selection?.has(place.path) === true;
    const { bare, big } = bareType(type);
    const node = { ...place, type: this.#shown(type), size };
    const isShown = selection === undefined;
    if (bare.kind === "struct" || isList(bare) || bare.kind === "bits") {
      if (!inside && selection?.mayLieIn(place.path) !== true) return;
      if (place.depth >= DEPTH_SHOWN) {
        yield* this.#value(node, { kind: "hidden", why: `more than ${DEPTH_SHOWN} structs and arrays in one another` });
        return;
      }
    } else {
      if (inside) yield* this.#leaf(bare, big, node);
      return;
    }
    if (place.held?.members.length === 0) {
      const bytes = this.#withBytes
        ? this.#window.copy(this.#root.start + node.offset, Math.min(size, this.#bytes))
        : undefined;
      if (inside) yield* this.#value(node, { kind: "hidden", why: place.held.why }, bytes);
      return;
    }
    if (!this.#spend(place.path.length + node.type.length)) return;
    const within = { ...place, depth: place.depth + 1, inside };
    if (bare.kind === "struct") {
      const struct = this.#model.structs.get(bare.struct);
      const facts = struct && this.#factsOf(struct, place.offset);
      if (isShown)
        yield facts === undefined || facts.note === ""
          ? { kind: "struct", ...node }
          : { kind: "struct", ...node, note: facts.note };
      if (struct !== undefined) yield* this.#members(struct, within, facts);
    } else if (bare.kind === "bits") {
      const declaration = this.#model.bits.get(bare.bits);
      const bytes = this.#withBytes ? { bytes: this.#window.copy(this.#root.start + node.offset, size) } : {};
      if (isShown) yield { kind: "bits", ...node, ...bytes };
      if (declaration !== undefined) yield* this.#bits(declaration, size, big, within);
    } else {
      const isTail = bare.kind === "tail";
      const length = bare.kind === "tail" ? this.#root.tailLength : bare.length;
      if (isShown) yield { kind: "array", length, isTail, plain: isOneValue(bareType(bare.of).bare), ...node };
      yield* this.#array(bare.of, length, within);
    }
    if (isShown) yield { kind: "close" };
  }

  *#array(of: TypeIr, length: number, array: Place): Generator<Event> {
    const { stride } = this.#model.metrics(of);
    const { live } = array;
    const { named = [], others = true } = array.inside ? {} : (this.#selection?.elements(array.path, length) ?? {});
    const count = others && live === undefined ? Math.min(length, this.#elements) : 0;
    const far = live?.slice(0, this.#elements) ?? named.filter((index) => index >= count);
    const before = this.#shownValues;
    for (let at = 0; at < count + far.length; at += 1) {
      if (at === count && count > 0) yield* this.#more(of, stride, count, length, array, before);
      if (this.#isCut) return;
      const index = at < count ? at : (far[at - count] ?? 0);
      const name = `[${index}]`;
      const place = { ...array, name, path: `${array.path}${name}`, offset: array.offset + index * stride };
      yield* this.#type(of, stride, place);
      if (at % SILENT === SILENT - 1) yield { kind: "tick" };
    }
    if (count > 0 && far.length === 0) yield* this.#more(of, stride, count, length, array, before);
  }

  /** Says that there are more elements, unless none of those before was chosen. */
  *#more(of: TypeIr, stride: number, shown: number, length: number, array: Place, before: number): Generator<Event> {
    if (this.#isCut || shown === length || this.#shownValues === before) return;
    const offset = array.offset + shown * stride;
    const count = length - shown;
    yield { kind: "more", ...array, type: this.#shown(of), offset, size: count * stride, count, shown };
  }

  *#bits({ fields, repr }: BitsIr, size: number, big: boolean, bits: Place): Generator<Event> {
    const view = this.#window.view(this.#root.start + bits.offset, size);
    let word = 0n;
    for (let at = 0; at < size; at += 1) word = (word << 8n) | BigInt(view.getUint8(big ? at : size - 1 - at));
    let from = 0;
    for (const { name, width, signed = false, pad } of fields) {
      const path = `${bits.path}.${name}`;
      const type = `${signed ? `i${repr.slice(1)}` : repr}:${width}`;
      const isRead = pad !== true && (bits.inside || this.#selection?.has(path) === true);
      const node = { name, path, type, offset: bits.offset, size: 0, depth: bits.depth };
      if (isRead) yield* this.#value(node, bitsOf(word, from, width, signed));
      from += width;
    }
  }

  *#leaf(bare: TypeIr, big: boolean, node: Node): Generator<Event> {
    const { size } = node;
    const offset = this.#root.start + node.offset;
    if (isNumber(bare)) {
      const view = this.#window.view(offset, size);
      const bytes = this.#withBytes ? new Uint8Array(view.buffer, view.byteOffset, size).slice() : undefined;
      return yield* this.#value(node, decodeNumber(bare, big, view, this.#model), bytes);
    }
    if (bare.kind === "odd") {
      const bytes = this.#window.copy(offset, size);
      return yield* this.#value(node, decodeOdd(bare, big, bytes), bytes);
    }
    const copy = this.#window.copy(offset, Math.min(size, this.#bytes));
    const more = size - copy.length;
    yield* this.#value(
      node,
      isText(bare) ? decodeText(copy, encodingOf(bare.kind, big), more) : { kind: "bytes", value: copy, more },
      copy,
    );
  }

  *#value({ name, path, type, offset, size, depth }: Node, value: Value, bytes?: Uint8Array): Generator<Event> {
    if (!this.#spend(path.length + type.length + weightOf(value))) return;
    const event = { kind: "value", name, path, type, offset, size, depth, value } as const;
    this.#shownValues += 1;
    yield bytes === undefined ? event : { ...event, bytes };
  }

  #shown(type: TypeIr): string {
    let text = this.#types.get(type);
    if (text === undefined) this.#types.set(type, (text = shownType(type)));
    return text;
  }
}

/** Whether elements are single numbers, which stand in one line. */
function isOneValue(type: TypeIr): boolean {
  return isNumber(type) || type.kind === "odd";
}
