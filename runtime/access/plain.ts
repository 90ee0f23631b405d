/** Between accessors and plain objects. */
import { isStoring, isTrying, leaveCopy, readFrom, takeCopy, tryThenStore } from "./checked-write.js";
import { type Form, formed, type HasPlain, plain } from "./contents.js";
import type { FlyweightClass } from "./definition.js";
import { Flyweight, viewOf } from "./flyweight.js";
import type { StructLayout } from "./layout.js";
import type { Assignable, Shown, Snapshot } from "./shapes.js";
import { checkOptions } from "../arguments/check-options.js";
import { notOfKind } from "../arguments/refusals.js";
import { scratchView } from "./scratch.js";
import { badValue, containerNotAssigned, noSuchField, notSafe } from "./refusals.js";

export type { Assignable, Snapshot };

/** What {@link snapshot} makes of 64-bit integers, by the value of its option. */
export interface BigintForms {
  bigint: bigint;
  number: number;
  string: string;
}

/** Options of {@link snapshot}. */
export interface SnapshotOptions<B extends keyof BigintForms = keyof BigintForms> {
  /**
   * What 64-bit integers become: `"bigint"` (default), `"string"`, decimal text, for JSON; or `"number"`, which throws where that would lose digits.
   */
  readonly bigint?: B;
}

function layoutOf(accessor: Flyweight): StructLayout {
  return (accessor.constructor as unknown as FlyweightClass).layout;
}

/**
 * A plain object with the values of all fields, nested structs and arrays included; bytes and `array<u8, N>` as a
 * Uint8Array of its own. Each field is read once, atomically if it is atomic, one after the other: the copy as a whole is of no
 * one moment, and a writer that was killed half-way has left the values of two. Values that belong together are read whole in a
 * `seqlock<T>`. `JSON.stringify()` refuses bigints: `snapshot(x, { bigint: "string" })`, or the accessor itself, which has a `toJSON()`.
 * @throws ShmRangeError for what is no accessor, and for an integer beyond 2^53 - 1 with `{ bigint: "number" }`; ShmError ERR_SHM_CLOSED
 */
export function snapshot<T extends Flyweight>(accessor: T): Snapshot<T>;
export function snapshot<T extends Flyweight, B extends keyof BigintForms>(
  accessor: T,
  options: SnapshotOptions<B>,
): Snapshot<T, BigintForms[B]>;
export function snapshot(accessor: unknown, options?: SnapshotOptions): unknown {
  // What arrays hold may be asked for as well.
  if (typeof accessor !== "object" || accessor === null) throw notAnAccessor(accessor);
  if (options === undefined) return plainValue(accessor);
  checkOptions(options, "snapshot");
  return formed(accessor, FORMS[options.bigint ?? "bigint"]);
}

function notAnAccessor(found: unknown): Error {
  return notOfKind("accessor", "region.data, or a struct in it", found, "pass the accessor");
}

const PLAIN: Form = {
  read: (read) => read(),
  leaf: (value) => value,
  bytes: (bytes) => new Uint8Array(bytes),
  container: (container) =>
    plain in container ? (container as HasPlain)[plain]() : (container as Shown<unknown>).toJSON(),
};

const FORMS: Readonly<Record<keyof BigintForms, Form>> = {
  bigint: PLAIN,
  number: {
    ...PLAIN,
    leaf: (value, field) => {
      if (typeof value !== "bigint") return value;
      const number = Number(value);
      if (!Number.isSafeInteger(number)) throw notSafe(field?.name, value);
      return number;
    },
  },
  string: { ...PLAIN, leaf: (value) => (typeof value === "bigint" ? String(value) : value) },
};

/** The value of a field, or of what an {@link Element} gives, with nothing in it that is memory of others. */
export function plainValue(value: unknown): unknown {
  return formed(value, PLAIN);
}

const scratches = new WeakMap<object, Flyweight>();

/** An accessor of the same class over private memory. Only a tail makes it as large as the region. */
function scratchOf(accessor: Flyweight, values: object): Flyweight {
  const type = accessor.constructor as unknown as FlyweightClass;
  const { size, tailStride = 0, fields } = type.layout;
  const tail = tailStride > 0 ? fields.at(-1) : undefined;
  const { tailLength, otherVersion } = viewOf(accessor);
  if (tail !== undefined && Object.hasOwn(values, tail.name)) {
    return new type(scratchView(Math.max(size, tail.offset + tailLength * tailStride), tailLength, otherVersion), 0);
  }
  // What a nested struct lacks depends on the region.
  if (otherVersion !== undefined) return new type(scratchView(size, 0, otherVersion), 0);
  let scratch = scratches.get(type);
  if (scratch === undefined) scratches.set(type, (scratch = new type(scratchView(size), 0)));
  return scratch;
}

/**
 * Writes the given fields, as deep as they go, and leaves the others. All values are checked before the first is written;
 * other processes still see the fields change one by one, and see some of them alone for ever when this one is killed between
 * two. They are read first, once, so they may come from the very memory that is written:
 * `assign(axle, { left: axle.right, right: axle.left })`. A field that an older region lacks may be given with the value that
 * it reads as, so that a `snapshot()` of the region can be assigned to it. Of several members of a union the largest is written, raw bytes
 * before others, since they lie over one another.
 * @throws ShmRangeError for a value that does not fit, a wrong number of elements, or an unknown field; ShmError
 * ERR_SHM_VERSION for another value of a field that the region lacks
 */
export function assign<T extends Flyweight>(accessor: T, values: Assignable<T>): T {
  if (!((accessor as unknown) instanceof Flyweight)) throw notAnAccessor(accessor);
  const name = layoutOf(accessor).name;
  if (typeof values !== "object" || values === null) throw badValue(name, "an object with its fields", values);
  if (isStoring()) {
    writeFields(accessor, values);
    return accessor;
  }
  const own = readFrom((): object => (values instanceof Flyweight ? snapshot(values) : { ...values }));
  if (isTrying()) {
    tryFields(accessor, own);
    leaveCopy(own);
  } else {
    tryThenStore(
      () => tryFields(scratchOf(accessor, own), own),
      () => writeFields(accessor, own),
    );
  }
  return accessor;
}

/** Writes to private memory, and puts what has to be stored in the place of each value. */
function tryFields(scratch: Flyweight, own: object): void {
  writeFields(scratch, own, (key, copy) => ((own as Record<string, unknown>)[key] = copy));
}

/** Of several members of a union, as a copy of one has them, the one that says most of its bytes. */
function wholest({ fields }: StructLayout, entries: readonly (readonly [string, unknown])[]): string | undefined {
  const rank = ({ size, type }: StructLayout["fields"][number]): number =>
    2 * size + (type.startsWith("bytes<") ? 1 : 0);
  const given = fields.filter(({ name }) => entries.some(([key]) => key === name));
  return given.reduce((best, field) => (rank(field) > rank(best) ? field : best), given[0] as (typeof given)[number])
    ?.name;
}

function writeFields(target: Flyweight, values: object, keep?: (key: string, copy: unknown) => void): void {
  const layout = layoutOf(target);
  const { otherVersion } = viewOf(target);
  const record = target as unknown as Record<string, unknown>;
  const entries = Object.entries(values);
  const member = layout.union === true && entries.length > 1 ? wholest(layout, entries) : undefined;
  for (const [key, value] of entries) {
    if (!layout.fields.some((field) => field.name === key)) {
      throw noSuchField(layout, key);
    }
    if (member !== undefined && member !== key) continue;
    if (otherVersion?.lacks(layout, key) === true && Object.is(record[key], value)) continue;
    if (layout.fields.some(({ name, container }) => name === key && container === true)) {
      throw containerNotAssigned(`${layout.name}.${key}`);
    }
    record[key] = value;
    keep?.(key, takeCopy(value));
  }
}
