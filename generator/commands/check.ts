/** `shmgen check`: schemas and published versions judged, generated files compared. Writes nothing. */
import { printable, printableLines } from "@shmgen/schema/printable";
import type { CompileResult } from "../compile.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import type { RegionStanding, VersionReport } from "../evolution/check-versions.js";
import { compareOutput, findOrphans } from "../output.js";
import { formatOf, type Invocation, valueOf } from "./command.js";
import { EXIT, usageFailure } from "../diagnostics/failure.js";
import { compiledSchemas, compileProject } from "./generate-project.js";
import { openProject, type Project, requireSchemas } from "./project.js";
import { countOf, type FileReport, githubFileError, reportDiagnostics, reportJson } from "./report.js";
import { shownPath } from "./shown-path.js";
import { unifiedDiff } from "./unified-diff.js";

/** One thing that `check` looks after. It reports every file it looked at; `fresh` is the only good status. */
type Check = (project: Project, result: CompileResult) => readonly FileReport[];

/** All checks, in the order in which they are told. */
const CHECKS: readonly Check[] = [checkOutput];

export async function run(invocation: Invocation): Promise<number> {
  const project = await openProject(invocation, invocation.positionals);
  requireSchemas(project);
  const result = await compileProject(project);
  const versions = await checkPublished(invocation, project, result);
  const found = [...result.diagnostics, ...versions.diagnostics];
  const diagnostics = reportDiagnostics(invocation, found, result.sources, project);
  const failed = hasErrors(found);
  // Output of a schema that has to change anyway would only hide why.
  const files = failed ? [] : CHECKS.flatMap((check) => check(project, result));
  const findings = files.filter(({ status }) => status !== "fresh");
  const exitCode = failed || findings.length > 0 ? EXIT.findings : EXIT.clean;
  const format = formatOf(invocation);
  if (format === "json") reportJson(invocation, { exitCode, files, diagnostics, regions: versions.standings });
  else if (!failed) {
    tell(invocation, files, findings);
    if (format === "text") tellVersions(invocation, versions);
  }
  return exitCode;
}

const NOTHING: VersionReport = { diagnostics: [], standings: [], gone: [] };

/** The schemas against what was published: the lock file, or what `--against` names. */
async function checkPublished(invocation: Invocation, project: Project, result: CompileResult): Promise<VersionReport> {
  const { model } = result;
  if (model === undefined || hasErrors(result.diagnostics)) return NOTHING;
  const against = valueOf(invocation, "against");
  const { projectLock, publishedNamed } = await import("../evolution/sources.js");
  const { LOCK_NAME } = await import("../evolution/lock-file.js");
  const published =
    against === undefined ? projectLock(project.root) : await publishedNamed(against, project.base, project);
  if (published === undefined) {
    if (against === undefined) return NOTHING;
    const hint = "it takes a commit of git, a lock file, or a folder with schemas";
    throw usageFailure(`--against ${against}: there is no such thing to compare with`, hint);
  }
  const { checkVersions } = await import("../evolution/check-versions.js");
  const { layoutsOf } = await import("../evolution/published-layout.js");
  const report = checkVersions(layoutsOf(model), published, against ?? LOCK_NAME);
  // Schemas named one by one are not all there are.
  return invocation.positionals.length > 0 ? { ...report, gone: [] } : report;
}

function tellVersions({ terminal, flags, values }: Invocation, { standings, gone }: VersionReport): void {
  if (flags.has("quiet")) return;
  for (const standing of standings.filter(({ status }) => status === "unpublished")) {
    terminal.out(`${printable(unpublishedText(standing))}\n`);
  }
  const source = values.get("against")?.at(-1) ?? "shmgen.lock.json";
  for (const name of gone) terminal.out(printable(`${name} is in ${source}, but in no schema`) + "\n");
}

function unpublishedText({ name, version, previous }: RegionStanding): string {
  const verdict = previous === undefined ? "" : `; from version ${previous.version}: ${previous.verdict.class}`;
  return `${name} version ${version} is not published yet${verdict}`;
}

/** What would be generated against what stands on disk. */
function checkOutput(project: Project, result: CompileResult): FileReport[] {
  const { base, root } = project;
  const compared = compareOutput(root, result.files);
  const orphans = findOrphans(root, result.files, compiledSchemas(project, result), project.allTargets);
  return [...compared, ...orphans].map(({ path, status, before, after }): FileReport => {
    const shown = shownPath(base, root, path);
    if (status === "fresh") return { path: shown, status };
    // All of a left-over file would be taken away; its name says enough.
    if (status === "orphan") return { path: shown, status: "orphaned" };
    const diff = unifiedDiff(before ?? "", after ?? "", {
      before: before === undefined ? "/dev/null" : `a/${printable(shown)}`,
      after: `b/${printable(shown)}`,
    });
    return { path: shown, status, diff };
  });
}

const MEANING: Partial<Record<FileReport["status"], string>> = {
  stale: "is outdated",
  missing: "is missing",
  foreign: "is not what shmgen generates, and shmgen did not write it",
  orphaned: "is left over: its schema or target is gone",
};

/** A difference for people: what a file has been given by others may hold anything. `--format json` has it unchanged. */
function shownDiff(diff: string): string {
  return diff.split("\t").map(printableLines).join("\t");
}

function tell(invocation: Invocation, files: readonly FileReport[], findings: readonly FileReport[]): void {
  const { terminal, flags } = invocation;
  if (formatOf(invocation) === "github") {
    for (const { path, status } of findings)
      terminal.out(githubFileError(path, "shmgen check", `${path} ${MEANING[status]}`));
    return;
  }
  if (!flags.has("quiet")) for (const { diff = "" } of findings) terminal.out(shownDiff(diff));
  for (const { path, status } of findings) terminal.err(`shmgen: file '${printable(path)}' ${MEANING[status]}\n`);
  if (findings.length === 0) {
    if (!flags.has("quiet")) terminal.out(`${countOf(files.length, "file")} up to date\n`);
    return;
  }
  const clean = findings.some(({ status }) => status === "orphaned") ? " --clean" : "";
  const force = findings.some(({ status }) => status === "foreign") ? " --force" : "";
  terminal.err(
    `${findings.length} of ${countOf(files.length, "file")} not up to date; shmgen generate${clean}${force} mends it\n`,
  );
}
