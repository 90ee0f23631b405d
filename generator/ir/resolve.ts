/** Names to declarations, the order of dependencies, and what follows from what a struct contains. */
import {
  type ContainerType,
  type TypeScope,
  containerIn,
  innermostType,
  isShared,
  ownReference,
  scalarOf,
  structIn,
  typeMetrics,
} from "@shmgen/schema/type-kinds";
import { type ContainerField, CONTAINERS, containerProblem, fieldsOf } from "@shmgen/schema/containers";
import { type Diagnostic } from "../diagnostics/diagnostic.js";
import { report } from "../diagnostics/codes.js";
import { packedAlign } from "./roles.js";
import type { BitsIr, EnumIr, FieldIr, ScalarName, SchemaIr, StructIr, TypeIr } from "./ir.js";

/** A field that contains another struct. */
interface Edge {
  readonly field: FieldIr;
  readonly to: StructIr;
}

/** A field that is accessed with atomics, and the bytes that it has to be aligned to: without end for containers, which choose themselves. */
interface SharedField {
  /** `"Wheel.rpm"` */
  readonly field: string;
  readonly align: number;
}

/** A SchemaIr with its references resolved. */
export class ResolvedIr {
  readonly structs = new Map<string, StructIr>();
  readonly enums = new Map<string, EnumIr>();
  readonly bits = new Map<string, BitsIr>();
  /** Structs that recur within themselves. */
  readonly cycles: Diagnostic[] = [];
  readonly #edges = new Map<StructIr, readonly Edge[]>();
  readonly #aligns = new Map<StructIr, number>();
  readonly #shared = new Map<StructIr, SharedField>();
  /** What is not declared is complained about elsewhere. */
  readonly #scope: TypeScope = {
    struct: (id) => ({ size: 0, align: this.structAlign(this.structs.get(id)) }),
    repr: (list, id) => this[list].get(id)?.repr ?? "u8",
    container: (type) => {
      const kind = containerProblem(type) === undefined ? CONTAINERS.get(type.container) : undefined;
      const alignOf = (fields: readonly ContainerField[]): number =>
        Math.max(1, ...fields.map((field) => Math.max(this.alignOf(field.type), field.align ?? 1)));
      let align = 1;
      const part = (_name: string, fields: readonly ContainerField[]): TypeIr => {
        align = Math.max(align, alignOf(fields));
        return { kind: "bytes", size: 1 };
      };
      align = Math.max(alignOf(kind === undefined ? [] : fieldsOf(kind, type, part)), align);
      return { size: 0, align, stride: 0 };
    },
  };

  constructor(ir: SchemaIr) {
    // The first of two declarations with one id counts; checkIr complains about the second.
    for (const struct of ir.structs) if (!this.structs.has(struct.id)) this.structs.set(struct.id, struct);
    for (const one of ir.enums) if (!this.enums.has(one.id)) this.enums.set(one.id, one);
    for (const one of ir.bits) if (!this.bits.has(one.id)) this.bits.set(one.id, one);
    for (const struct of this.#dependenciesFirst(ir.structs)) this.#derive(struct);
  }

  /** Fields of `struct` that contain another struct, at any depth of arrays. */
  edges(struct: StructIr): readonly Edge[] {
    let edges = this.#edges.get(struct);
    if (edges === undefined) {
      edges = struct.fields.flatMap((field) => {
        const to = this.structOf(field.type);
        return to === undefined ? [] : [{ field, to }];
      });
      this.#edges.set(struct, edges);
    }
    return edges;
  }

  /** The struct that a type contains. */
  structOf(type: TypeIr): StructIr | undefined {
    return this.structs.get(structIn(type) ?? "");
  }

  /** The atomic or relaxed field in `struct`, or in what it contains, that needs the most alignment. */
  sharedField(struct: StructIr): SharedField | undefined {
    return this.#shared.get(struct);
  }

  /** The containers that a struct has, in itself and in what it contains. */
  containers(struct: StructIr): readonly ContainerType[] {
    return [...reachedFrom([struct], this).keys()].flatMap(({ fields }) =>
      fields.flatMap(({ type }) => containerIn(type) ?? []),
    );
  }

  /** Whether threads have to take part in a region, because words of its containers hold their numbers. */
  hasOwners(struct: StructIr): boolean {
    return this.containers(struct).some(({ container }) => CONTAINERS.get(container)?.owned === true);
  }

  /** Natural alignment in bytes, that of C on 64-bit systems. */
  alignOf(type: TypeIr): number {
    return typeMetrics(type, this.#scope).align;
  }

  /** The scalar that holds the bits of a number; undefined for every other type, and for what is not declared. */
  scalarOf(type: TypeIr): ScalarName | undefined {
    const reference = ownReference(type);
    if (reference !== undefined && !this[reference.list].has(reference.name)) return undefined;
    return scalarOf(type, this.#scope);
  }

  /** Alignment of a struct in bytes; 1 for one that recurs within itself. */
  structAlign(struct: StructIr | undefined): number {
    return (struct && this.#aligns.get(struct)) ?? 1;
  }

  /** The alignment that the fields of a struct need, its own `Aligned<N>` left aside. */
  fieldsAlign(struct: StructIr): number {
    const most = struct.fields.reduce((align, field) => Math.max(align, this.alignOf(field.type), field.align ?? 1), 1);
    return packedAlign(struct, most);
  }

  #derive(struct: StructIr): void {
    this.#aligns.set(struct, Math.max(this.fieldsAlign(struct), struct.align ?? 1));
    for (const field of struct.fields) {
      if (field.type.kind === "reserved") continue;
      const inner = this.structOf(field.type);
      const align = containerIn(field.type) === undefined ? this.alignOf(innermostType(field.type)) : Infinity;
      const own = isShared(field.type) ? { field: `${struct.name}.${field.name}`, align } : undefined;
      const shared = own ?? (inner && this.#shared.get(inner));
      if (shared !== undefined && shared.align > (this.#shared.get(struct)?.align ?? 0))
        this.#shared.set(struct, shared);
    }
  }

  /** All structs, each after those that it contains. Walks without recursion, so that no depth of nesting exhausts the stack. */
  #dependenciesFirst(structs: readonly StructIr[]): StructIr[] {
    const order: StructIr[] = [];
    const state = new Map<StructIr, "open" | "done">();
    for (const root of structs) {
      if (state.has(root)) continue;
      const trail: { struct: StructIr; next: number }[] = [{ struct: root, next: 0 }];
      state.set(root, "open");
      for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
        const edge = this.edges(top.struct)[top.next++];
        if (edge === undefined) {
          state.set(top.struct, "done");
          order.push(top.struct);
          trail.pop();
        } else if (state.get(edge.to) === "open") {
          this.#reportCycle(trail.slice(trail.findIndex(({ struct }) => struct === edge.to)));
        } else if (!state.has(edge.to)) {
          state.set(edge.to, "open");
          trail.push({ struct: edge.to, next: 0 });
        }
      }
    }
    return order;
  }

  #reportCycle(trail: readonly { struct: StructIr; next: number }[]): void {
    const steps = trail.map(({ struct, next }) => ({ struct, field: this.edges(struct)[next - 1]?.field }));
    const [first, ...others] = steps;
    if (first === undefined) return;
    const names = [...steps.map(({ struct, field }) => `${struct.name}.${field?.name}`), first.struct.name];
    // A long circle is told in part: its ends say enough to find it.
    const cycle = (names.length > 12 ? [...names.slice(0, 6), "...", ...names.slice(-5)] : names).join(" -> ");
    const related = others
      .slice(0, 10)
      .map(({ struct, field }) => ({ message: `through '${struct.name}'`, span: field?.span }));
    this.cycles.push(report("SHM2003", { cycle }, { span: first.field?.span ?? first.struct.span, related }));
  }
}

/** Structs that lie in one of the roots, with the name of the first such root. */
export function reachedFrom(
  roots: readonly StructIr[],
  resolved: ResolvedIr,
  isEntered: (struct: StructIr) => boolean = () => true,
): Map<StructIr, string> {
  const reached = new Map<StructIr, string>();
  for (const root of roots) {
    const queue = [root];
    for (const struct of queue) {
      if (reached.has(struct) || !isEntered(struct)) continue;
      reached.set(struct, root.name);
      for (const { to } of resolved.edges(struct)) queue.push(to);
    }
  }
  return reached;
}
