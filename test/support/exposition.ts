/**
 * A strict reader of Prometheus text format 0.0.4, written from prometheus.io/docs/instrumenting/exposition_formats, and not from what shmgen
 * prints. Throws at the first line that the format does not have.
 */

export interface Scraped {
  readonly type: string;
  readonly help: string | undefined;
  /** Values by the line's name and labels, as they are written. */
  readonly values: Map<string, number>;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABELS = /(?<label>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>(?:[^"\\\n]|\\\\|\\"|\\n)*)"/y;
const HELP = new RegExp(`^# HELP (?<name>${NAME}) (?<text>(?:[^\\\\\\n]|\\\\\\\\|\\\\n)*)$`);
const TYPE = new RegExp(`^# TYPE (?<name>${NAME}) (?<type>counter|gauge|histogram|summary|untyped)$`);
const SAMPLE = new RegExp(`^(?<name>${NAME})(?:\\{(?<labels>.*)\\})? (?<value>\\S+)$`);
const NUMBER = /^(?:NaN|[+-]Inf|[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)$/;

function labelsOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  LABELS.lastIndex = 0;
  for (let at = 0; at < text.length;) {
    LABELS.lastIndex = at;
    const { label = "", value = "" } = LABELS.exec(text)?.groups ?? {};
    if (label === "" || found.has(label)) throw new Error(`labels: ${text}`);
    found.set(label, value);
    at = LABELS.lastIndex;
    if (at < text.length && text[at] !== ",") throw new Error(`labels: ${text}`);
    at += 1;
  }
  return found;
}

function numberOf(text: string): number {
  if (!NUMBER.test(text)) throw new Error(`value: ${text}`);
  return text.endsWith("Inf") ? (text.startsWith("-") ? -Infinity : Infinity) : Number(text);
}

/** By the names of metrics. */
export function parseExposition(text: string): Map<string, Scraped> {
  const found = new Map<string, Scraped>();
  const helps = new Map<string, string>();
  let current: (Scraped & { readonly name: string }) | undefined;
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line does not end");
  for (const line of text.split("\n").slice(0, -1)) {
    const help = HELP.exec(line)?.groups;
    const type = TYPE.exec(line)?.groups;
    if (help !== undefined) {
      if (helps.has(help["name"] ?? "") || found.has(help["name"] ?? "")) throw new Error(`twice: ${line}`);
      helps.set(help["name"] ?? "", help["text"] ?? "");
    } else if (type !== undefined) {
      const { name = "", type: is = "" } = type;
      if (found.has(name)) throw new Error(`twice: ${line}`);
      current = { name, type: is, help: helps.get(name), values: new Map() };
      found.set(name, current);
    } else {
      const { name = "", labels = "", value = "" } = SAMPLE.exec(line)?.groups ?? {};
      if (current === undefined || name === "") throw new Error(`no sample: ${line}`);
      const suffixes = current.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
      if (!suffixes.some((suffix) => name === (current?.name ?? "") + suffix)) throw new Error(`of another: ${line}`);
      if (labelsOf(labels).has("le") !== name.endsWith("_bucket")) throw new Error(`le: ${line}`);
      const key = line.slice(0, line.lastIndexOf(" "));
      if (current.values.has(key)) throw new Error(`twice: ${line}`);
      current.values.set(key, numberOf(value));
    }
  }
  for (const [name, { type, values }] of found) if (type === "histogram") checkHistogram(name, values);
  return found;
}

/** Buckets rise with their bounds, and the last one is the count. */
function checkHistogram(name: string, values: ReadonlyMap<string, number>): void {
  const series = new Map<string, [le: number, count: number][]>();
  for (const [key, count] of values) {
    if (!key.startsWith(`${name}_bucket{`)) continue;
    const labels = labelsOf(key.slice(key.indexOf("{") + 1, -1));
    const le = numberOf(labels.get("le") ?? "");
    labels.delete("le");
    const own = [...labels].map(([label, value]) => `${label}="${value}"`).join(",");
    series.set(own, [...(series.get(own) ?? []), [le, count]]);
  }
  for (const [own, buckets] of series) {
    for (const [index, [le, count]] of buckets.entries()) {
      const [below, fewer] = buckets[index - 1] ?? [-Infinity, 0];
      if (le <= below || count < fewer) throw new Error(`${name}{${own}}: ${le} has ${count}`);
    }
    const [last, count] = buckets.at(-1) ?? [0, 0];
    const total = values.get(own === "" ? `${name}_count` : `${name}_count{${own}}`);
    if (last !== Infinity || total !== count) throw new Error(`${name}{${own}}: ${count} and ${total}`);
  }
}
