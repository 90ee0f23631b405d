/** What the parts of one generated class share while its model is made. */
import type { LayoutModel } from "../../layout/layout.js";
import type { ModuleNames } from "./names.js";

/** What a field needs to know about its surroundings. */
export interface FieldScope {
  readonly model: LayoutModel;
  readonly names: ModuleNames;
  /** True in the class with setters. */
  readonly writer: boolean;
  /** The local name of a declaration, of this module or imported; `reader` for the class without setters. */
  declaration(id: string, reader?: boolean): string;
  /** Alignment that every place of struct `id` has: its own, or less inside packed structs. */
  placement(id: string): number;
  /** Private members of the class, added to as fields need them. */
  readonly privates: Map<string, PrivateModel>;
}

/** `readonly #u32: Uint32Array = memoryOf(this).u32;`, or made on first use when `value` is undefined. */
export interface PrivateModel {
  readonly name: string;
  readonly type: string;
  readonly value: string | undefined;
  /** Never assigned after the initialiser. */
  readonly constant: boolean;
  /** What it becomes when a frozen instance is closed: offsets become unusable, what was made on first use goes; else empty. */
  readonly spoiled: "closed" | "undefined" | "";
  /** Function of the runtime that the value comes from. */
  readonly source: "memoryOf" | "offsetOf" | "viewOf" | undefined;
}
