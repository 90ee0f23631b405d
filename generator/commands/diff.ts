/** `shmgen diff`: two layouts compared, each from a schema, lock file, commit, folder, version or live region. */
import { statSync } from "node:fs";
import { compareLayouts, sentenceOf, type Verdict } from "@shmgen/schema/evolution";
import { printable, printableJson } from "@shmgen/schema/printable";
import { compile } from "../compile.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { LOCK_NAME } from "../evolution/lock-name.js";
import { layoutsOf, type PublishedLayout } from "../evolution/published-layout.js";
import { projectLock, type Source, sourceNamed } from "../evolution/sources.js";
import { verdictLines } from "./verdict-text.js";
import { formatOf, type Invocation } from "./command.js";
import { CommandFailure, EXIT, usageFailure } from "../diagnostics/failure.js";
import { openProject, type Project, requireSchemas } from "./project.js";
import { regionPathOf } from "./regions.js";
import { escapeData, escapeProperty } from "../diagnostics/render.js";
import { coloured, reportDiagnostics } from "./report.js";
import { didYouMean } from "../diagnostics/suggest.js";

/** One region on both sides, or on one of them. */
interface Compared {
  readonly name: string;
  readonly older: PublishedLayout | undefined;
  readonly newer: PublishedLayout | undefined;
  readonly verdict: Verdict | undefined;
}

export async function run(invocation: Invocation): Promise<number> {
  const [first, second, superfluous] = invocation.positionals;
  if (first === undefined || superfluous !== undefined) {
    const hint = "shmgen diff HEAD~1; shmgen diff Car@1 Car@2; shmgen diff car-7";
    throw usageFailure("shmgen diff compares one or two layouts", hint);
  }
  const project = await openProject(invocation, []);
  const schema = lazily(() => schemaSource(invocation, project));
  const older = await sourceOf(first, invocation, project, schema);
  const newer = second === undefined ? await schema() : await sourceOf(second, invocation, project, schema);
  const compared = pairs(older, newer);
  const isClean = compared.every(({ verdict }) => verdict?.class === "identical" && verdict.changes.length === 0);
  tell(invocation, compared, [older.label, newer.label]);
  return isClean ? EXIT.clean : EXIT.findings;
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

async function schemaSource(invocation: Invocation, project: Project): Promise<Source> {
  requireSchemas(project);
  const { model, diagnostics, sources } = await compile({ ...project.compile, targets: [], customTargets: [] });
  reportDiagnostics(invocation, diagnostics, sources, project);
  if (model === undefined || hasErrors(diagnostics)) {
    throw new CommandFailure(EXIT.usage, "the schemas have errors, so there is nothing to compare with");
  }
  return { label: "schema", layouts: layoutsOf(model) };
}

/** What an argument names. Files and folders first, then published versions, regions of the schema, commits, live regions. */
async function sourceOf(
  text: string,
  invocation: Invocation,
  project: Project,
  schema: () => Promise<Source>,
): Promise<Source> {
  const version = /^(.+)@(\d+)$/.exec(text);
  if (version !== null) return publishedVersion(project, version[1] ?? "", Number(version[2]));
  const named = await sourceNamed(text, project.base, project);
  if (named !== undefined) return named;
  const layouts = project.schemas.length === 0 ? [] : (await schema()).layouts;
  const own = layouts.filter(({ name }) => name === text);
  if (own.length > 0) return { label: "schema", layouts: own };
  const live = await liveSource(text, invocation);
  if (live !== undefined) return live;
  const names = layouts.map(({ name }) => name);
  const hint = didYouMean(text, names) ?? "shmgen diff --help says what it takes";
  throw usageFailure(`'${text}' is no file, folder, commit, version or region`, hint);
}

/** A region by its own description, read as `inspect` reads it; undefined when there is no such file. */
async function liveSource(text: string, invocation: Invocation): Promise<Source | undefined> {
  // Names of regions, and paths; whatever else was meant is told by the caller.
  if (!/^[A-Za-z0-9][A-Za-z0-9._@-]*$/.test(text) && !text.includes("/")) return undefined;
  const path = await regionPathOf(invocation, text);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const { RegionFile } = await import("../inspect/region-file.js");
  const { inspectSteadily } = await import("../inspect/inspect-steadily.js");
  const file = new RegionFile(path);
  try {
    const result = inspectSteadily(
      () => file.source(),
      ({ model }) => layoutsOf(model, false),
    );
    if (!("why" in result)) return { label: `region ${text}`, layouts: result.value };
    throw new CommandFailure(EXIT.usage, `${path}: ${result.why}`, "shmgen inspect says more");
  } finally {
    file.close();
  }
}

function publishedVersion(project: Project, name: string, version: number): Source {
  const region = projectLock(project.root)?.get(name);
  const layout = region?.versions.get(version);
  if (layout !== undefined) return { label: LOCK_NAME, layouts: [layout] };
  const known = [...(region?.versions.keys() ?? [])].join(", ");
  const hint = known === "" ? "shmgen lock publishes the regions of the schema" : `published are versions ${known}`;
  throw usageFailure(`${LOCK_NAME} has no version ${version} of '${name}'`, hint);
}

/** By name, or by the type id of a region that was renamed. One region asked for alone leaves the others out. */
function pairs(older: Source, newer: Source): Compared[] {
  const rest = new Set(older.layouts);
  const compared = newer.layouts.map((layout): Compared => {
    const other =
      older.layouts.find(({ name }) => name === layout.name) ??
      older.layouts.find(({ region }) => region !== undefined && region.typeId === layout.region?.typeId);
    if (other !== undefined) rest.delete(other);
    const verdict = other && compareLayouts(other, layout);
    return { name: layout.name, older: other, newer: layout, verdict };
  });
  const gone = [...rest].map((layout): Compared => ({
    name: layout.name,
    older: layout,
    newer: undefined,
    verdict: undefined,
  }));
  const all = [...compared, ...gone];
  if (older.layouts.length !== 1 && newer.layouts.length !== 1) return all;
  const both = all.filter(({ verdict }) => verdict !== undefined);
  return both.length > 0 ? both : all;
}

function tell(invocation: Invocation, compared: readonly Compared[], labels: readonly [string, string]): void {
  const { terminal } = invocation;
  const format = formatOf(invocation);
  if (format === "json") {
    const regions = compared.map(({ name, older, newer, verdict }) => ({
      name,
      class: verdict?.class ?? (older === undefined ? "added" : "removed"),
      ...(older?.region !== undefined && { before: older.region }),
      ...(newer?.region !== undefined && { after: newer.region }),
      changes: verdict?.changes ?? [],
    }));
    terminal.out(`${printableJson({ before: labels[0], after: labels[1], regions }, 2)}\n`);
    return;
  }
  const colours = { identical: "green", compatible: "green", upgrade: "yellow", breaking: "red" } as const;
  const lines = compared.flatMap(({ name, older, newer, verdict }): string[] => {
    if (older === undefined || newer === undefined || verdict === undefined) {
      return [printable(`${name}: only in ${older === undefined ? labels[1] : labels[0]}`), ""];
    }
    if (verdict.changes.length === 0 && compared.length > 1) return [];
    const paint = (strength: keyof typeof colours, shown: string): string =>
      terminal.colourOut ? coloured(colours[strength], shown) : shown;
    return [...verdictLines([older, newer], verdict, labels, paint), ""];
  });
  if (format === "github") {
    for (const { name, verdict } of compared) {
      for (const change of verdict?.changes ?? []) {
        const level = change.class === "breaking" ? "error" : change.class === "upgrade" ? "warning" : "notice";
        terminal.out(
          `::${level} title=${escapeProperty(`${name} ${change.rule}`)}::${escapeData(sentenceOf(change))}\n`,
        );
      }
    }
    return;
  }
  terminal.out(lines.length === 0 ? "no differences\n" : `${lines.slice(0, -1).join("\n")}\n`);
}
