import type { CompileResult } from "../compile.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { compareOutput, findOrphans } from "../output.js";
import { formatOf, type Invocation } from "./command.js";
import { EXIT } from "./failure.js";
import { compiledSchemas, compileProject } from "./generate-project.js";
import { openProject, type Project, requireSchemas, shownPath } from "./project.js";
import { countOf, type FileReport, githubFileError, reportDiagnostics, reportJson } from "./report.js";
import { unifiedDiff } from "./unified-diff.js";

/** One thing that `check` looks after. It reports every file it looked at; `fresh` is the only good status. */
type Check = (project: Project, result: CompileResult) => readonly FileReport[];

/** All checks, in the order in which they are told. */
const CHECKS: readonly Check[] = [checkOutput];

export async function run(invocation: Invocation): Promise<number> {
  const project = await openProject(invocation, invocation.positionals);
  requireSchemas(project);
  const result = await compileProject(project);
  const diagnostics = reportDiagnostics(invocation, result.diagnostics, result.sources, project);
  const failed = hasErrors(result.diagnostics);
  const files = failed ? [] : CHECKS.flatMap((check) => check(project, result));
  const findings = files.filter(({ status }) => status !== "fresh");
  const exitCode = failed || findings.length > 0 ? EXIT.findings : EXIT.clean;
  const format = formatOf(invocation);
  if (format === "json") reportJson(invocation, { exitCode, files, diagnostics });
  else if (!failed) tell(invocation, files, findings);
  return exitCode;
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
      before: before === undefined ? "/dev/null" : `a/${shown}`,
      after: `b/${shown}`,
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

function tell(invocation: Invocation, files: readonly FileReport[], findings: readonly FileReport[]): void {
  const { terminal, flags } = invocation;
  if (formatOf(invocation) === "github") {
    for (const { path, status } of findings)
      terminal.out(githubFileError(path, "shmgen check", `${path} ${MEANING[status]}`));
    return;
  }
  if (!flags.has("quiet")) for (const { diff = "" } of findings) terminal.out(diff);
  for (const { path, status } of findings) terminal.err(`shmgen: file '${path}' ${MEANING[status]}\n`);
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
