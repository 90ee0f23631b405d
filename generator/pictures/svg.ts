/** A picture as SVG: one box for each run of bytes in a line, its text selectable, colours by classes (style.ts). */
import { escaped, escapedLines } from "./markup.js";
import type { Cell, Part, Row, StructPicture } from "./picture.js";

/** Pixels. A byte is twice as wide in a struct of at most SMALL bytes. */
const BYTE = 14;
const SMALL = 32;
const LINE_BYTES = 64;
/** Left of the bytes, for offsets, and right of them, for what deserves a look. */
const LEFT = 64;
const RIGHT = 30;
const LINE_HEIGHT = 40;
const FOLD_HEIGHT = 20;
const GAP = 6;
/** Above the lines, for the numbers of bytes. */
const RULER = 18;
/** A character of the names on fields. */
const CHAR = 6.7;
export const WIDTH = LEFT + LINE_BYTES * BYTE + RIGHT;

/** How a picture stands in its document. */
export interface Placing {
  /** Begins the ids of its parts. */
  readonly id: string;
  /** Whether parts are links to the rows of a table, whose ids end in `-row`. */
  readonly links: boolean;
  /** What parts are called that belong together, by index; their ids otherwise. */
  readonly keys?: readonly string[];
}

/** A drawing of a certain height, without the `svg` element around it. */
export interface Drawing {
  readonly markup: string;
  readonly height: number;
}

/** The id of a part, for links between picture and table. */
export function partId(id: string, part: number): string {
  return `${id}-${part}`;
}

/** An `svg` element for a page. */
export function inlineSvg(picture: StructPicture, placing: Placing): string {
  const { markup, height } = drawing(picture, placing);
  const label = escaped(`bytes of ${picture.name}`);
  return `<svg class="picture" viewBox="0 0 ${WIDTH} ${height}" role="group" aria-label="${label}">\n${markup}</svg>\n`;
}

/** The rows of a picture, beginning at `top`. */
export function drawing(picture: StructPicture, placing: Placing, top = 0): Drawing {
  const byte = picture.size <= SMALL ? 2 * BYTE : BYTE;
  let markup = ruler(byte > BYTE ? Math.ceil(picture.size / 8) * 8 : LINE_BYTES, byte, top);
  let y = top + RULER;
  for (const row of picture.rows) {
    markup += row.kind === "line" ? line(picture, row, { placing, byte, y }) : fold(picture, row, y);
    y += (row.kind === "line" ? LINE_HEIGHT : FOLD_HEIGHT) + GAP;
  }
  return { markup, height: y };
}

function ruler(columns: number, byte: number, top: number): string {
  let texts = "";
  for (let at = 0; at < columns; at += 8) texts += `<text x="${LEFT + at * byte}" y="${top + 12}">${at}</text>`;
  return `<g class="ruler">${texts}</g>\n`;
}

function fold({ parts }: StructPicture, { lines, bytes, part }: Extract<Row, { kind: "fold" }>, y: number): string {
  const within = part === undefined ? undefined : parts[part];
  const count = within?.elements?.count;
  const what = within === undefined ? "" : ` of ${within.name}`;
  const times = count === undefined || count === Infinity ? "" : ` (${count} elements)`;
  const text = `${lines} more lines${what}${times}, ${bytes} bytes`;
  return `<text class="fold" x="${LEFT}" y="${y + 14}">⋮ ${escaped(text)}</text>\n`;
}

interface At {
  readonly placing: Placing;
  readonly byte: number;
  readonly y: number;
}

function line({ parts }: StructPicture, { offset, cells, shared }: Extract<Row, { kind: "line" }>, at: At): string {
  const { y, byte } = at;
  const first = cells[0];
  const label = first === undefined ? "" : String(offset + first.from);
  let markup = `<text class="offset" x="${LEFT - 8}" y="${y + 17}">${label}</text>`;
  for (const cell of cells) markup += box(parts[cell.part] as Part, cell, at);
  const [from, to] = [first?.from ?? 0, cells.at(-1)?.to ?? 0];
  if (to > from)
    markup += `<path class="ticks${byte > BYTE ? " wide" : ""}" d="M${LEFT + from * byte} ${y + LINE_HEIGHT - 2}h${(to - from) * byte}"/>`;
  if (shared.length > 1) {
    const x = LEFT + LINE_BYTES * BYTE + 4;
    const why = `${shared.join(", ")} are written with atomics and share this line of the cache`;
    markup += `<g class="shared"><title>${escaped(why)}</title><rect x="${x}" y="${y}" width="4" height="${LINE_HEIGHT}"/><text x="${x + 9}" y="${y + 25}">!</text></g>`;
  }
  return `${markup}\n`;
}

function box(part: Part, cell: Cell, { placing, byte, y }: At): string {
  const [x, width] = [LEFT + cell.from * byte, (cell.to - cell.from) * byte];
  const id = partId(placing.id, cell.part);
  const isNobody = part.kind === "hole" || part.kind === "padding";
  const classes = [isNobody ? "hole" : `c${part.colour}`, ...(part.change === undefined ? [] : [part.change])];
  const rect = `<rect x="${x}" y="${y}" width="${width}" height="${LINE_HEIGHT}"/>`;
  const title = `<title>${escapedLines(partTitle(part))}</title>`;
  const body = title + rect + borders(cell, part, { x, y, byte }) + labels(part, cell, { x, y, width, byte });
  const linked = ` data-f="${placing.keys?.[cell.part] ?? id}"`;
  const own = cell.isFirst ? ` id="${id}"` : "";
  // One stop for the keyboard for each field, however many lines it takes.
  if (placing.links && cell.isFirst)
    return `<a href="#${id}-row"${own} class="${classes.join(" ")}"${linked}>${body}</a>`;
  return `<g class="${classes.join(" ")}"${placing.links ? linked : ""}>${body}</g>`;
}

/** What a part is, in a sentence. */
export function partTitle({ kind, name, type, offset, size, elements, about }: Part): string {
  const bytes = `${size} ${size === 1 ? "byte" : "bytes"}`;
  if (kind === "hole") return `hole, ${bytes} at ${offset}`;
  if (kind === "padding") return `padding, ${bytes} at ${offset}`;
  if (kind === "tail") return `${name}: ${type}, from ${offset} on, ${elements?.stride} bytes each`;
  return [`${name}: ${type}, ${bytes} at ${offset}`, ...about].join("\n");
}

/** Lines between elements that are wide enough to be told apart. */
function borders({ elements, from }: Cell, part: Part, { x, y, byte }: { x: number; y: number; byte: number }): string {
  if (part.elements === undefined || part.elements.stride < 2) return "";
  const lines = elements
    .filter(({ at }) => at > from)
    .map(({ at }) => `M${x + (at - from) * byte} ${y}v${LINE_HEIGHT}`)
    .join("");
  return lines === "" ? "" : `<path class="element" d="${lines}"/>`;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly byte: number;
}

/** The name and, below it, the type, or the indices of an array's elements; as much of each as there is room for. */
function labels(part: Part, cell: Cell, { x, y, width, byte }: Box): string {
  const name = cell.isFirst ? part.name : `… ${part.name}`;
  const isNobody = part.number === 0;
  const upper =
    fitting(name, width, true) ?? (isNobody || !cell.isFirst ? "" : (fitting(String(part.number), width, false) ?? ""));
  let markup = upper === "" ? "" : `<text x="${x + 4}" y="${y + 16}">${escaped(upper)}</text>`;
  const indices = part.elements === undefined ? [] : indicesOf(part.elements.stride * byte, cell);
  for (const { at, index } of indices) {
    markup += `<text class="lower" x="${x + (at - cell.from) * byte + 4}" y="${y + 31}">[${index}]</text>`;
  }
  if (indices.length > 0) return markup;
  const bytes = `${part.size} B`;
  const lower = cell.isFirst ? fitting(isNobody ? bytes : part.type, width, false) : undefined;
  return lower === undefined
    ? markup
    : `${markup}<text class="lower" x="${x + 4}" y="${y + 31}">${escaped(lower)}</text>`;
}

function indicesOf(width: number, { elements }: Cell): Cell["elements"] {
  return elements.filter(({ index }) => (String(index).length + 2) * CHAR + 6 <= width);
}

/** As much of a text as a box has room for: names differ at their ends, types at their beginnings. Undefined when it would say nothing. */
function fitting(text: string, width: number, keepEnd: boolean): string | undefined {
  const room = Math.floor((width - 6) / CHAR);
  const characters = [...text];
  if (characters.length <= room) return text;
  if (room < 4) return undefined;
  const end = keepEnd ? Math.floor((room - 1) / 2) : 0;
  return `${characters.slice(0, room - 1 - end).join("")}…${characters.slice(characters.length - end).join("")}`;
}
