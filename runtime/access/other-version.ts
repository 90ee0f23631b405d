/**
 * Accessors of an older region. They are the code's own classes with another prototype: what the region has is read and
 * written by the very same code, and what it lacks is overridden, so that nothing has to be asked at any access.
 */
import { ShmError } from "../errors.js";
import type { FieldLayout, LaidOutClass, StructLayout, VersionPort } from "./layout.js";
import type { Flyweight } from "./flyweight.js";

/** A struct of which a region has only a part. */
export interface PartialLayout {
  readonly name: string;
  /** Bytes that the region has of it. */
  readonly size: number;
  /** Of all its fields, lacking ones included. */
  readonly fields: readonly { readonly name: string; readonly offset: number }[];
  readonly lacking: ReadonlySet<string>;
}

/** The accessors of one older version. */
export class OtherVersion implements VersionPort {
  readonly version: number;
  readonly #partial: readonly PartialLayout[];
  readonly #classes = new WeakMap<object, LaidOutClass | null>();

  constructor(version: number, partial: readonly PartialLayout[]) {
    this.version = version;
    this.#partial = partial;
  }

  /** Undefined for a class of which the region has everything. Made once per class. */
  of(type: LaidOutClass): LaidOutClass | undefined {
    let made = this.#classes.get(type);
    if (made === undefined) {
      const partial = this.#partial.find((candidate) => isOf(type.layout, candidate));
      made = partial === undefined ? null : this.#make(type, partial);
      this.#classes.set(type, made);
    }
    return made ?? undefined;
  }

  /** Whether the region has a struct without this field. */
  lacks(layout: StructLayout, field: string): boolean {
    return this.#partial.some((candidate) => candidate.lacking.has(field) && isOf(layout, candidate));
  }

  #make(type: LaidOutClass, { size, lacking }: PartialLayout): LaidOutClass {
    const Base = type as unknown as { new (...values: never[]): Flyweight; readonly layout: StructLayout };
    const { layout } = type;
    const made = class extends Base {
      static override readonly layout: StructLayout = { ...layout, size };
    };
    Object.defineProperty(made, "name", { value: type.name });
    for (const field of layout.fields) {
      if (lacking.has(field.name)) override(made.prototype, type.prototype as object, field, layout.name, this.version);
    }
    const substitute: LaidOutClass = made;
    // Instances of its own, such as the scratch memory that assign() tries values on, need no further stand-in.
    this.#classes.set(made, null);
    return substitute;
  }
}

function isOf({ name, fields }: StructLayout, partial: PartialLayout): boolean {
  return (
    name === partial.name &&
    fields.length === partial.fields.length &&
    fields.every((field, at) => field.name === partial.fields[at]?.name && field.offset === partial.fields[at].offset)
  );
}

function override(target: object, original: object, field: FieldLayout, struct: string, version: number): void {
  const { name, since } = field;
  const path = `${struct}.${name}`;
  const refuse = (): never => {
    throw notInRegion(path, version, since?.version);
  };
  const value = since?.default;
  Object.defineProperty(target, name, { get: () => value, set: refuse, configurable: true });
  if (!(`$${name}` in original)) return;
  const handle = handleOf(value, refuse);
  Object.defineProperty(target, `$${name}`, { get: () => handle, configurable: true });
}

/** Every operation on a field that is not there: only reading works. */
function handleOf(value: unknown, refuse: () => never): object {
  const load = (): unknown => value;
  return new Proxy(Object.freeze({ load }), {
    get: (target, key) => (key === "load" ? load : typeof key === "symbol" || key === "then" ? undefined : refuse),
    set: refuse,
  });
}

function notInRegion(path: string, version: number, since: number | undefined): ShmError {
  const from = since === undefined ? "a later version" : `version ${since}`;
  const remedy = "make the region anew, or migrate it, to write the field";
  return new ShmError(
    "ERR_SHM_VERSION",
    `the region is of an older version and lacks the field: field=${path} version=${version} since=${since ?? "unknown"}; the field came with ${from}: ${remedy}`,
    { field: path, expected: since, found: version },
  );
}
