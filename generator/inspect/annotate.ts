/** Every byte of a region beside what it means, one row for at most eight of them, in columns that grep and awk can take apart. */
import { DESCRIPTOR_HEADER_SIZE, HEADER_OFFSET, HEADER_SIZE, KEPT_BIT } from "@shmgen/schema/region-format";
import { typeWidth } from "./text.js";
import type { ForeignShown, Inspected } from "./shown.js";
import { type ByteSource, Window } from "./source.js";
import { hexBytes, safeText, valueText } from "./values.js";
import { type Event, type Node, BYTES_MAX, VALUES_SHOWN } from "./walk.js";

/** Bytes on a row. */
const ROW = 8;
/** Bytes of one text or padding that are shown unless all are asked for. */
const SHOWN = 64;

type HeaderField = keyof typeof HEADER_OFFSET;

/** What the header's bytes are, by name. Sizes follow from where the next one begins. */
const HEADER_TYPES: Readonly<Record<HeaderField, string>> = {
  magic: "bytes<8>",
  byteOrderMark: "u16",
  headerSize: "u16",
  flags: "u32",
  typeId: "u32",
  version: "u32",
  fingerprint: "u64",
  payloadSize: "u64",
  tailStride: "u32",
  readableFrom: "u32",
  reserved0: "bytes<12>",
  crc: "u32",
  state: "atomic<u32>",
  generation: "atomic<u32>",
  tailLength: "atomic<u64>",
  descriptorOffset: "atomic<u64>",
  descriptorSize: "u32",
  creatorPid: "u32",
  creatorStartTime: "u64",
  bootId: "u64",
  initialisedAt: "u64",
  descriptorMovesTo: "atomic<u64>",
};
const HEXADECIMAL: ReadonlySet<HeaderField> = new Set(["byteOrderMark", "typeId", "fingerprint", "crc", "bootId"]);

/** What stands beside bytes. */
interface Meaning {
  readonly type: string;
  readonly value: string;
  readonly name: string;
}
const PADDING: Meaning = { type: "padding", value: "", name: "" };
const NOTHING: Meaning = { type: "", value: "", name: "" };

/** Rows `+0x0080 | 05 00 00 00 00 00 00 00 | atomic<u64> | 5 | samples`; offsets are those of the file. */
export function* annotatedLines(
  events: Iterable<Event>,
  shown: Inspected | ForeignShown,
  source: ByteSource,
  all: boolean,
): Generator<string> {
  const table = new Table(shown, source, all);
  yield* table.beforeStruct();
  for (const event of events) yield* table.event(event);
  yield* table.behindStruct();
}

/** Every byte of one file, from the first to the last. */
class Table {
  readonly #shown: Inspected | ForeignShown;
  readonly #window: Window;
  readonly #size: number;
  /** Bytes of one text or padding that are shown. */
  readonly #most: number;
  readonly #digits: number;
  readonly #typeWidth: number;

  constructor(shown: Inspected | ForeignShown, source: ByteSource, all: boolean) {
    this.#shown = shown;
    this.#window = new Window(source);
    this.#size = source.size;
    this.#most = all ? BYTES_MAX : SHOWN;
    this.#digits = Math.max(4, (source.size - 1).toString(16).length);
    this.#typeWidth = Math.max(typeWidth(shown.model), "atomic<u64>".length);
  }

  /** The header of a region, and whatever another program has there. */
  *beforeStruct(): Generator<string> {
    if (this.#shown.header === undefined) return yield* this.#stretch(0, this.#shown.start, NOTHING);
    const fields = Object.entries(HEADER_OFFSET) as [HeaderField, number][];
    for (const [index, [field, offset]] of fields.entries()) {
      const size = (fields[index + 1]?.[1] ?? HEADER_SIZE) - offset;
      const bytes = this.#window.copy(offset, size);
      const value = headerValue(field, bytes);
      yield* this.#rows(offset, bytes, { type: HEADER_TYPES[field], value, name: `header.${field}` });
    }
  }

  /** What of the payload a walk has met. Structs and arrays have no bytes but those of what is in them. */
  *event(event: Event): Generator<string> {
    switch (event.kind) {
      case "value":
        return yield* this.#value(event, valueText(event.value));
      case "bits":
        return yield* this.#value(event, "");
      case "more": {
        const meaning = { type: event.type, value: `${event.count} more`, name: safeText(event.path) };
        return yield this.#row(this.#shown.start + event.offset, `(${event.size} bytes)`, meaning);
      }
      case "padding":
        return yield* this.#stretch(this.#shown.start + event.offset, event.size, PADDING);
      case "stop":
        return yield `... more than ${VALUES_SHOWN} values; --all shows all`;
      case "tick":
        return yield "";
    }
  }

  /** What stands behind the last element of the tail: in a region free room, the description of the layout, and free room again. */
  *behindStruct(): Generator<string> {
    const { header, struct, start, tailLength } = this.#shown;
    const dataEnd = start + struct.size + tailLength * (struct.tail?.stride ?? 0);
    if (header === undefined) return yield* this.#stretch(dataEnd, this.#size - dataEnd, NOTHING);
    const { descriptorOffset, descriptorSize } = header;
    yield* this.#stretch(dataEnd, descriptorOffset - dataEnd, PADDING);
    yield* this.#descriptor(descriptorOffset, descriptorSize);
    const end = descriptorOffset + descriptorSize;
    yield* this.#stretch(end, this.#size - end, PADDING);
  }

  *#descriptor(offset: number, size: number): Generator<string> {
    for (const [index, name] of ["checksum", "jsonSize", "dataSize", "zero"].entries()) {
      const at = offset + 4 * index;
      const word = this.#window.view(at, 4).getUint32(0, true);
      const value = name === "checksum" ? `0x${word.toString(16)}` : String(word);
      yield* this.#stretch(at, 4, { type: "u32", value, name: `descriptor.${name}` });
    }
    const dataSize = size - DESCRIPTOR_HEADER_SIZE;
    const meaning = { type: `bytes<${dataSize}>`, value: "deflated", name: "descriptor.data" };
    yield* this.#stretch(offset + DESCRIPTOR_HEADER_SIZE, dataSize, meaning);
  }

  *#value(event: Node & { readonly bytes?: Uint8Array }, value: string): Generator<string> {
    const { type, size } = event;
    const offset = this.#shown.start + event.offset;
    const meaning = { type, value, name: safeText(event.path) };
    // A bit field has no bytes of its own; the bits that it is in stand above.
    if (size === 0) return yield this.#row(offset, "", meaning);
    const bytes = (event.bytes ?? new Uint8Array(0)).subarray(0, this.#most);
    yield* this.#rows(offset, bytes, meaning, size - bytes.length);
  }

  /** Bytes that no value was decoded from. */
  *#stretch(offset: number, size: number, meaning: Meaning): Generator<string> {
    if (size <= 0) return;
    const bytes = this.#window.copy(offset, Math.min(size, this.#most));
    yield* this.#rows(offset, bytes, meaning, size - bytes.length);
  }

  *#rows(offset: number, bytes: Uint8Array, meaning: Meaning, more = 0): Generator<string> {
    yield this.#row(offset, hexBytes(bytes.subarray(0, ROW)), meaning);
    for (let from = ROW; from < bytes.length; from += ROW) {
      yield this.#row(offset + from, hexBytes(bytes.subarray(from, from + ROW)), NOTHING);
    }
    if (more > 0) yield this.#row(offset + bytes.length, `(${more} bytes)`, NOTHING);
  }

  #row(offset: number, hex: string, { type, value, name }: Meaning): string {
    const at = `+0x${offset.toString(16).padStart(this.#digits, "0")}`;
    const cells = [at, hex.padEnd(3 * ROW - 1), type.padEnd(this.#typeWidth), value, name];
    return cells.map(cell).join(" | ").trimEnd();
  }
}

/** Text of a region does not look like the border of a column. */
const cell = (text: string): string => text.replaceAll(" | ", " \\u{7c} ");

function headerValue(field: HeaderField, bytes: Uint8Array): string {
  if (field === "magic") return `"${safeText(Buffer.from(bytes).toString("latin1"))}"`;
  if (HEADER_TYPES[field].startsWith("bytes")) return "";
  let number = 0n;
  for (const byte of bytes.toReversed()) number = (number << 8n) | BigInt(byte);
  if (field === "initialisedAt" && (number & KEPT_BIT) !== 0n) return `${number & ~KEPT_BIT}, kept`;
  return HEXADECIMAL.has(field) ? `0x${number.toString(16)}` : String(number);
}
