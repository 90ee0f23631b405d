/** `shmgen check`: schemas and published versions judged, generated files compared. Writes nothing. */
import { printable } from "@shmgen/schema/printable";
import type { CompileResult } from "../compile.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import type { RegionStanding, VersionReport } from "../evolution/check-versions.js";
import { compareOutput } from "../output.js";
import { formatOf, type Invocation } from "./command.js";
import { EXIT } from "../diagnostics/failure.js";
import { compileProject, orphansOf } from "./generate-project.js";
import { openProject, type Project, requireSchemas } from "./project.js";
import { countOf, type FileReport, githubFileError, reportDiagnostics, reportJson } from "./report.js";
import { shownPath } from "./shown-path.js";
import { checkPublished } from "./published.js";
import { shortDiff, wholeDiff } from "./shown-diff.js";
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
    // What it means comes first; how the text of files differs may be long.
    if (format === "text") tellVersions(invocation, versions);
    tell(invocation, files, findings);
  }
  return exitCode;
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
  const orphans = orphansOf(project, result, true);
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
  orphaned: "is left over: nothing generates it any more",
};

function tell(invocation: Invocation, files: readonly FileReport[], findings: readonly FileReport[]): void {
  const { terminal, flags } = invocation;
  if (formatOf(invocation) === "github") {
    for (const { path, status } of findings)
      terminal.out(githubFileError(path, "shmgen check", `${path} ${MEANING[status]}`));
    return;
  }
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
  if (flags.has("quiet")) return;
  for (const { diff = "" } of findings) terminal.out(flags.has("full") ? wholeDiff(diff) : shortDiff(diff));
}
