/** A region as one JSON document, written piece by piece. */
import { type Surroundings, shownMembers } from "./facts.js";
import type { ForeignShown, Inspected } from "./shown.js";
import { jsonText, valueJson } from "./values.js";
import type { Event } from "./walk.js";

/** How to write it. */
export interface JsonOptions {
  /** On one line. */
  readonly compact?: boolean;
  /** `fields` with whole paths instead of `values`. */
  readonly flat?: boolean;
  /** Members at the beginning, as JSON text. */
  readonly first?: readonly [name: string, json: string][];
}

/** Pieces of `{ ...header, region, values, cut }`. `""` comes where nothing is to be printed. */
export function* jsonPieces(
  events: Iterable<Event>,
  shown: Inspected | ForeignShown,
  about: Surroundings,
  { compact = false, flat = false, first = [] }: JsonOptions = {},
): Generator<string> {
  const line = (depth: number): string => (compact ? "" : `\n${"  ".repeat(depth)}`);
  const colon = compact ? ":" : ": ";
  const members = [...first, ...shownMembers(shown, about)];
  yield "{";
  for (const [key, json] of members) yield `${line(1)}"${key}"${colon}${json},`;
  yield `${line(1)}"${flat ? "fields" : "values"}"${colon}{`;
  const cut: string[] = [];
  const open: { readonly isList: boolean; count: number }[] = [{ isList: false, count: 0 }];
  const member = (key: string): string => {
    const top = open.at(-1) as (typeof open)[number];
    top.count += 1;
    return `${top.count > 1 ? "," : ""}${line(open.length + 1)}${top.isList ? "" : `${jsonText(key)}${colon}`}`;
  };
  for (const event of events) {
    switch (event.kind) {
      case "struct":
      case "bits":
      case "array": {
        const isList = event.kind === "array";
        yield `${member(event.name)}${isList ? "[" : "{"}`;
        open.push({ isList, count: 0 });
        break;
      }
      case "close": {
        const { isList, count } = open.pop() as (typeof open)[number];
        yield `${count === 0 ? "" : line(open.length + 1)}${isList ? "]" : "}"}`;
        break;
      }
      case "value": {
        const { value, path } = event;
        if ("more" in value && value.more > 0) cut.push(`{"path":${jsonText(path)},"bytes":${value.more}}`);
        if (value.kind === "hidden") cut.push(`{"path":${jsonText(path)},"why":${jsonText(value.why)}}`);
        yield `${member(flat ? path : event.name)}${valueJson(value)}`;
        break;
      }
      case "more":
        cut.push(`{"path":${jsonText(event.path)},"shown":${event.shown},"elements":${event.count}}`);
        break;
      case "stop":
        cut.push(`{"path":"","why":"too many values"}`);
        break;
      case "tick":
        yield "";
    }
  }
  yield `${open[0]?.count === 0 ? "" : line(1)}},${line(1)}"cut"${colon}[`;
  yield cut.map((one) => `${line(2)}${one}`).join(",");
  yield `${cut.length === 0 ? "" : line(1)}]${line(0)}}\n`;
}

/** The document about a region that cannot be shown. */
export function unreadableJson(members: readonly (readonly [string, string])[], compact = false): string {
  if (compact) return `{${members.map(([name, json]) => `"${name}":${json}`).join(",")}}\n`;
  return `{\n${members.map(([name, json]) => `  "${name}": ${json}`).join(",\n")}\n}\n`;
}
