/** How often something has happened in each container of a region, by one look: two looks give rates. */
import { HEADER_SIZE } from "@shmgen/schema/region-format";
import { isList } from "@shmgen/schema/type-kinds";
import type { TypeIr } from "../ir/ir.js";
import type { LayoutModel } from "../layout/layout.js";
import { type ContainerFacts, factsOf } from "./containers.js";
import type { Inspected } from "./inspect-steadily.js";
import { type ByteSource, Window } from "./source.js";
import { bareType, shownType } from "./values.js";

/** Containers that are looked at: arrays of arrays may have more than anybody reads. */
const CONTAINERS_SHOWN = 1000;
/** Structs and arrays that are looked through for them. */
const PLACES_SHOWN = 100_000;

/** A container that counts something. */
export interface Counted {
  /** `"rooms[2].orders"` */
  readonly path: string;
  /** For people. */
  readonly type: string;
  /** What its words say besides. */
  readonly note: string;
  /** Modulo 2 to the `bits`. */
  readonly counters: Readonly<Record<string, number>>;
  readonly bits: number;
}

/** Those of a region, in the order of the layout; `isCut` when there are more. */
export function countersOf(
  { struct, model }: Inspected,
  source: ByteSource,
): { readonly found: readonly Counted[]; readonly isCut: boolean } {
  const search = new Search(model, new Window(source));
  search.members(struct.id, 0, "");
  return { found: search.found, isCut: search.isCut };
}

class Search {
  readonly found: Counted[] = [];
  isCut = false;
  readonly #model: LayoutModel;
  readonly #window: Window;
  #left = PLACES_SHOWN;
  /** Structs that have a container in them, or have not. */
  readonly #holds = new Map<string, boolean>();

  constructor(model: LayoutModel, window: Window) {
    this.#model = model;
    this.#window = window;
  }

  members(struct: string, start: number, path: string): void {
    for (const { name, type, offset } of this.#model.structs.get(struct)?.fields ?? []) {
      this.#look(type, start + offset, path === "" ? name : `${path}.${name}`);
    }
  }

  #look(type: TypeIr, offset: number, path: string): void {
    const { bare } = bareType(type);
    if (this.isCut || !this.#mayHold(bare)) return;
    if ((this.#left -= 1) < 0 || this.found.length >= CONTAINERS_SHOWN) {
      this.isCut = true;
      return;
    }
    if (bare.kind === "array") {
      const { stride } = this.#model.metrics(bare.of);
      for (let index = 0; index < bare.length && !this.isCut; index += 1) {
        this.#look(bare.of, offset + index * stride, `${path}[${index}]`);
      }
      return;
    }
    if (bare.kind !== "struct") return;
    const facts = this.#factsAt(bare.struct, offset);
    if (facts === undefined) this.members(bare.struct, offset, path);
    else if (facts.counters !== undefined) {
      const { note, counters, counterBits: bits = 32 } = facts;
      this.found.push({ path, type: shownType(type), note, counters, bits });
    }
  }

  #factsAt(id: string, offset: number): ContainerFacts | undefined {
    const struct = this.#model.structs.get(id);
    return struct && factsOf(struct, (at) => this.#window.view(HEADER_SIZE + offset + at, 4).getUint32(0, true));
  }

  /** By the layout alone, so that large arrays of other things cost nothing. Containers do not stand in tails. */
  #mayHold(type: TypeIr): boolean {
    const { bare } = bareType(type);
    if (isList(bare)) return bare.kind === "array" && this.#mayHold(bare.of);
    if (bare.kind !== "struct") return false;
    let known = this.#holds.get(bare.struct);
    if (known === undefined) {
      const struct = this.#model.structs.get(bare.struct);
      const isContainer = struct?.role.kind === "container";
      known = isContainer || struct?.fields.some((field) => this.#mayHold(field.type)) === true;
      this.#holds.set(bare.struct, known);
    }
    return known;
  }
}
