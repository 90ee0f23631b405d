/** Names of a schema that cannot stand in TypeScript. */
import { report } from "../../diagnostics/codes.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { SourceSpan } from "../../ir/ir.js";
import { isDeclared } from "../../ir/roles.js";
import type { LayoutModel } from "../../layout/layout.js";
import { isInternal } from "./containers.js";
import type { ModuleForm } from "../common/options.js";
import { memberProblem, problemOf } from "./names.js";

interface Named {
  readonly name: string;
  readonly span?: SourceSpan | undefined;
}

/**
 * Names that TypeScript cannot express, or that clash with what is generated. The earlier passes refuse most of them;
 * this one is what keeps any text from a SchemaIr in JSON out of the code, whoever wrote it.
 */
export function checkNames(model: LayoutModel, file: string, form: ModuleForm): Diagnostic[] {
  const own = <T extends { readonly file: string }>(list: readonly T[]): T[] =>
    list.filter((item) => item.file === file);
  const enums = own(model.ir.enums);
  const bits = own(model.ir.bits);
  const structs = own(model.ir.structs.filter(isDeclared));
  const diagnostics: Diagnostic[] = [];
  const taken = new Map<string, Named>();
  const declare = (declared: Named, name: string, reader: boolean): void => {
    const problem = problemOf((enums as readonly Named[]).includes(declared) ? "enum" : "class", name, form);
    const first = taken.get(name);
    if (problem !== undefined && !reader) {
      diagnostics.push(report("SHM4001", { name, problem }, { span: declared.span }));
    } else if (first !== undefined) {
      const related = [{ message: `${first.name} needs the name ${name}, too`, span: first.span }];
      diagnostics.push(
        report("SHM4002", { name, first: first.name, second: declared.name }, { span: declared.span, related }),
      );
    } else {
      taken.set(name, declared);
    }
  };
  for (const declared of [...enums, ...bits, ...structs]) declare(declared, declared.name, false);
  for (const declared of [...bits, ...structs]) declare(declared, `${declared.name}Reader`, true);
  type Members = { readonly name: string; readonly of: readonly Named[]; readonly kind: "field" | "member" };
  const members: Members[] = [
    ...enums.map(({ name, members: of }): Members => ({ name, of, kind: "member" })),
    ...bits.map(({ name, fields }): Members => ({ name, of: fields, kind: "field" })),
    ...structs.map(({ name, fields }): Members => {
      return { name, of: fields.filter(({ type }) => !isInternal(type, model)), kind: "field" };
    }),
  ];
  for (const { name: owner, of, kind } of members) {
    for (const { name, span } of of) {
      const problem = memberProblem(kind, name);
      if (problem !== undefined) diagnostics.push(report("SHM4003", { owner, name, problem }, { span }));
    }
  }
  return diagnostics;
}
