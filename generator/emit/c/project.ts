/** What one header needs from others: includes, order of declarations, and names that are taken already. */
import { referenceIn } from "@shmgen/schema/type-kinds";
import { report } from "../../diagnostics/codes.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { BitsIr, EnumIr, SourceSpan } from "../../ir/ir.js";
import type { LayoutModel, StructLayout } from "../../layout/layout.js";
import { typeName } from "./names.js";

/** A declaration of a schema file. */
export type CDeclaration =
  | { readonly kind: "enum"; readonly of: EnumIr }
  | { readonly kind: "bits"; readonly of: BitsIr }
  | { readonly kind: "struct"; readonly of: StructLayout };

export interface CProject {
  /** Declarations of a file: schema order, but what is used stands before its users, as C wants it. */
  declarations(file: string): readonly CDeclaration[];
  /** Files whose declarations a file uses itself, sorted. */
  imports(file: string): readonly string[];
  /** All files that a header brings along, itself not included, each after those it uses. */
  closure(file: string): readonly string[];
  /** What keeps a file from being a header. */
  diagnostics(file: string): Diagnostic[];
}

const projects = new WeakMap<LayoutModel, CProject>();

/** Made once per model, because every header asks for it. */
export function projectOf(model: LayoutModel): CProject {
  let project = projects.get(model);
  if (project === undefined) projects.set(model, (project = new Project(model)));
  return project;
}

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

class Project implements CProject {
  readonly #all = new Map<string, CDeclaration>();
  readonly #files = new Map<string, CDeclaration[]>();
  readonly #imports = new Map<string, readonly string[]>();
  readonly #closures = new Map<string, readonly string[]>();

  constructor(model: LayoutModel) {
    const { enums, bits } = model.ir;
    for (const of of enums) this.#add({ kind: "enum", of });
    for (const of of bits) this.#add({ kind: "bits", of });
    for (const of of model.structs.values()) this.#add({ kind: "struct", of });
    for (const [file, list] of this.#files) this.#files.set(file, this.#order(list));
  }

  #add(declaration: CDeclaration): void {
    this.#all.set(declaration.of.id, declaration);
    const list = this.#files.get(declaration.of.file) ?? [];
    list.push(declaration);
    this.#files.set(declaration.of.file, list);
  }

  /** Schema order by spans, where there are any; then each after what it uses. Nesting has no circles. */
  #order(list: readonly CDeclaration[]): CDeclaration[] {
    const place = (declaration: CDeclaration): number => declaration.of.span?.start ?? 0;
    const sorted = [...list].sort((a, b) => place(a) - place(b));
    const done = new Set<string>();
    const ordered: CDeclaration[] = [];
    for (const root of sorted) {
      const stack = [{ declaration: root, uses: this.#uses(root, root.of.file) }];
      for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
        const next = done.has(top.declaration.of.id) ? undefined : top.uses.shift();
        if (next !== undefined) {
          if (!done.has(next))
            stack.push({ declaration: this.#get(next), uses: this.#uses(this.#get(next), root.of.file) });
          continue;
        }
        stack.pop();
        if (!done.has(top.declaration.of.id)) ordered.push(top.declaration);
        done.add(top.declaration.of.id);
      }
    }
    return ordered;
  }

  #get(id: string): CDeclaration {
    const found = this.#all.get(id);
    if (found === undefined) throw new Error(`there is no declaration "${id}"`);
    return found;
  }

  /** Ids of what a declaration names, of one file or of all, in order of use. */
  #uses(declaration: CDeclaration, file?: string): string[] {
    if (declaration.kind !== "struct") return [];
    const ids = declaration.of.fields.flatMap(({ type }) => referenceIn(type)?.name ?? []);
    return ids.filter((id) => file === undefined || this.#get(id).of.file === file);
  }

  declarations(file: string): readonly CDeclaration[] {
    return this.#files.get(file) ?? [];
  }

  imports(file: string): readonly string[] {
    let found = this.#imports.get(file);
    if (found === undefined) {
      const files = this.declarations(file).flatMap((one) => this.#uses(one).map((id) => this.#get(id).of.file));
      found = [...new Set(files)].filter((other) => other !== file).sort(byCodeUnits);
      this.#imports.set(file, found);
    }
    return found;
  }

  closure(file: string): readonly string[] {
    let found = this.#closures.get(file);
    if (found === undefined) {
      const ordered: string[] = [];
      const seen = new Set([file]);
      const visit = (at: string): void => {
        for (const next of this.imports(at)) {
          if (seen.has(next)) continue;
          seen.add(next);
          visit(next);
          ordered.push(next);
        }
      };
      visit(file);
      found = ordered;
      this.#closures.set(file, found);
    }
    return found;
  }

  /** True when two files meet in the closure of an import of `file` already, where it is told. */
  #meet(a: string, b: string, file: string): boolean {
    return this.imports(file).some((next) => {
      const reached = new Set([next, ...this.closure(next)]);
      return !reached.has(file) && reached.has(a) && reached.has(b);
    });
  }

  diagnostics(file: string): Diagnostic[] {
    const found: Diagnostic[] = [];
    const closure = this.closure(file);
    const circle = closure.find((other) => this.imports(other).includes(file));
    const first: SourceSpan | undefined = this.declarations(file)[0]?.of.span;
    if (circle !== undefined) found.push(report("SHM4101", { file, other: circle }, { span: first }));
    const owners = new Map<string, CDeclaration>();
    for (const one of [...closure, file].flatMap((at) => this.declarations(at))) {
      const name = typeName(one.of.name);
      const other = owners.get(name);
      owners.set(name, one);
      if (other === undefined || this.#meet(one.of.file, other.of.file, file)) continue;
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
}
