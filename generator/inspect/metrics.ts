/**
 * The series of all `counters` of a region, read while others count: by the layout that the region describes, and as far as it keeps to the rules.
 * A place may be given to another series while it is read, so its stamp is read before and after it.
 */
import {
  boundOf,
  COUNTERS,
  histogramParts,
  HISTOGRAM,
  OWNER,
  SERIES,
  SERIES_KIND,
  type Labels,
  labelsText,
  parseSeriesKey,
} from "@shmgen/schema/containers";
import { HEADER_SIZE } from "@shmgen/schema/region-format";
import type { StructLayout } from "../layout/layout.js";
import { visitContainers } from "./counters.js";
import type { Inspected } from "./shown.js";
import { type ByteSource, InspectError } from "./source.js";

/** All series of one name and the same labels, added up. */
export interface Sample {
  readonly labels: Labels;
  /** Of a counter or gauge; of a histogram the sum of what was observed. */
  value: number;
  /** Of a histogram: how many values each bucket has, by its bound. */
  readonly buckets: Map<number, number>;
  /** Participants who count here now. */
  readonly owners: number[];
}

export type MetricKind = "counter" | "gauge" | "histogram";

/** All of one name. */
export interface Metric {
  readonly name: string;
  readonly kind: MetricKind;
  help: string;
  /** By their labels, as text. */
  readonly samples: Map<string, Sample>;
}

/** What a region counts. */
export interface Metrics {
  /** Containers that were found. */
  readonly containers: number;
  readonly metrics: ReadonlyMap<string, Metric>;
  /** Names that have something that is not shown, and why. */
  readonly refused: ReadonlyMap<string, string>;
  readonly isCut: boolean;
}

const KINDS: Readonly<Record<number, MetricKind>> = {
  [SERIES_KIND.counter]: "counter",
  [SERIES_KIND.gauge]: "gauge",
  [SERIES_KIND.histogram]: "histogram",
};
/** Looks at a place that is given to others all the time. */
const TRIES = 100;
/** Words of an entry that say whether it is still the same. */
const HEAD_SIZE = 16;
const decoder = new TextDecoder();

/**
 * By `live`, the region itself and no copy of it: what is read twice has to be read anew.
 * @throws InspectError "changed" when the region was made anew meanwhile
 */
export function metricsOf(region: Inspected, source: ByteSource, live: ByteSource): Metrics {
  const head = source.read(0, HEADER_SIZE);
  const metrics = new Map<string, Metric>();
  const refused = new Map<string, string>();
  let containers = 0;
  const isCut = visitContainers(region, ({ struct, offset }) => {
    if (struct.role.kind !== "container" || struct.role.container !== COUNTERS.word) return false;
    containers += 1;
    for (const series of seriesIn(struct, HEADER_SIZE + offset, live))
      if (!add(metrics, series)) refused.set(series.name, "is of two kinds; the first one is shown");
    return true;
  });
  for (const [name, { kind }] of metrics) {
    for (const part of kind === "histogram" ? histogramParts(name) : []) {
      if (metrics.delete(part)) refused.set(part, `is what the histogram ${name} has, which is shown`);
    }
  }
  // The copy may be older than what was read of the region itself.
  if (!Buffer.from(head).equals(live.read(0, HEADER_SIZE)))
    throw new InspectError("changed", "it was made anew meanwhile");
  return { containers, metrics, refused, isCut };
}

interface Series {
  readonly name: string;
  readonly labels: Labels;
  readonly kind: MetricKind;
  readonly help: string;
  readonly value: number;
  readonly buckets: readonly (readonly [bound: number, count: number])[];
  readonly owner: number | undefined;
}

function* seriesIn({ fields }: StructLayout, start: number, live: ByteSource): Generator<Series> {
  const [entries, buckets] = ["entries", "buckets"].map((name) => fields.find((field) => field.name === name));
  // A descriptor that calls something else so is somebody's who does not keep to the rules.
  if (entries?.size === undefined || buckets === undefined) return;
  const length = Math.floor(entries.size / SERIES.size);
  if (buckets.size < length * 8 * HISTOGRAM.buckets) return;
  const all = viewOf(live.read(start + entries.offset, entries.size));
  for (let index = 0; index < length; index += 1) {
    if (all.getUint32(index * SERIES.size + SERIES.state, true) === OWNER.free) continue;
    const found = readSeries(live, {
      entry: start + entries.offset + index * SERIES.size,
      buckets: start + buckets.offset + index * 8 * HISTOGRAM.buckets,
    });
    if (found !== undefined) yield found;
  }
}

interface Place {
  readonly entry: number;
  readonly buckets: number;
}

function readSeries(live: ByteSource, place: Place): Series | undefined {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = viewOf(live.read(place.entry, HEAD_SIZE));
    const state = before.getUint32(SERIES.state, true);
    if (state === OWNER.free) return undefined;
    const found = decode(live, place, state);
    const after = viewOf(live.read(place.entry, HEAD_SIZE));
    if (before.getUint32(SERIES.stamp, true) === after.getUint32(SERIES.stamp, true)) return found;
  }
  return undefined;
}

function decode(live: ByteSource, place: Place, state: number): Series | undefined {
  const bytes = live.read(place.entry, SERIES.size);
  const view = viewOf(bytes);
  const kind = KINDS[view.getUint32(SERIES.kind, true) & SERIES_KIND.mask];
  const key = parseSeriesKey(textAt(bytes, SERIES.key, SERIES.keySize));
  if (kind === undefined || key === undefined) return undefined;
  const help = textAt(bytes, SERIES.help, SERIES.helpSize);
  const value = view.getFloat64(SERIES.value, true);
  const buckets = kind === "histogram" ? bucketsAt(live, place) : [];
  return { ...key, kind, help, value, buckets, owner: state > OWNER.most ? undefined : state };
}

/** Counts that are none are somebody else's. */
function bucketsAt(live: ByteSource, { buckets }: Place): Series["buckets"] {
  const view = viewOf(live.read(buckets, 8 * HISTOGRAM.buckets));
  return Array.from(
    { length: HISTOGRAM.buckets },
    (_, index) => [index, view.getFloat64(8 * index, true)] as const,
  ).filter(([, count]) => Number.isSafeInteger(count) && count > 0);
}

function textAt(bytes: Uint8Array, offset: number, size: number): string {
  const text = bytes.subarray(offset, offset + size);
  const end = text.indexOf(0);
  return decoder.decode(end < 0 ? text : text.subarray(0, end));
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

/** False when another kind has the name. */
function add(metrics: Map<string, Metric>, { name, labels, kind, help, value, buckets, owner }: Series): boolean {
  let metric = metrics.get(name);
  if (metric === undefined) metrics.set(name, (metric = { name, kind, help, samples: new Map() }));
  if (metric.kind !== kind) return false;
  if (metric.help === "") metric.help = help;
  const key = labelsText(Object.entries(labels));
  let sample = metric.samples.get(key);
  if (sample === undefined) metric.samples.set(key, (sample = { labels, value: 0, buckets: new Map(), owners: [] }));
  sample.value += value;
  for (const [index, count] of buckets) sample.buckets.set(index, (sample.buckets.get(index) ?? 0) + count);
  if (owner !== undefined) sample.owners.push(owner);
  return true;
}

/** Bounds of a histogram with how many values are not above them: those that have something beside them, and the last one, Infinity. */
export function cumulative({ buckets }: Sample): {
  readonly bounds: readonly (readonly [le: number, count: number])[];
  readonly count: number;
} {
  const bounds: [number, number][] = [];
  let count = 0;
  for (let index = 0; index < HISTOGRAM.buckets - 1; index += 1) {
    count += buckets.get(index) ?? 0;
    // Without the bound below it, a bucket would seem to reach down to the last one that is printed.
    if (buckets.has(index) || buckets.has(index + 1)) bounds.push([boundOf(index), count]);
  }
  count += buckets.get(HISTOGRAM.buckets - 1) ?? 0;
  bounds.push([Infinity, count]);
  return { bounds, count };
}
