/** Schemas against the versions that were published before them: what `check` refuses, and `generate` warns of. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { printable } from "@shmgen/schema/printable";
import type { CompileResult } from "../compile.js";
import { asWarning, type Diagnostic, hasErrors } from "../diagnostics/diagnostic.js";
import { CommandFailure, usageFailure } from "../diagnostics/failure.js";
import type { VersionReport } from "../evolution/check-versions.js";
import { LOCK_NAME } from "../evolution/lock-name.js";
import { type Invocation, valueOf } from "./command.js";
import type { Project } from "./project.js";

const NOTHING: VersionReport = { diagnostics: [], standings: [], gone: [] };

/**
 * The schemas against the lock file, or what `--against` names.
 * @throws CommandFailure (exit code 2) for a lock file that cannot be read, or something that does not exist
 */
export async function checkPublished(
  invocation: Invocation,
  project: Project,
  result: CompileResult,
): Promise<VersionReport> {
  const { model } = result;
  if (model === undefined || hasErrors(result.diagnostics)) return NOTHING;
  const against = valueOf(invocation, "against");
  const { projectLock, publishedNamed } = await import("../evolution/sources.js");
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

/**
 * The same as warnings, for who is not publishing but trying. A lock file that cannot be read is one as well: what is generated does not
 * depend on it.
 */
export async function publishedWarnings(
  invocation: Invocation,
  project: Project,
  result: CompileResult,
): Promise<Diagnostic[]> {
  // Most projects have none yet, and what judges it takes as long to load as a small project to compile.
  if (!existsSync(join(project.root, LOCK_NAME))) return [];
  try {
    const { diagnostics } = await checkPublished(invocation, project, result);
    return diagnostics.map(asWarning);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    invocation.terminal.err(`shmgen: warning: layouts were not compared: ${printable(error.message)}\n`);
    return [];
  }
}
