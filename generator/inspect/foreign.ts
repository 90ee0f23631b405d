/**
 * Memory of another program, by the struct that a schema says it is. Nothing in it tells whether it is that struct, or the same file as before: what it holds instead
 * of what the schema expects is said beside what it holds.
 */
import type { ExpectedValue, TypeIr } from "../ir/ir.js";
import { beginsWith, encodingOf, expectedBytes, hexText } from "@shmgen/schema/encodings";
import { isNumber, isText } from "@shmgen/schema/type-kinds";
import { literalText } from "../ir/check-types.js";
import { expectationsOf } from "../layout/expected.js";
import type { LayoutModel, StructLayout } from "../layout/layout.js";
import { payloadOffset } from "../layout/limits.js";
import type { Unreadable } from "./header.js";
import type { ForeignShown, Steadily } from "./shown.js";
import { type ByteSource, copiedIfSmall, InspectError, Window } from "./source.js";
import { bareType, decodeNumber, decodeText, safeText, type Value, valueText } from "./values.js";

/** Which struct a file holds, and where. */
export interface ForeignPlace {
  readonly model: LayoutModel;
  readonly struct: StructLayout;
  /** `"wal-index.shm.ts#WalIndex"` */
  readonly schema: string;
  /** Bytes before the struct. Default: none, but for the header of a region of ours that does not describe itself. */
  readonly start?: number;
}

/** Fields that are named where they do not hold what is expected. */
const UNEXPECTED_SHOWN = 5;
/** Looks at a file that becomes shorter. */
const ATTEMPTS = 10;

/** Looks at a file by a schema. Its owner keeps no order that could be asked for: several values may be of several moments. */
export function bySchema({ start, ...given }: ForeignPlace): Steadily<ForeignShown> {
  const { role } = given.struct;
  const place = { ...given, start: start ?? (role.kind === "region" ? payloadOffset(role) : 0) };
  return (fresh, work) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const live = fresh();
        const tooShort = shortOf(place, live.size);
        if (tooShort !== undefined) return tooShort;
        const source = copiedIfSmall(live);
        const region = shownAs(place, source);
        return { region, value: work(region, source, () => fresh().size >= live.size) };
      } catch (error) {
        if (!(error instanceof InspectError) || attempt === ATTEMPTS) throw error;
      }
    }
  };
}

function shortOf({ struct, start }: Required<ForeignPlace>, size: number): Unreadable | undefined {
  if (size > 0 && size >= start + struct.size) return undefined;
  const name = safeText(struct.name);
  const from = start === 0 ? "" : ` from byte ${start} on`;
  const beyond = struct.fields.find((field) => start + field.offset + field.size > size);
  const where =
    beyond === undefined ? "" : `: '${safeText(beyond.name)}' ends at ${start + beyond.offset + beyond.size}`;
  return { state: "short", why: `the file has ${size} bytes, and ${name} takes ${struct.size}${from}${where}` };
}

function shownAs({ model, struct, schema, start }: Required<ForeignPlace>, source: ByteSource): ForeignShown {
  const stride = struct.tail?.stride ?? 0;
  const mapped = stride === 0 ? 0 : Math.floor((source.size - start - struct.size) / stride);
  const window = new Window(source);
  const tailLength = countedBy(struct, mapped, { model, window, offset: start });
  const found: string[] = [];
  for (const one of unexpectedIn(struct, start, { model, window })) {
    found.push(one);
    if (found.length === UNEXPECTED_SHOWN) break;
  }
  return { name: struct.name, model, struct, start, tailLength, schema, unexpected: found };
}

/** What the field says that counts a tail, within what is mapped: it may hold anything. */
function countedBy({ tail, fields }: StructLayout, mapped: number, at: Comparing): number {
  const type = tail?.field.type;
  const field = type?.kind === "tail" ? fields.find(({ name }) => name === type.count) : undefined;
  const found = field && valueAt(field.type, { ...at, offset: at.offset + field.offset });
  const count = found?.kind === "integer" ? Number(found.value) : mapped;
  return count >= 0 && count <= mapped ? count : mapped;
}

interface Memory {
  readonly model: LayoutModel;
  readonly window: Window;
}
/** Where a value lies. */
interface Comparing extends Memory {
  readonly offset: number;
}

/** A sentence for each field that does not hold what is expected of it. */
function* unexpectedIn(struct: StructLayout, start: number, at: Memory): Generator<string> {
  for (const { path, offset, type, values } of expectationsOf(struct, at.model)) {
    const place = { ...at, offset: start + offset };
    const found = valueAt(type, place);
    if (found === undefined || values.some((one) => holds(type, found, one, place))) continue;
    const wanted = values.map(literalText).join(" or ");
    yield `${safeText(path)} is ${valueText(found)}, and ${safeText(wanted)} was expected`;
  }
}

function valueAt(type: TypeIr, { model, window, offset }: Comparing): Value | undefined {
  const { bare, big } = bareType(type);
  const { size } = model.metrics(type);
  if (isNumber(bare)) return decodeNumber(bare, big, window.view(offset, size), model);
  if (isText(bare)) return decodeText(window.copy(offset, size), encodingOf(bare.kind, big), 0);
  return bare.kind === "bytes" ? { kind: "bytes", value: window.copy(offset, size), more: 0 } : undefined;
}

/** Texts are compared by their bytes, as openers do it. */
function holds(type: TypeIr, found: Value, expected: ExpectedValue, { model, window, offset }: Comparing): boolean {
  const { bare, big } = bareType(type);
  if (!isText(bare) || expected.kind !== "text") return isSame(found, expected);
  const { size } = model.metrics(type);
  return beginsWith(window.copy(offset, size), expectedBytes(expected.value, encodingOf(bare.kind, big), size));
}

function isSame(found: Value, expected: ExpectedValue): boolean {
  if (found.kind === "bytes") return hexText(found.value) === expected.value;
  if (expected.kind !== "integer") return "value" in found && found.value === expected.value;
  const value = "value" in found ? found.value : undefined;
  return (typeof value === "bigint" || Number.isInteger(value)) && BigInt(value as number) === BigInt(expected.value);
}
