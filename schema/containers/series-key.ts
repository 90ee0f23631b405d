/**
 * Names of series as Prometheus writes them: `http_requests_total{method="GET",worker="3"}`, the labels in the order of their names, so that
 * one series has one text. Source: prometheus.io/docs/concepts/data_model and the text format 0.0.4. Pure; compiled into both packages.
 */

/** Labels by their names. */
export type Labels = Readonly<Record<string, string>>;

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n" };
const PLAIN: Readonly<Record<string, string>> = { "\\": "\\", '"': '"', n: "\n" };

/** What Prometheus puts behind the name of a histogram, for the values that it has. */
const HISTOGRAM_PARTS = ["_bucket", "_count", "_sum"] as const;

/** Names of what a histogram has: `a_bucket`, `a_count`, `a_sum`. */
export const histogramParts = (name: string): string[] => HISTOGRAM_PARTS.map((part) => name + part);

/** The histogram whose part would have this name, `a` of `a_sum`. */
export function histogramOfPart(name: string): string | undefined {
  const part = HISTOGRAM_PARTS.find((one) => name.endsWith(one) && name.length > one.length);
  return part === undefined ? undefined : name.slice(0, -part.length);
}

export const isMetricName = (text: unknown): text is string => typeof text === "string" && NAME.test(text);

/** Not those that begin with two underscores, which Prometheus keeps for itself, nor the ones that it gives to buckets and quantiles. */
export function isLabelName(text: string): boolean {
  return LABEL.test(text) && !text.startsWith("__") && text !== "le" && text !== "quantile";
}

/** Text that can be kept: whole characters, and no zero, which ends it in memory. */
export const isLabelValue = (text: unknown): text is string =>
  typeof text === "string" && !text.includes("\0") && !/\p{Surrogate}/u.test(text);

/** `{method="GET",worker="3"}`; nothing without labels. */
export function labelsText(labels: Iterable<readonly [name: string, value: string]>): string {
  const pairs = [...labels].map(
    ([name, value]) => `${name}="${value.replaceAll(/[\\"\n]/g, (one) => ESCAPES[one] as string)}"`,
  );
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

/** The text of a series, whose name and labels have been found right. */
export function seriesKey(name: string, labels: Labels): string {
  const sorted = Object.entries(labels).sort(([first], [second]) => (first < second ? -1 : 1));
  return name + labelsText(sorted);
}

/** What a text says; undefined for one that nobody writes who keeps to the rules. */
export function parseSeriesKey(text: string): { readonly name: string; readonly labels: Labels } | undefined {
  const brace = text.indexOf("{");
  const name = brace < 0 ? text : text.slice(0, brace);
  const labels: Record<string, string> = Object.create(null) as Record<string, string>;
  if (brace >= 0) {
    const pair = /(?<label>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>(?:[^"\\\n\0]|\\[\\"n])*)"(?<end>[,}])/y;
    pair.lastIndex = brace + 1;
    for (let end = ","; end === ",";) {
      const groups = pair.exec(text)?.groups;
      if (groups === undefined) return undefined;
      const { label = "", value = "" } = groups;
      labels[label] = value.replaceAll(/\\(.)/g, (_, one: string) => PLAIN[one] as string);
      end = groups["end"] ?? "}";
    }
    if (pair.lastIndex !== text.length) return undefined;
  }
  const isRight =
    isMetricName(name) && Object.entries(labels).every(([label, value]) => isLabelName(label) && isLabelValue(value));
  // Out of order, or with a label twice, it would be a second text of one series.
  return isRight && seriesKey(name, labels) === text ? { name, labels: { ...labels } } : undefined;
}
