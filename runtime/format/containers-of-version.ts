/**
 * Which containers of the code a region of another version has, by what the region says of itself, and whether it has others. What is not
 * there in both is not touched: older regions have other bytes in its place, and newer ones a container that the code cannot recover.
 */
import { CONTAINERS } from "../../schema/containers/table.js";
import { type CanonicalLayout, declared, scopeOf } from "../../schema/evolution/canonical.js";
import { type TypeIr, typeMetrics } from "../../schema/type-kinds.js";
import type { PlacedContainer, RegionContainers } from "../access/placed.js";
import type { KnownContainers } from "./plan.js";

type Repeat = readonly (readonly [count: number, stride: number])[];

/** Undefined where the code has none. */
export function containersOfVersion(
  containers: RegionContainers | undefined,
  ours: CanonicalLayout,
  theirs: CanonicalLayout,
): KnownContainers | undefined {
  if (containers === undefined) return undefined;
  const known = ownedIn(ours);
  const there = ownedIn(theirs);
  const isThere = (container: PlacedContainer): boolean => {
    const place = placeOf(container.offset, container.repeat);
    const what = known.found.get(place);
    return what !== undefined && what === there.found.get(place);
  };
  const placed = containers.placed.filter(isThere);
  return { participants: containers.participants, placed, hasOthers: !there.isAll || placed.length < there.found.size };
}

function placeOf(offset: number, repeat: Repeat = []): string {
  return `${offset} ${repeat.map((array) => array.join("x")).join(" ")}`;
}

/** Structs in structs, and structs altogether, that are looked at: what a region says of itself may be anybody's. */
const DEPTH_MAX = 64;
const STRUCTS_MAX = 65_536;

/** All containers with owners: by place, what each one is. */
function ownedIn(layout: CanonicalLayout): { readonly found: ReadonlyMap<string, string>; readonly isAll: boolean } {
  const found = new Map<string, string>();
  const scope = scopeOf(layout);
  let structs = 0;
  let isAll = true;
  const visit = (type: TypeIr, offset: number, repeat: Repeat, depth: number): void => {
    if (type.kind === "array") {
      return visit(type.of, offset, [...repeat, [type.length, typeMetrics(type.of, scope).stride]], depth + 1);
    }
    if (type.kind !== "struct") return;
    structs += 1;
    if (depth > DEPTH_MAX || structs > STRUCTS_MAX) return void (isAll = false);
    const { role, size, fields } = declared(layout.structs, type.struct);
    if (role === undefined) {
      for (const field of fields) visit(field.type, offset + field.offset, repeat, depth + 1);
    } else if (role !== TABLE && CONTAINERS.get(role)?.owned !== false) {
      // A container of the same name and size has its words where ours has them, wherever its elements begin.
      found.set(placeOf(offset, repeat), [role, size, ...fields.map((field) => field.offset)].join(" "));
    }
  };
  visit({ kind: "struct", struct: "0" }, 0, [], 0);
  return { found, isAll };
}

/** The table itself. */
const TABLE = "participants";
