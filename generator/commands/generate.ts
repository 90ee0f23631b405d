/** `shmgen generate`: schemas in, files written. */
import { formatOf, type Invocation } from "./command.js";
import { EXIT, usageFailure } from "../diagnostics/failure.js";
import { generate, summary } from "./generate-project.js";
import { openProject, requireSchemas } from "./project.js";

export async function run(invocation: Invocation): Promise<number> {
  if (invocation.flags.has("watch")) {
    if (invocation.flags.has("dry-run")) throw usageFailure("--watch and --dry-run exclude each other");
    const { watch } = await import("./generate-watch.js");
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
