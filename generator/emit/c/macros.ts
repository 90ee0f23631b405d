/** Macros that headers define for regions. Members of structs must not have their names: the preprocessor knows no scopes. */
import { isRoot } from "../../ir/roles.js";
import type { LayoutModel } from "../../layout/layout.js";
import { typeName } from "./names.js";

/** What the name of a region is followed by. */
export const REGION_MACROS = [
  "_TYPE_ID",
  "_VERSION",
  "_READABLE_FROM",
  "_FINGERPRINT",
  "_PAYLOAD_OFFSET",
  "_PAYLOAD_SIZE",
  "_TAIL_STRIDE",
  "_DESCRIPTOR_SIZE",
];

const known = new WeakMap<LayoutModel, ReadonlySet<string>>();

/** Those of all regions of a project. */
export function macroNames(model: LayoutModel): ReadonlySet<string> {
  let names = known.get(model);
  if (names === undefined) {
    const regions = model.ir.structs.filter(({ role }) => isRoot(role));
    // A name that is taken gets underscores, seldom more than one.
    const prefixes = regions.flatMap(({ name }) => [typeName(name), `${typeName(name)}_`]);
    names = new Set(prefixes.flatMap((prefix) => REGION_MACROS.map((suffix) => prefix + suffix)));
    known.set(model, names);
  }
  return names;
}
