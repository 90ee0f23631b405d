/** Every byte of a region beside what it means, one row for at most eight of them, in columns that grep and awk can take apart. */
import { DESCRIPTOR_HEADER_SIZE, HEADER_OFFSET, HEADER_SIZE } from "@shmgen/schema/region-format";
import { typeWidth } from "./text.js";
import type { Inspected } from "./look.js";
import { type ByteSource, Window } from "./source.js";
import { hexBytes, safeText, valueText } from "./values.js";
import { type Event, type Node, BYTES_MAX, VALUES_SHOWN } from "./walk.js";

/** Bytes on a row. */
const ROW = 8;
/** Bytes of one text or padding that are shown unless all are asked for. */
const SHOWN = 64;

/** What the header's bytes are, by name. Sizes follow from where the next one begins. */
const HEADER_TYPES: Readonly<Record<keyof typeof HEADER_OFFSET, string>> = {
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
const HEXADECIMAL: ReadonlySet<string> = new Set(["byteOrderMark", "typeId", "fingerprint", "crc", "bootId"]);

interface Cells {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly type: string;
  readonly value: string;
  readonly name: string;
}

/** Rows `+0x0080 | 05 00 00 00 00 00 00 00 | atomic<u64> | 5 | samples`; offsets are those of the file. */
export function* annotatedLines(
  events: Iterable<Event>,
  region: Inspected,
  source: ByteSource,
  all: boolean,
): Generator<string> {
  const { header, struct, model } = region;
  const digits = Math.max(4, (source.size - 1).toString(16).length);
  const width = Math.max(typeWidth(model), "atomic<u64>".length);
  const at = (offset: number): string => `+0x${offset.toString(16).padStart(digits, "0")}`;
  const row = (offset: number, hex: string, type: string, value: string, name: string): string =>
    [at(offset), hex.padEnd(3 * ROW - 1), type.padEnd(width), value, name].map(cell).join(" | ").trimEnd();
  const window = new Window(source);
  const most = all ? BYTES_MAX : SHOWN;
  function* rows(cells: Cells, more = 0): Generator<string> {
    const { offset, bytes, type, value, name } = cells;
    yield row(offset, hexBytes(bytes.subarray(0, ROW)), type, value, name);
    for (let from = ROW; from < bytes.length; from += ROW) {
      yield row(offset + from, hexBytes(bytes.subarray(from, from + ROW)), "", "", "");
    }
    if (more > 0) yield row(offset + bytes.length, `(${more} bytes)`, "", "", "");
  }
  function* stretch(offset: number, size: number, type: string, value: string, name: string): Generator<string> {
    if (size <= 0) return;
    const bytes = window.copy(offset, Math.min(size, most));
    yield* rows({ offset, bytes, type, value, name }, size - bytes.length);
  }
  yield* headerRows(window, row);
  for (const event of events) {
    switch (event.kind) {
      case "value": {
        const text = valueText(event.value);
        // A bit field has no bytes of its own; the bits that it is in stand above.
        if (event.size > 0) yield* valueRows(event, text);
        else yield row(HEADER_SIZE + event.offset, "", event.type, text, safeText(event.path));
        break;
      }
      case "bits":
        yield* valueRows(event, "");
        break;
      case "more":
        yield row(
          HEADER_SIZE + event.offset,
          `(${event.size} bytes)`,
          event.type,
          `${event.count} more`,
          safeText(event.path),
        );
        break;
      case "padding":
        yield* stretch(HEADER_SIZE + event.offset, event.size, "padding", "", "");
        break;
      case "stop":
        yield `... more than ${VALUES_SHOWN} values; --all shows all`;
        break;
      case "tick":
        yield "";
    }
  }
  function* valueRows(event: Node & { readonly bytes?: Uint8Array }, value: string): Generator<string> {
    const bytes = (event.bytes ?? new Uint8Array(0)).subarray(0, most);
    const { type, size } = event;
    yield* rows(
      { offset: HEADER_SIZE + event.offset, bytes, type, value, name: safeText(event.path) },
      size - bytes.length,
    );
  }
  const { tailLength, tailStride, descriptorOffset, descriptorSize } = header;
  const dataEnd = HEADER_SIZE + struct.size + tailLength * tailStride;
  yield* stretch(dataEnd, descriptorOffset - dataEnd, "padding", "", "");
  for (const [index, name] of ["checksum", "jsonSize", "dataSize", "zero"].entries()) {
    const offset = descriptorOffset + 4 * index;
    const value = window.view(offset, 4).getUint32(0, true);
    const text = index === 0 ? `0x${value.toString(16)}` : String(value);
    yield* stretch(offset, 4, "u32", text, `descriptor.${name}`);
  }
  const dataSize = descriptorSize - DESCRIPTOR_HEADER_SIZE;
  yield* stretch(
    descriptorOffset + DESCRIPTOR_HEADER_SIZE,
    dataSize,
    `bytes<${dataSize}>`,
    "deflated",
    "descriptor.data",
  );
  const end = descriptorOffset + descriptorSize;
  yield* stretch(end, source.size - end, "padding", "", "");
}

/** Text of a region does not look like the border of a column. */
const cell = (text: string): string => text.replaceAll(" | ", " \\u{7c} ");

type MakeRow = (offset: number, hex: string, type: string, value: string, name: string) => string;

function* headerRows(window: Window, row: MakeRow): Generator<string> {
  const fields = Object.entries(HEADER_OFFSET);
  for (const [index, [name, offset]] of fields.entries()) {
    const size = (fields[index + 1]?.[1] ?? HEADER_SIZE) - offset;
    const bytes = window.copy(offset, size);
    const type = HEADER_TYPES[name as keyof typeof HEADER_OFFSET];
    let number = 0n;
    for (const byte of bytes.toReversed()) number = (number << 8n) | BigInt(byte);
    const text = HEXADECIMAL.has(name) ? `0x${number.toString(16)}` : String(number);
    const value =
      name === "magic" ? `"${safeText(Buffer.from(bytes).toString("latin1"))}"` : type.startsWith("bytes") ? "" : text;
    yield row(offset, hexBytes(bytes.subarray(0, ROW)), type, value, `header.${name}`);
    if (size > ROW) yield row(offset + ROW, hexBytes(bytes.subarray(ROW)), "", "", "");
  }
}
