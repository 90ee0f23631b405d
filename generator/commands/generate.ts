import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import { compile, type CompileResult } from "../compile.js";
import { toSlashes } from "../config/glob.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { compareOutput, findOrphans, type OutputFile, removeOutput, sweepTemporaries, writeOutput } from "../output.js";
import { formatOf, type Invocation } from "./command.js";
import { CommandFailure, EXIT, usageFailure } from "./failure.js";
import { openProject, type Project, requireSchemas, shownPath } from "./project.js";
import { coloured, countOf, type FileReport, githubFileError, reportDiagnostics, reportJson } from "./report.js";

/** Compiles and makes sure of what every command with output relies on. */
export async function compileProject(project: Project): Promise<CompileResult> {
  // A turn of the event loop between the long steps lets Ctrl-C take effect.
  await setImmediate();
  const result = await compile(project.compile);
  await setImmediate();
  const { base, root } = project;
  const seen = new Set<string>();
  for (const { path } of result.files) {
    if (seen.has(path)) {
      throw usageFailure(
        `two schemas would both be written to ${shownPath(base, root, path)}`,
        "keep their folders apart: --out 'DIR/{dir}', or out in the config",
      );
    }
    seen.add(path);
  }
  return result;
}

/** Schemas whose output a run has made: those asked for and those they import. */
export function compiledSchemas(project: Project, result: CompileResult): ReadonlySet<string> {
  return new Set([...project.schemas, ...result.sources.keys()].map(toSlashes));
}

export interface GenerateOutcome {
  readonly exitCode: number;
  readonly files: readonly FileReport[];
  readonly ms: number;
}

export async function run(invocation: Invocation): Promise<number> {
  if (invocation.flags.has("watch")) {
    if (invocation.flags.has("dry-run")) throw usageFailure("--watch and --dry-run exclude each other");
    const { watch } = await import("./watch.js");
    return watch(invocation);
  }
  const project = await openProject(invocation, invocation.positionals);
  requireSchemas(project);
  const outcome = await generate(invocation, project);
  if (formatOf(invocation) === "text" && outcome.exitCode === EXIT.clean && !invocation.flags.has("quiet")) {
    invocation.terminal.out(`${summary(outcome, invocation.flags.has("dry-run"))}\n`);
  }
  return outcome.exitCode;
}

/** One run: compile, write, tell. */
export async function generate(invocation: Invocation, project: Project): Promise<GenerateOutcome> {
  const started = performance.now();
  const { terminal } = invocation;
  const { base, root } = project;
  for (const folder of project.unreadable)
    terminal.err(`shmgen: warning: cannot search ${folder}: permission denied\n`);
  const result = await compileProject(project);
  const failed = hasErrors(result.diagnostics);
  const diagnostics = reportDiagnostics(invocation, result.diagnostics, result.sources, project);
  const files = failed ? [] : await bringUpToDate(invocation, project, result);
  const exitCode = failed ? EXIT.findings : EXIT.clean;
  if (formatOf(invocation) === "json") reportJson(invocation, { exitCode, files, diagnostics });
  if (formatOf(invocation) === "github") {
    for (const { path, status } of files) {
      if (status === "orphaned") terminal.out(githubFileError(shownPath(base, root, path), "orphaned", ORPHAN));
    }
  }
  return { exitCode, files, ms: performance.now() - started };
}

const ORPHAN = "its schema or target is gone; shmgen generate --clean removes it";

async function bringUpToDate(invocation: Invocation, project: Project, result: CompileResult): Promise<FileReport[]> {
  const { flags } = invocation;
  const { base, root } = project;
  const compared = compareOutput(root, result.files);
  const foreign = compared.filter(({ status }) => status === "foreign");
  if (foreign.length > 0 && !flags.has("force")) throw foreignFailure(foreign, project);
  const orphans = findOrphans(root, result.files, compiledSchemas(project, result), project.allTargets);
  const dryRun = flags.has("dry-run");
  if (!dryRun)
    sweepTemporaries(
      root,
      result.files.map(({ path }) => path),
    );

  const reports: FileReport[] = [];
  const tell = (report: FileReport): void => {
    reports.push(report);
    if (report.status !== "unchanged") printFile(invocation, report);
  };
  for (const { path, status, after = "" } of compared) {
    const shown = shownPath(base, root, path);
    if (status === "fresh") {
      tell({ path: shown, status: "unchanged" });
      continue;
    }
    const started = performance.now();
    if (!dryRun) {
      await setImmediate();
      writeOutput(root, path, after);
    }
    tell({ path: shown, status: status === "missing" ? "created" : "updated", ms: performance.now() - started });
  }
  for (const { path } of orphans) {
    const removed = flags.has("clean");
    if (removed && !dryRun) removeOutput(root, path);
    tell({ path: shownPath(base, root, path), status: removed ? "removed" : "orphaned" });
  }
  return reports;
}

function foreignFailure(foreign: readonly OutputFile[], { base, root }: Project): CommandFailure {
  const names = foreign.map(({ path }) => shownPath(base, root, path));
  return usageFailure(
    `${names.join(", ")}: shmgen did not write ${names.length === 1 ? "this file" : "these files"}, so nothing was written`,
    "move it away, choose another folder with --out, or overwrite it with --force",
  );
}

function printFile(invocation: Invocation, { path, status, ms }: FileReport): void {
  const { terminal, flags } = invocation;
  if (formatOf(invocation) === "json") return;
  if (status === "orphaned") {
    if (formatOf(invocation) === "text") terminal.err(`shmgen: warning: ${path}: ${ORPHAN}\n`);
    return;
  }
  if (flags.has("quiet")) return;
  const dryRun = flags.has("dry-run");
  const verb = dryRun
    ? { created: "would create", updated: "would update", removed: "would remove" }[status as "created"]
    : status;
  const colour = status === "removed" ? "red" : status === "created" ? "green" : "yellow";
  const shown = terminal.colourOut ? coloured(colour, verb) : verb;
  terminal.out(`${shown} ${path}${dryRun || ms === undefined ? "" : ` (${ms.toFixed(1)} ms)`}\n`);
}

/** `2 files written, 3 unchanged (410 ms)` */
export function summary({ files, ms }: GenerateOutcome, dryRun = false): string {
  const count = (...wanted: FileReport["status"][]): number =>
    files.filter(({ status }) => wanted.includes(status)).length;
  const written = count("created", "updated");
  const removed = count("removed");
  const parts = [`${countOf(written, "file")} ${dryRun ? "to write" : "written"}`, `${count("unchanged")} unchanged`];
  if (removed > 0) parts.push(`${removed} ${dryRun ? "to remove" : "removed"}`);
  return `${parts.join(", ")} (${Math.round(ms)} ms)`;
}
