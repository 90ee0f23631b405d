/** Which file declares what, and which files each needs: a layout model in, its declarations by file out. */
import { referenceIn } from "@shmgen/schema/type-kinds";
import type { BitsIr, EnumIr } from "../../ir/ir.js";
import type { LayoutModel, StructLayout } from "../../layout/layout.js";
import { byCodeUnits } from "./paths.js";

/** A declaration of a schema file. */
export type Declaration =
  | { readonly kind: "enum"; readonly of: EnumIr }
  | { readonly kind: "bits"; readonly of: BitsIr }
  | { readonly kind: "struct"; readonly of: StructLayout };

export interface Declarations {
  /** Declarations of a file: schema order, but what is used stands before its users, as C wants it. */
  of(file: string): readonly Declaration[];
  /** Files whose declarations a file uses itself, sorted. */
  imports(file: string): readonly string[];
  /** All files that a file needs, directly or through others, itself not included, each after those it uses. */
  closure(file: string): readonly string[];
}

const known = new WeakMap<LayoutModel, Declarations>();

/** Made once per model, because every file asks for it. */
export function declarationsOf(model: LayoutModel): Declarations {
  let found = known.get(model);
  if (found === undefined) known.set(model, (found = new DeclarationGraph(model)));
  return found;
}

class DeclarationGraph implements Declarations {
  readonly #all = new Map<string, Declaration>();
  readonly #files = new Map<string, Declaration[]>();
  readonly #imports = new Map<string, readonly string[]>();
  readonly #closures = new Map<string, readonly string[]>();

  constructor(model: LayoutModel) {
    const { enums, bits } = model.ir;
    for (const of of enums) this.#add({ kind: "enum", of });
    for (const of of bits) this.#add({ kind: "bits", of });
    for (const of of model.structs.values()) this.#add({ kind: "struct", of });
    for (const [file, list] of this.#files) this.#files.set(file, this.#order(list));
  }

  #add(declaration: Declaration): void {
    this.#all.set(declaration.of.id, declaration);
    const list = this.#files.get(declaration.of.file) ?? [];
    list.push(declaration);
    this.#files.set(declaration.of.file, list);
  }

  /** Schema order by spans, where there are any; then each after what it uses. Nesting has no circles. */
  #order(list: readonly Declaration[]): Declaration[] {
    const place = (declaration: Declaration): number => declaration.of.span?.start ?? 0;
    const sorted = [...list].sort((a, b) => place(a) - place(b));
    const done = new Set<string>();
    const ordered: Declaration[] = [];
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

  #get(id: string): Declaration {
    const found = this.#all.get(id);
    if (found === undefined) throw new Error(`there is no declaration "${id}"`);
    return found;
  }

  /** Ids of what a declaration names, of one file or of all, in order of use. */
  #uses(declaration: Declaration, file?: string): string[] {
    if (declaration.kind !== "struct") return [];
    const ids = declaration.of.fields.flatMap(({ type }) => referenceIn(type)?.name ?? []);
    return ids.filter((id) => file === undefined || this.#get(id).of.file === file);
  }

  of(file: string): readonly Declaration[] {
    return this.#files.get(file) ?? [];
  }

  imports(file: string): readonly string[] {
    let found = this.#imports.get(file);
    if (found === undefined) {
      const files = this.of(file).flatMap((one) => this.#uses(one).map((id) => this.#get(id).of.file));
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
}
