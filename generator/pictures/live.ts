/**
 * A region's fields as they change, for a page: what one look has found as rows, and what to send of it.
 *
 *   events of inspect's walk -> rows -> a message with all of them, or with those that changed
 */
import { jsonText, safeText, type Value, valueJson, valueText } from "../inspect/values.js";
import type { Event } from "../inspect/walk.js";

/** One value. */
export interface LiveRow {
  readonly path: string;
  readonly type: string;
  /** From the start of the payload, in bytes. */
  readonly offset: number;
  /** As `shmgen inspect --json` has it. */
  readonly json: string;
  /** For people. */
  readonly text: string;
  /** Whether it is a number that a line can be drawn of. */
  readonly isNumber: boolean;
}

/** The values of one look, in the order of the region; what is not looked at is a row that says so. */
export function liveRows(events: Iterable<Event>): LiveRow[] {
  const rows: LiveRow[] = [];
  const remark = (path: string, type: string, offset: number, text: string): void => {
    rows.push({ path: safeText(path), type, offset, json: "null", text, isNumber: false });
  };
  for (const event of events) {
    if (event.kind === "value") {
      const { path, type, offset, value } = event;
      const [json, text] = [valueJson(value), valueText(value)];
      rows.push({ path: safeText(path), type, offset, json, text, isNumber: isDrawn(value) });
    } else if (event.kind === "more") {
      remark(event.path, event.type, event.offset, `${event.count} more elements; --fields GLOB chooses some`);
    } else if (event.kind === "stop") remark("", "", 0, "there are more values; --fields GLOB chooses some");
  }
  return rows;
}

function isDrawn({ kind }: Value): boolean {
  return kind === "integer" || kind === "float";
}

/** Everything, for a page that knows nothing yet. `about`: which region it is of. */
export function allMessage(about: string, rows: readonly LiveRow[]): string {
  const list = rows.map(({ path, type, offset, json, text, isNumber }) => {
    const parts = [jsonText(path), jsonText(type), String(offset), json, jsonText(text), String(isNumber)];
    return `[${parts.join(",")}]`;
  });
  return `{"kind":"rows","about":${jsonText(about)},"rows":[${list.join(",")}]}`;
}

/** What is another value now; undefined when the rows are others, so that all of them have to be sent. */
export function changesMessage(before: readonly LiveRow[], after: readonly LiveRow[]): string | undefined {
  if (before.length !== after.length) return undefined;
  const changes: string[] = [];
  for (const [index, row] of after.entries()) {
    const old = before[index] as LiveRow;
    if (old.path !== row.path || old.type !== row.type || old.offset !== row.offset) return undefined;
    if (old.text !== row.text || old.json !== row.json) changes.push(`[${index},${row.json},${jsonText(row.text)}]`);
  }
  return `{"kind":"changes","changes":[${changes.join(",")}]}`;
}

/** What happened to the region. `over`: nothing will follow. */
export function noticeMessage(text: string, over: boolean): string {
  return `{"kind":"notice","text":${jsonText(text)},"over":${over}}`;
}
