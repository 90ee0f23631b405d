/** Metrics as text: Prometheus text exposition format 0.0.4, prometheus.io/docs/instrumenting/exposition_formats. And as JSON. */
import { labelsText } from "@shmgen/schema/containers";
import { cumulative, type Metric, type Metrics, type Sample } from "./metrics.js";

export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** All of them, a line each; nothing without any. */
export function expositionOf({ metrics }: Metrics): string {
  return sorted(metrics)
    .map((metric) => metricText(metric))
    .join("");
}

function metricText({ name, kind, help, samples }: Metric): string {
  const about = help === "" ? [] : [`# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`];
  const lines = sortedSamples(samples).flatMap((sample) =>
    kind === "histogram" ? histogramLines(name, sample) : [`${name}${textOf(sample)} ${numberText(sample.value)}`],
  );
  return [...about, `# TYPE ${name} ${kind}`, ...lines].map((line) => `${line}\n`).join("");
}

function histogramLines(name: string, sample: Sample): string[] {
  const { bounds, count } = cumulative(sample);
  const buckets = bounds.map(([le, below]) => `${name}_bucket${textOf(sample, ["le", numberText(le)])} ${below}`);
  const own = textOf(sample);
  return [...buckets, `${name}_sum${own} ${numberText(sample.value)}`, `${name}_count${own} ${count}`];
}

const textOf = ({ labels }: Sample, ...more: readonly (readonly [string, string])[]): string =>
  labelsText([...Object.entries(labels), ...more]);

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

/** For programs. What JSON has no number for is text. */
export function metricsJson({ metrics }: Metrics): unknown {
  return sorted(metrics).map(({ name, kind, help, samples }) => {
    const series = sortedSamples(samples).map((sample) =>
      Object.assign({ labels: sample.labels }, valuesJson(kind, sample), { owners: sample.owners }),
    );
    return help === "" ? { name, kind, series } : { name, kind, help, series };
  });
}

function valuesJson(kind: Metric["kind"], sample: Sample): object {
  if (kind !== "histogram") return { value: numberJson(sample.value) };
  const { bounds, count } = cumulative(sample);
  return {
    buckets: bounds.map(([le, below]) => ({ le: numberJson(le), count: below })),
    count,
    sum: numberJson(sample.value),
  };
}

const numberJson = (value: number): number | string => (Number.isFinite(value) ? value : numberText(value));

const byKey = ([first]: readonly [string, unknown], [second]: readonly [string, unknown]): number =>
  first < second ? -1 : 1;
const sorted = (metrics: Metrics["metrics"]): Metric[] => [...metrics].sort(byKey).map(([, metric]) => metric);
const sortedSamples = (samples: Metric["samples"]): Sample[] => [...samples].sort(byKey).map(([, sample]) => sample);
