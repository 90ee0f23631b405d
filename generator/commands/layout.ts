/** `shmgen layout`: where every field lies, for people or as JSON. */
import { printableJson } from "@shmgen/schema/printable";
import { compile } from "../compile.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { layoutJson, layoutText } from "../layout/layout-text.js";
import type { LayoutModel } from "../layout/layout.js";
import type { Invocation } from "./command.js";
import { EXIT, usageFailure } from "../diagnostics/failure.js";
import { openProject, requireSchemas } from "./project.js";
import { reportDiagnostics } from "./report.js";
import { didYouMean } from "../diagnostics/suggest.js";

export async function run(invocation: Invocation): Promise<number> {
  const { terminal, positionals, values, flags } = invocation;
  const project = await openProject(invocation, values.get("files") ?? []);
  requireSchemas(project);
  const { model, diagnostics, sources } = await compile({ ...project.compile, targets: [], customTargets: [] });
  reportDiagnostics(invocation, diagnostics, sources, project);
  if (model === undefined || hasErrors(diagnostics)) return EXIT.findings;
  const ids =
    positionals.length === 0 ? [...model.structs.keys()] : positionals.flatMap((name) => structsNamed(model, name));
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

/** Structs of that name, which may stand in several files, or the one with that `file#Name`. */
function structsNamed(model: LayoutModel, name: string): string[] {
  const structs = [...model.structs.values()];
  const found = structs.filter((struct) => struct.name === name || struct.id === name);
  if (found.length > 0) return found.map(({ id }) => id);
  // Nobody has declared those of containers.
  const declared = structs.filter(({ role }) => role.kind !== "container");
  const names = [...new Set(declared.map((struct) => struct.name))];
  throw usageFailure(
    `there is no struct '${name}'`,
    didYouMean(name, names) ??
      `the schemas declare ${names.slice(0, 10).join(", ")}${names.length > 10 ? ", ..." : ""}`,
  );
}
