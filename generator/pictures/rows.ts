/** Parts of a struct -> lines of 64 bytes. What repeats itself is folded, so that a picture of a terabyte is as long as one of a page. */
import { CACHE_LINE } from "../layout/limits.js";
import type { Cell, Part, Row } from "./picture.js";

/** Lines of a picture; what comes after them is one fold. */
export const LINES_MAX = 256;
/** Lines of one part before it is folded: the first two and the last one are shown. */
const FIRST_LINES = 2;
/** A fold hides at least as many lines; it takes the room of one itself. */
const FOLD_MIN = 2;

/**
 * The rows of a picture. `start`: where the struct begins in its file, in bytes, which says where lines begin. `shared` has names by
 * the number of the line in the file.
 */
export function rowsOf(parts: readonly Part[], start: number, shared: ReadonlyMap<number, readonly string[]>): Row[] {
  const lineOf = (offset: number): number => Math.floor((start + offset) / CACHE_LINE);
  const wanted = wantedLines(parts, lineOf);
  const rows: Row[] = [];
  /** The first part that may reach into the line at hand. */
  let from = 0;
  for (const [at, line] of wanted.slice(0, LINES_MAX).entries()) {
    const before = wanted[at - 1];
    if (before !== undefined && line > before + 1) {
      const lines = line - before - 1;
      rows.push({ kind: "fold", lines, bytes: lines * CACHE_LINE, part: from });
    }
    const offset = line * CACHE_LINE - start;
    const cells: Cell[] = [];
    for (let index = from; index < parts.length; index += 1) {
      const part = parts[index] as Part;
      if (part.offset >= offset + CACHE_LINE) break;
      if (part.offset + part.size <= offset) continue;
      cells.push(cellOf(part, index, offset));
    }
    from = cells.at(-1)?.part ?? from;
    rows.push({ kind: "line", offset, cells, shared: shared.get(line) ?? [] });
  }
  const cut = wanted[LINES_MAX - 1];
  const last = wanted.at(-1);
  if (cut !== undefined && last !== undefined && last > cut) {
    rows.push({ kind: "fold", lines: last - cut, bytes: (last - cut) * CACHE_LINE, part: undefined });
  }
  return rows;
}

/** Numbers of the lines that are drawn, in order: those in which a part begins or ends. */
function wantedLines(parts: readonly Part[], lineOf: (offset: number) => number): number[] {
  const wanted = new Set<number>();
  for (const { offset, size } of parts) {
    if (size === 0) continue;
    const [first, last] = [lineOf(offset), lineOf(offset + size - 1)];
    const isShort = last - first + 1 < FIRST_LINES + 1 + FOLD_MIN;
    for (let line = first; line <= (isShort ? last : first + FIRST_LINES - 1); line += 1) wanted.add(line);
    wanted.add(last);
  }
  return [...wanted].sort((a, b) => a - b);
}

function cellOf(part: Part, index: number, line: number): Cell {
  const begin = Math.max(part.offset, line);
  const end = Math.min(part.offset + part.size, line + CACHE_LINE);
  const elements: { at: number; index: number }[] = [];
  if (part.elements !== undefined) {
    const { stride } = part.elements;
    for (let at = Math.ceil((begin - part.offset) / stride); part.offset + at * stride < end; at += 1) {
      elements.push({ at: part.offset + at * stride - line, index: at });
    }
  }
  return {
    part: index,
    from: begin - line,
    to: end - line,
    isFirst: begin === part.offset,
    isLast: end === part.offset + part.size,
    elements,
  };
}
