/** `--schema FILE#NAME`: the struct by which memory of another program is shown. */
import { compile } from "../compile.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { usageFailure } from "../diagnostics/failure.js";
import { bySchema } from "../inspect/foreign.js";
import type { ForeignShown, Steadily } from "../inspect/shown.js";
import type { LayoutModel, StructLayout } from "../layout/layout.js";
import { type Invocation, valueOf } from "./command.js";
import { openProject } from "./project.js";
import { reportDiagnostics } from "./report.js";
import { structNames, structsNamed } from "./structs-named.js";

/** How to look at memory as a schema says; undefined without `--schema`. @throws CommandFailure for what is no such struct */
export async function schemaOf(invocation: Invocation): Promise<Steadily<ForeignShown> | undefined> {
  const given = valueOf(invocation, "schema");
  const offset = offsetOf(invocation);
  if (given === undefined) {
    if (offset !== undefined) throw usageFailure("--offset goes with --schema");
    return undefined;
  }
  const [, file = given, name] = /^(.*?)#(.*)$/s.exec(given) ?? [];
  const project = await openProject(invocation, [file]);
  const { model, diagnostics, sources } = await compile({ ...project.compile, targets: [], customTargets: [] });
  reportDiagnostics(invocation, diagnostics, sources, project);
  if (model === undefined || hasErrors(diagnostics)) {
    throw usageFailure(`the schema ${file} has errors, and nothing can be shown by it`);
  }
  const struct =
    name === undefined || name === "" ? onlyRoot(model, project.schemas, file) : structOf(model, name, file);
  return bySchema({ model, struct, schema: `${file}#${struct.name}`, ...(offset !== undefined && { start: offset }) });
}

/** Bytes before the struct, decimal or hexadecimal. */
function offsetOf(invocation: Invocation): number | undefined {
  const given = valueOf(invocation, "offset");
  if (given === undefined) return undefined;
  const offset = /^(\d+|0x[\da-f]+)$/i.test(given) ? Number(given) : Number.NaN;
  if (Number.isSafeInteger(offset)) return offset;
  throw usageFailure(`--offset takes bytes, as 4096 or 0x1000, found '${given}'`);
}

function structOf(model: LayoutModel, name: string, file: string): StructLayout {
  const [id, other] = structsNamed(model, name);
  if (other !== undefined) throw usageFailure(`there are several structs '${name}'`, `name one by its file: ${id}`);
  const struct = model.structs.get(id ?? "") as StructLayout;
  if (struct.role.kind === "region" && struct.role.header === "standard") {
    throw usageFailure(
      `'${name}' of ${file} is a region of shmgen, which says by itself what is in it`,
      "leave --schema out",
    );
  }
  return struct;
}

/** The one struct of a file that is memory of another program. */
function onlyRoot(model: LayoutModel, schemas: readonly string[], file: string): StructLayout {
  const own = [...model.structs.values()].filter((struct) => schemas.includes(struct.file));
  const [root, ...others] = own.filter(({ role }) => role.kind === "foreign");
  if (root !== undefined && others.length === 0) return root;
  const names = (root === undefined ? own : [root, ...others]).map(({ name }) => name);
  const what = root === undefined ? "has no struct that extends Foreign" : "has several structs that extend Foreign";
  throw usageFailure(
    `${file} ${what}`,
    `say which one: --schema ${file}#${names[0] ?? "Name"}${names.length > 1 ? ` (there are ${structNames(names)})` : ""}`,
  );
}
