/** Schema files -> SchemaIr: the first pass. */
import { ts } from "./typescript.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors, sortDiagnostics } from "../diagnostics/diagnostic.js";
import { checkIr } from "../ir/check.js";
import type { EnumIr, SchemaIr, SourceSpan, StructIr } from "../ir/ir.js";
import { Project, type SchemaInput } from "./project.js";
import { literalTarget } from "./read-number.js";
import { readStruct } from "./read-struct.js";
import { TypeReader } from "./read-type.js";
import { Scopes } from "./scope.js";

export type { SchemaInput } from "./project.js";

/** What a schema says, and what is wrong with it. */
export interface ReadResult {
  /** Everything that could be read; whole when there are no errors. */
  readonly ir: SchemaIr;
  readonly diagnostics: Diagnostic[];
  /** Text of every file that was read, imported ones included: for code frames, and for `--watch`. */
  readonly sources: ReadonlyMap<string, string>;
  /** Files that were read because others import them, each with the first such import. */
  readonly importedAt: ReadonlyMap<string, SourceSpan>;
}

const byFileAndPlace = (a: { file: string; span?: SourceSpan | undefined }, b: typeof a): number =>
  a.file === b.file ? (a.span?.start ?? 0) - (b.span?.start ?? 0) : a.file < b.file ? -1 : 1;

/**
 * Reads schema files and those that they import. Never throws for what a file contains: every problem is a diagnostic.
 * When it finds errors it also runs the checks of the next pass over what could be read, so that one run tells them all.
 */
export function readSchema(input: SchemaInput): ReadResult {
  const project = new Project(input);
  project.load();
  const scopes = new Scopes(project);
  const types = new TypeReader(project, scopes);
  const structs: StructIr[] = [];
  const enums: EnumIr[] = [];
  for (const file of project.files.values()) {
    if (file.broken) {
      // Declarations may be missing; checkIr must not conclude anything from that.
      types.incomplete.add(file.path);
      continue;
    }
    const declarations = scopes.declarations(file);
    const isEmpty = file.source.statements.every((one) => ts.isImportDeclaration(one) || ts.isEmptyStatement(one));
    if (isEmpty) project.reportAt("SHM1063", {}, { file: file.path, start: 0, length: 0, line: 1, column: 1 });
    for (const declaration of declarations) {
      if (declaration.kind === "struct") {
        const struct = readStruct({ project, scopes, types }, file, declaration.node);
        if (struct !== undefined) structs.push(struct);
      } else if (declaration.kind === "enum") enums.push(types.readEnum(declaration));
      // Literals mean something only where they are used.
      else if (literalTarget(scopes, file, declaration.node.type) === undefined) types.readAlias(declaration);
    }
  }
  const ir: SchemaIr = {
    irVersion: 1,
    structs: [...structs, ...types.unions].sort(byFileAndPlace),
    enums: [...enums, ...types.enums].sort(byFileAndPlace),
    bits: [...types.bits].sort(byFileAndPlace),
  };
  const found = project.diagnostics;
  const diagnostics = hasErrors(found) ? [...found, ...checkIr(ir, { incomplete: types.incomplete })] : found;
  return {
    ir,
    diagnostics: sortDiagnostics(diagnostics),
    sources: new Map([...project.files.values()].map(({ path, text }) => [path, text] as const)),
    importedAt: project.importedAt,
  };
}
