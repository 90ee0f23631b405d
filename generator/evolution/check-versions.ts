/** What a schema may not do to the versions that were published before it. Pure. */
import { compareLayouts, type Change, sentenceOf, type Verdict } from "@shmgen/schema/evolution";
import { report } from "../diagnostics/codes.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { SourceSpan } from "../ir/ir.js";
import type { Published, PublishedRegion } from "./lock-file.js";
import type { PublishedLayout } from "./published-layout.js";

/** How a region of the schema stands to what was published. */
export interface RegionStanding {
  readonly name: string;
  readonly version: number;
  /** "published": as it stands. "changed": forbidden. "unpublished": a new version, or a new region. */
  readonly status: "published" | "changed" | "unpublished";
  /** The newest published version before this one, and the verdict against it. */
  readonly previous: { readonly version: number; readonly verdict: Verdict } | undefined;
}

/** Problems, and how each region stands. */
export interface VersionReport {
  readonly diagnostics: readonly Diagnostic[];
  readonly standings: readonly RegionStanding[];
  /** Regions that were published, and that the schema has no more. */
  readonly gone: readonly string[];
}

/** `source` names what was published, for messages: `"shmgen.lock.json"`. */
export function checkVersions(
  layouts: readonly PublishedLayout[],
  published: Published,
  source: string,
): VersionReport {
  const diagnostics: Diagnostic[] = [];
  const standings: RegionStanding[] = [];
  const seen = new Map<string, PublishedLayout>();
  const met = new Set<string>();
  for (const layout of layouts) {
    if (layout.region === undefined) continue;
    const twin = seen.get(layout.name);
    if (twin !== undefined) {
      const facts = { name: layout.name, other: twin.struct?.file ?? "" };
      diagnostics.push(report("SHM5006", facts, { span: layout.struct?.span }));
      continue;
    }
    seen.set(layout.name, layout);
    const region = regionOf(layout, published);
    if (region !== undefined) met.add(region.name);
    standings.push(standingOf(layout, region, source, diagnostics));
  }
  const gone = [...published.keys()].filter((name) => !met.has(name));
  return { diagnostics, standings, gone };
}

/** What was published of a region: by name, or by the type id of a region that was renamed. */
export function regionOf({ name, region }: PublishedLayout, published: Published): PublishedRegion | undefined {
  return published.get(name) ?? [...published.values()].find(({ typeId }) => typeId === region?.typeId);
}

function standingOf(
  layout: PublishedLayout,
  known: PublishedRegion | undefined,
  source: string,
  diagnostics: Diagnostic[],
): RegionStanding {
  const { name, region, fingerprint } = layout;
  const { version = 0, readableFrom = 0, typeId = 0 } = region ?? {};
  const where = { span: versionSpanOf(layout) };
  const versions = [...(known?.versions.keys() ?? [])];
  const before = versions.findLast((other) => other < version);
  const earlier = before === undefined ? undefined : known?.versions.get(before);
  const previous =
    before === undefined || earlier === undefined
      ? undefined
      : { version: before, verdict: compareLayouts(earlier, layout) };
  const standing = (status: RegionStanding["status"]): RegionStanding => ({ name, version, status, previous });
  if (known === undefined) return standing("unpublished");
  if (known.typeId !== typeId) {
    diagnostics.push(report("SHM5004", { name, typeId, before: known.typeId, source }, where));
    return standing("changed");
  }
  const same = known.versions.get(version);
  if (same !== undefined && same.fingerprint !== fingerprint) {
    diagnostics.push(changed(same, layout, source));
    return standing("changed");
  }
  if (same !== undefined) {
    const promised = same.region?.readableFrom ?? version;
    if (promised === readableFrom) return standing("published");
    diagnostics.push(report("SHM5005", { name, version, readableFrom, before: promised, source }, where));
    return standing("changed");
  }
  const newest = versions.at(-1) ?? 0;
  if (newest > version) diagnostics.push(report("SHM5002", { name, version, newest, source }, where));
  diagnostics.push(...brokenPromises(layout, known));
  return standing("unpublished");
}

function changed(published: PublishedLayout, layout: PublishedLayout, source: string): Diagnostic {
  const { changes } = compareLayouts(published, layout);
  const told = changes.filter(({ rule }) => rule !== "version-unchanged" && rule !== "docs-changed");
  const [first] = told;
  const facts = {
    name: layout.name,
    version: layout.region?.version ?? 0,
    source,
    difference: first === undefined ? "the fingerprint differs" : sentenceOf(first),
    further: Math.max(0, told.length - 1),
    fits: told.every(({ class: strength }) => strength === "identical" || strength === "compatible"),
  };
  const related = told.slice(0, RELATED_MAX).map((change) => relatedOf(change, layout));
  return report("SHM5001", facts, { span: versionSpanOf(layout), related });
}

/** So many places stand beside a diagnostic; `shmgen diff` shows all. */
const RELATED_MAX = 5;

function relatedOf(change: Change, { struct }: PublishedLayout): Diagnostic["related"][number] {
  const field = struct?.fields.find(({ name }) => change.path === `${struct.name}.${name}`);
  return { message: `${change.rule}: ${sentenceOf(change)}`, span: field?.span };
}

function brokenPromises(layout: PublishedLayout, { versions }: PublishedRegion): Diagnostic[] {
  const { name, region } = layout;
  const { version = 0, readableFrom = 0 } = region ?? {};
  // The newest one that the promise breaks is the one to name: readableFrom has to be above it.
  for (const [older, published] of [...versions].reverse()) {
    if (older >= version || older < readableFrom) continue;
    const { changes } = compareLayouts(published, layout);
    const broken = changes.filter(({ class: strength }) => strength === "upgrade" || strength === "breaking");
    const [first] = broken;
    if (first === undefined) continue;
    const facts = { name, version, readableFrom, older, difference: sentenceOf(first), further: broken.length - 1 };
    const related = broken.slice(0, RELATED_MAX).map((change) => relatedOf(change, layout));
    return [report("SHM5003", facts, { span: versionSpanOf(layout), related })];
  }
  return [];
}

/** Where the version of a region is written. */
function versionSpanOf({ struct, versionSpan }: PublishedLayout): SourceSpan | undefined {
  return versionSpan ?? struct?.span;
}
