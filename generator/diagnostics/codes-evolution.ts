/** SHM5xxx: what a schema may not do to the versions that were published before it. */
import { error } from "./code-row.js";

/** What the examples stand against. */
export const PUBLISHED = { versions: [1, 3], fields: "speed: f32;" } as const;

const example = (options: string, field: string): string =>
  `// Published are versions 1 and 3, both with ${PUBLISHED.fields}\nexport interface Car extends Region<{ ${options} }> {\n  ${field}\n}`;
const RIGHT = example("type: 1; version: 4", "speed: f64;");

/** `further` is the number of differences that are not listed. */
const furtherText = (further: number): string => (further === 0 ? "" : ` (and ${further} more)`);

export const evolutionCodes = {
  SHM5001: error({
    message: (f: {
      name: string;
      version: number;
      source: string;
      difference: string;
      further: number;
      fits: boolean;
    }) =>
      `The layout of '${f.name}' changed, but its version is still ${f.version}, as in ${f.source}: ${f.difference}${furtherText(f.further)}.`,
    hint: (f) =>
      `write version: ${f.version + 1} here${f.fits ? `, and readableFrom: ${f.version} so that programs of version ${f.version} can use its regions` : ""}; or undo the change.`,
    why: "A version that was published stands for one layout. Programs that were built from the old one cannot tell that the bytes mean something else by now.",
    wrong: example("type: 1; version: 3", "speed: f64;"),
    right: RIGHT,
  }),
  SHM5002: error({
    message: (f: { name: string; version: number; newest: number; source: string }) =>
      `'${f.name}' has version ${f.version}, but ${f.source} has version ${f.newest} of it already.`,
    hint: (f) => `write version: ${f.newest + 1}.`,
    why: "Versions grow: programs of a lower number take themselves for the older side.",
    wrong: example("type: 1; version: 2", "speed: f32;"),
    right: RIGHT,
  }),
  SHM5003: error({
    message: (f: {
      name: string;
      version: number;
      readableFrom: number;
      older: number;
      difference: string;
      further: number;
    }) =>
      `'${f.name}' version ${f.version} says readableFrom: ${f.readableFrom}, but programs of version ${f.older} could not use its regions: ${f.difference}${furtherText(f.further)}.`,
    hint: (f) => `write readableFrom: ${f.older + 1}, or undo the change.`,
    why: "readableFrom promises that older programs understand newer regions. The promise is proven against every published version that it covers.",
    wrong: example("type: 1; version: 4; readableFrom: 3", "speed: f64;"),
    right: RIGHT,
  }),
  SHM5004: error({
    message: (f: { name: string; typeId: number; before: number; source: string }) =>
      `'${f.name}' has type id ${f.typeId}, but ${f.before} in ${f.source}.`,
    hint: (f) => `write type: ${f.before}, or give the new kind of region another name.`,
    why: "The type id tells kinds of regions apart. With another one, programs take each other's regions for those of somebody else.",
    wrong: example("type: 7; version: 4", "speed: f32;"),
    right: example("type: 1; version: 4", "speed: f32;"),
  }),
  SHM5005: error({
    message: (f: { name: string; version: number; readableFrom: number; before: number; source: string }) =>
      `'${f.name}' version ${f.version} has readableFrom ${f.readableFrom}, but it was published with ${f.before} in ${f.source}.`,
    hint: (f) => `write version: ${f.version + 1}, or readableFrom: ${f.before} again.`,
    why: "Regions of a published version exist already, and carry the promise that it was published with.",
    wrong: example("type: 1; version: 3; readableFrom: 1", "speed: f32;"),
    right: example("type: 1; version: 4; readableFrom: 1", "speed: f32;"),
  }),
  SHM5006: error({
    message: (f: { name: string; other: string }) => `Two regions are called '${f.name}', here and in ${f.other}.`,
    hint: "rename one of them: the lock file keeps published layouts by the region's name.",
    why: "A name that stands for two regions would have one history for both.",
    wrong: "",
    right: "",
  }),
};
