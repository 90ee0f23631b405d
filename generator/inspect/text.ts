/** Fields for people: offset, type, name = value, as `shmgen layout` orders them. */
import type { LayoutModel } from "../layout/layout.js";
import { safeText, shownType, valueText } from "./values.js";
import { type Event, type Node, VALUES_SHOWN } from "./walk.js";

/** Longer types push their line to the right instead of all others. */
const TYPE_WIDTH = 28;
/** Elements of an array stand on one line up to here. */
const LINE_WIDTH = 100;
const STOPPED = `... more than ${VALUES_SHOWN} values; --fields GLOB chooses some, --all shows all`;

/** Columns that types take. */
export function typeWidth(model: LayoutModel): number {
  let width = 4;
  for (const { fields } of model.structs.values()) {
    for (const { type } of fields) width = Math.max(width, Math.min(TYPE_WIDTH, shownType(type).length));
  }
  return width;
}

/** Lines without their ends. `""` comes where nothing is to be printed, so that a caller can see that time passes. */
export function* textLines(events: Iterable<Event>, model: LayoutModel): Generator<string> {
  const width = typeWidth(model);
  const line = ({ offset, type, depth }: Node, text: string): string =>
    `${String(offset).padStart(8)}  ${type.padEnd(width)}  ${"  ".repeat(depth)}${text}`;
  yield `${"offset".padStart(8)}  ${"type".padEnd(width)}  name = value`;
  let row: Row | undefined;
  for (const event of events) {
    if (row !== undefined) {
      yield* row.take(event, line);
      if (event.kind === "close") row = undefined;
      continue;
    }
    switch (event.kind) {
      case "array":
        if (event.plain) row = new Row(event);
        else yield line(event, `${safeText(event.name)}${event.isTail ? ` (${event.length} elements)` : ""}`);
        break;
      case "struct":
        yield line(event, `${safeText(event.name)}${event.note === undefined ? "" : ` (${event.note})`}`);
        break;
      case "bits":
        yield line(event, safeText(event.name));
        break;
      case "value":
        yield line(event, `${safeText(event.name)} = ${valueText(event.value)}`);
        break;
      case "more":
        yield line({ ...event, type: "" }, `... ${event.count} more`);
        break;
      case "stop":
        yield STOPPED;
        break;
      case "tick":
        yield "";
    }
  }
}

/** Chosen fields, each with its whole path. */
export function* pathLines(events: Iterable<Event>, model: LayoutModel): Generator<string> {
  const width = typeWidth(model);
  for (const event of events) {
    if (event.kind === "tick") yield "";
    if (event.kind === "stop") yield STOPPED;
    if (event.kind !== "value" && event.kind !== "more") continue;
    const { offset, type, path } = event;
    const text = event.kind === "value" ? ` = ${valueText(event.value)}` : ` ... ${event.count} more`;
    yield `${String(offset).padStart(8)}  ${type.padEnd(width)}  ${safeText(path)}${text}`;
  }
}

/** Elements of one array, side by side; those of a long one in several lines. */
class Row {
  #array: Node;
  #text: string;
  #isFirst = true;

  constructor(array: Node & { readonly isTail: boolean; readonly length: number }) {
    this.#array = array;
    this.#text = `${safeText(array.name)}${array.isTail ? ` (${array.length} elements)` : ""} = [`;
  }

  *take(event: Event, line: (node: Node, text: string) => string): Generator<string> {
    if (event.kind === "value") yield* this.#add(valueText(event.value), event, line);
    if (event.kind === "more") yield* this.#add(`... ${event.count} more`, event, line);
    if (event.kind === "close") yield line(this.#array, `${this.#text}]`);
    if (event.kind === "tick") yield "";
  }

  *#add(text: string, node: Node, line: (node: Node, text: string) => string): Generator<string> {
    if (!this.#isFirst) {
      this.#text += ",";
      if (this.#text.length + text.length + 1 > LINE_WIDTH) {
        yield line(this.#array, this.#text);
        this.#array = { ...this.#array, offset: node.offset, type: "" };
        this.#text = "  ";
      } else this.#text += " ";
    }
    this.#text += text;
    this.#isFirst = false;
  }
}
