/** How often something has happened in each container of a region, by one look: two looks give rates. */
import { HEADER_SIZE } from "@shmgen/schema/region-format";
import { isList } from "@shmgen/schema/type-kinds";
import type { TypeIr } from "../ir/ir.js";
import type { LayoutModel, StructLayout } from "../layout/layout.js";
import { factsOf } from "./containers.js";
import type { Inspected } from "./shown.js";
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

/** A container, where it was found. */
export interface FoundContainer {
  /** `"rooms[2].orders"` */
  readonly path: string;
  readonly type: TypeIr;
  readonly struct: StructLayout;
  /** From the start of the payload, bytes. */
  readonly offset: number;
}

/**
 * Has all containers of a region looked at, in the order of the layout; true when there were more. `visit` says whether one counts for how many
 * are looked at.
 */
export function visitContainers({ struct, model }: Inspected, visit: (found: FoundContainer) => boolean): boolean {
  const search = new Search(model, visit);
  search.members(struct.id, 0, "");
  return search.isCut;
}

/** Those of a region, in the order of the layout; `isCut` when there are more. */
export function countersOf(
  region: Inspected,
  source: ByteSource,
): { readonly found: readonly Counted[]; readonly isCut: boolean } {
  const window = new Window(source);
  const found: Counted[] = [];
  const isCut = visitContainers(region, ({ path, type, struct, offset }) => {
    const facts = factsOf(struct, (at) => window.view(HEADER_SIZE + offset + at, 4).getUint32(0, true));
    if (facts?.counters === undefined) return false;
    const { note, counters, counterBits: bits = 32 } = facts;
    found.push({ path, type: shownType(type), note, counters, bits });
    return true;
  });
  return { found, isCut };
}

class Search {
  isCut = false;
  readonly #model: LayoutModel;
  readonly #visit: (found: FoundContainer) => boolean;
  #count = 0;
  #left = PLACES_SHOWN;
  /** Structs that have a container in them, or have not. */
  readonly #holds = new Map<string, boolean>();

  constructor(model: LayoutModel, visit: (found: FoundContainer) => boolean) {
    this.#model = model;
    this.#visit = visit;
  }

  members(struct: string, start: number, path: string): void {
    for (const { name, type, offset } of this.#model.structs.get(struct)?.fields ?? []) {
      this.#look(type, start + offset, path === "" ? name : `${path}.${name}`);
    }
  }

  #look(type: TypeIr, offset: number, path: string): void {
    const { bare } = bareType(type);
    if (this.isCut || !this.#mayHold(bare)) return;
    if ((this.#left -= 1) < 0 || this.#count >= CONTAINERS_SHOWN) {
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
    const struct = bare.kind === "struct" ? this.#model.structs.get(bare.struct) : undefined;
    if (struct === undefined) return;
    if (struct.role.kind !== "container") this.members(struct.id, offset, path);
    else if (this.#visit({ path, type, struct, offset })) this.#count += 1;
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
