/** What keeps a schema file from being a header: circles of includes, names that C would meet twice, paths that C cannot spell. */
import { report } from "../../diagnostics/codes.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { SourceSpan } from "../../ir/ir.js";
import { isDeclared } from "../../ir/roles.js";
import type { LayoutModel } from "../../layout/layout.js";
import { type Declaration, type Declarations, declarationsOf } from "../common/declarations.js";
import type { EmitOptions } from "../common/options.js";
import { declaredName } from "./names.js";

/** All of them for one file; empty when it can be a header. */
export function headerProblems(model: LayoutModel, file: string, options: EmitOptions): Diagnostic[] {
  const declarations = declarationsOf(model);
  return [...nameProblems(declarations, file), ...pathProblems(declarations, file, options)];
}

function nameProblems(declarations: Declarations, file: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  const closure = declarations.closure(file);
  const circle = closure.find((other) => declarations.imports(other).includes(file));
  const first: SourceSpan | undefined = declarations.of(file)[0]?.of.span;
  if (circle !== undefined) found.push(report("SHM4101", { file, other: circle }, { span: first }));
  const owners = new Map<string, Declaration>();
  for (const one of [...closure, file].flatMap((at) => declarations.of(at))) {
    const name = declaredName(one.of);
    const other = owners.get(name);
    owners.set(name, one);
    if (other === undefined || isSame(one, other) || meet(declarations, one.of.file, other.of.file, file)) continue;
    const related = [{ message: `'${other.of.name}' is declared here as well.`, span: other.of.span }];
    const facts = {
      name: one.of.name,
      file: one.of.file,
      first: other.of.name,
      other: other.of.file,
      identifier: name,
    };
    found.push(report("SHM4102", facts, { span: one.of.span, related }));
  }
  return found;
}

/** Two files may have the same container: the program has one of it. */
function isSame({ of: one }: Declaration, { of: other }: Declaration): boolean {
  if (!("fingerprint" in one && "fingerprint" in other) || isDeclared(one)) return false;
  return one.fingerprint === other.fingerprint;
}

/** True when two files meet in the closure of an import of `file` already, where it is told. */
function meet(declarations: Declarations, a: string, b: string, file: string): boolean {
  return declarations.imports(file).some((next) => {
    const reached = new Set([next, ...declarations.closure(next)]);
    return !reached.has(file) && reached.has(a) && reached.has(b);
  });
}

/** Between the quotes of #include nothing can be escaped. */
function pathProblems(declarations: Declarations, file: string, options: EmitOptions): Diagnostic[] {
  const path = options.outputPath(file);
  const problem = path.includes('"')
    ? "a quote"
    : TRIGRAPH.test(path)
      ? "two question marks and a character, which C may read as another one"
      : TURNS_TEXT.test(path)
        ? "a character that turns text around, which compilers refuse"
        : undefined;
  if (problem === undefined) return [];
  return [report("SHM4103", { file, problem }, { span: declarations.of(file)[0]?.of.span })];
}

const TRIGRAPH = /\?\?[=/'()!<>-]/;
const TURNS_TEXT = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
