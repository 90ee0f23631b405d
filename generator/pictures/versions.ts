/** Two versions of a region side by side: their verdict, and pictures of the structs that changed, in which a field keeps its colour. */
import { type CanonicalStruct, type DescribedLayout, typeText, type Verdict } from "@shmgen/schema/evolution";
import { changedStructs, changeText, type Sides, type StructPair } from "../evolution/side-by-side.js";
import { payloadOffset } from "../layout/limits.js";
import { COLOURS } from "./palette.js";
import type { Part, StructPicture } from "./picture.js";
import { rowsOf } from "./rows.js";
import { partOf, unionPart, withHoles } from "./struct-picture.js";

/** A comparison as it is to be shown. */
export interface VersionsPicture {
  /** `"Car: version 1 and version 2"` */
  readonly title: string;
  readonly verdict: Verdict["class"];
  readonly changes: readonly { readonly class: Verdict["class"]; readonly rule: string; readonly text: string }[];
  readonly labels: readonly [older: string, newer: string];
  readonly structs: readonly ComparedPicture[];
}

/** A struct of both versions; a side that has none is undefined. */
export interface ComparedPicture {
  readonly name: string;
  readonly older: SidePicture | undefined;
  readonly newer: SidePicture | undefined;
}

/** One side of it. */
export interface SidePicture {
  readonly picture: StructPicture;
  /** Of each part, a number that both sides' parts have that belong together; undefined where there is only this one. */
  readonly pairs: readonly (number | undefined)[];
}

/** `name` is the region's; `labels` say which version a side is. */
export function versionsPicture(
  name: string,
  sides: Sides,
  verdict: Verdict,
  labels: readonly [older: string, newer: string],
): VersionsPicture {
  const [older, newer] = sides;
  return {
    title: `${name}: ${labels[0]} and ${labels[1]}`,
    verdict: verdict.class,
    changes: verdict.changes.map((change) => ({ class: change.class, rule: change.rule, text: changeText(change) })),
    labels,
    structs: changedStructs(sides, verdict).map((pair) => ({
      name: pair.name,
      older: pair.before && sidePicture(pair.before, older, pair, "before"),
      newer: pair.after && sidePicture(pair.after, newer, pair, "after"),
    })),
  };
}

function sidePicture(
  struct: CanonicalStruct,
  side: DescribedLayout,
  { before, after, fields: pairs }: StructPair,
  which: "before" | "after",
): SidePicture {
  const places = new Map(pairs.map((pair, index) => [pair[which], { pair, index }]));
  const fields = struct.fields.map((field, index): Part => {
    const part = partOf(field, index, (type) => typeText(type, side.layout));
    const { pair, index: colour } = places.get(field) ?? { pair: undefined, index };
    // Ids of a description's structs mean nothing on the page.
    const plain = { ...part, struct: undefined, colour: colour % COLOURS };
    return pair === undefined || pair.change === "same" ? plain : { ...plain, change: pair.change };
  });
  const parts = withHoles(struct.union === true ? [unionPart(fields)] : fields, struct.size, struct.tailStride);
  const isRoot = struct === side.layout.structs[0];
  const start = isRoot && side.region !== undefined ? payloadOffset({ kind: "region", ...side.region }) : 0;
  const byName = new Map(struct.fields.map((field) => [field.name, places.get(field)?.index]));
  return {
    picture: {
      name: struct.name,
      file: "",
      facts: [],
      docs: "",
      // Of the larger one, so that a byte is as wide on both sides.
      size: Math.max(before?.size ?? 0, after?.size ?? 0),
      parts,
      rows: rowsOf(parts, start, new Map()),
      summary: [],
      notes: [],
    },
    pairs: parts.map(({ number, name }) => (number === 0 ? undefined : byName.get(name))),
  };
}
