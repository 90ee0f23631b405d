/** `shmgen layout`: where every field lies, for people, as JSON, or as pictures (layout-pictures.ts). */
import { printableJson } from "@shmgen/schema/printable";
import { compile } from "../compile.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { layoutJson, layoutText } from "../layout/layout-text.js";
import type { Invocation } from "./command.js";
import { EXIT, usageFailure } from "../diagnostics/failure.js";
import { openProject, requireSchemas } from "./project.js";
import { reportDiagnostics } from "./report.js";
import { structsNamed } from "./structs-named.js";

export async function run(invocation: Invocation): Promise<number> {
  const { terminal, positionals, values, flags } = invocation;
  const pictures = wantsPictures(invocation) ? await import("./layout-pictures.js") : undefined;
  const project = await openProject(invocation, values.get("files") ?? []);
  requireSchemas(project);
  const { model, diagnostics, sources } = await compile({ ...project.compile, targets: [], customTargets: [] });
  reportDiagnostics(invocation, diagnostics, sources, project);
  if (model === undefined || hasErrors(diagnostics)) return EXIT.findings;
  const ids =
    positionals.length === 0 ? [...model.structs.keys()] : positionals.flatMap((name) => structsNamed(model, name));
  if (pictures !== undefined) return pictures.writePictures(invocation, project, model, ids);
  if (flags.has("json"))
    terminal.out(
      `${printableJson(
        ids.map((id) => layoutJson(model, id)),
        2,
      )}\n`,
    );
  else terminal.out(ids.map((id) => layoutText(model, id, { color: terminal.colourOut })).join("\n"));
  return EXIT.clean;
}

/** Whether the arguments ask for pictures. @throws CommandFailure (exit code 2) for options that do not go together */
function wantsPictures({ flags, values }: Invocation): boolean {
  const wanted = ["html", "svg"].filter((option) => values.has(option));
  if (wanted.length > 0 && flags.has("json")) throw usageFailure(`--${wanted[0]} and --json exclude each other`);
  if (values.has("against") && !values.has("html")) throw usageFailure("--against goes with --html");
  if (flags.has("force") && wanted.length === 0) throw usageFailure("--force goes with --html and --svg");
  return wanted.length > 0;
}
