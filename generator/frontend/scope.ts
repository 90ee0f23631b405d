/** What each name of a schema file means: by import and declaration, never by its text. */
import { ts } from "./typescript.js";
import type { Project, SchemaFile } from "./project.js";
import { WORDS, nearest, suggestionFor } from "./vocabulary.js";

/** A declaration of a schema file. */
export type Declaration =
  | {
      readonly kind: "struct";
      readonly file: SchemaFile;
      readonly name: string;
      readonly node: ts.InterfaceDeclaration;
    }
  | { readonly kind: "enum"; readonly file: SchemaFile; readonly name: string; readonly node: ts.EnumDeclaration }
  | {
      readonly kind: "alias";
      readonly file: SchemaFile;
      readonly name: string;
      readonly node: ts.TypeAliasDeclaration;
    };

/** What a name stands for. A `poison` has been complained about already: whatever uses it stays silent. */
export type Entity =
  | Declaration
  | { readonly kind: "word"; readonly word: string }
  | { readonly kind: "words" }
  | { readonly kind: "module"; readonly file: SchemaFile }
  | { readonly kind: "poison" };

type Binding =
  Entity | { readonly kind: "import"; readonly from: SchemaFile; readonly name: string; readonly node: ts.Node };

/** The names of one file. */
interface Names {
  readonly local: Map<string, Binding>;
  readonly exported: Map<string, Binding | { readonly kind: "local"; readonly name: string; readonly node: ts.Node }>;
  readonly stars: SchemaFile[];
  readonly declarations: Declaration[];
}

const POISON: Entity = { kind: "poison" };

/** The text of an import's or export's name; TypeScript also allows strings there. */
const nameText = (node: ts.ModuleExportName): string => node.text;

/** The names of all files of a project. */
export class Scopes {
  readonly #project: Project;
  readonly #names = new Map<SchemaFile, Names>();

  constructor(project: Project) {
    this.#project = project;
    for (const file of project.files.values()) {
      this.#names.set(file, { local: new Map(), exported: new Map(), stars: [], declarations: [] });
      if (!file.broken) for (const statement of file.source.statements) this.#statement(file, statement);
    }
    for (const [file, names] of this.#names) this.#checkExports(file, names);
    for (const [file, names] of this.#names) this.#checkLocals(file, names);
  }

  /** The declarations of a file in source order. */
  declarations(file: SchemaFile): readonly Declaration[] {
    return this.#of(file).declarations;
  }

  /** What `name` means in `file`; undefined when nothing of that name is known there. */
  find(file: SchemaFile, name: string): Entity | undefined {
    return this.#follow(this.#of(file).local.get(name), new Set());
  }

  /** What `file` exports as `name`. */
  findExport(file: SchemaFile, name: string): Entity | undefined {
    return this.#findExport(file, name, new Set());
  }

  /**
   * Complains that `name` is not known in `file`. A word of the vocabulary is then taken as if it had been imported, so that
   * the rest of its type is read too, and its further uses are not complained about.
   */
  reportUnknown(file: SchemaFile, name: string, node: ts.Node): Entity | undefined {
    if (WORDS.has(name)) {
      this.#project.report("SHM1008", { word: name }, file, node);
      const entity: Entity = { kind: "word", word: name };
      this.#of(file).local.set(name, entity);
      return entity;
    }
    const known = [...this.#of(file).local.keys(), ...WORDS.keys()];
    const suggestion = suggestionFor(name, known);
    this.#project.report("SHM1009", { name, suggestion }, file, node);
    return undefined;
  }

  /** The word of the vocabulary named `name`; complains when there is none. */
  word(file: SchemaFile, name: string, node: ts.Node): Entity {
    if (WORDS.has(name)) return { kind: "word", word: name };
    const suggestion = suggestionFor(name, [...WORDS.keys()]);
    this.#project.report("SHM1007", { word: name, suggestion }, file, node);
    return POISON;
  }

  /** Complains that `from` exports nothing named `name`. */
  reportNotExported(from: SchemaFile, name: string, file: SchemaFile, node: ts.Node): void {
    const { local, exported } = this.#of(from);
    const declared = local.has(name);
    this.#project.report(
      "SHM1006",
      { name, file: from.path, declared, suggestion: nearest(name, exported.keys()) },
      file,
      node,
    );
  }

  #of(file: SchemaFile): Names {
    const names = this.#names.get(file);
    if (names === undefined) throw new Error(`No names of ${file.path}.`);
    return names;
  }

  #follow(binding: Binding | undefined, seen: Set<string>): Entity | undefined {
    if (binding?.kind !== "import") return binding;
    return this.#findExport(binding.from, binding.name, seen);
  }

  #findExport(file: SchemaFile, name: string, seen: Set<string>): Entity | undefined {
    if (file.broken) return POISON;
    const key = `${file.path}#${name}`;
    // A circle of re-exports that leads to no declaration.
    if (seen.has(key)) return undefined;
    seen.add(key);
    const { local, exported, stars } = this.#of(file);
    const binding = exported.get(name);
    if (binding !== undefined) return this.#follow(binding.kind === "local" ? local.get(binding.name) : binding, seen);
    for (const star of stars) {
      const found = this.#findExport(star, name, seen);
      if (found !== undefined) return found;
    }
    // An unexported declaration is complained about where it stands.
    const unexported = local.get(name);
    const isToldThere =
      unexported?.kind === "alias"
        ? this.namesDeclaration(file, unexported.node.type)
        : unexported?.kind === "struct" || unexported?.kind === "enum" || unexported?.kind === "poison";
    return isToldThere && unexported?.kind !== "import" ? unexported : undefined;
  }

  #bind(file: SchemaFile, name: ts.Identifier, binding: Binding): boolean {
    const { local } = this.#of(file);
    if (local.has(name.text)) {
      const first = file.source.statements
        .flatMap((statement) => declaredNames(statement))
        .find(({ text }) => text === name.text);
      const related =
        first === undefined ? [] : [{ message: "first declared here", span: this.#project.spanOf(file, first) }];
      this.#project.report("SHM1062", { name: name.text }, file, name, related);
      return false;
    }
    local.set(name.text, binding);
    return true;
  }

  #statement(file: SchemaFile, statement: ts.Statement): void {
    if (ts.isImportDeclaration(statement)) this.#import(file, statement);
    else if (ts.isExportDeclaration(statement)) this.#export(file, statement);
    else if (ts.isInterfaceDeclaration(statement)) {
      this.#declare({ kind: "struct", file, name: statement.name.text, node: statement });
    } else if (ts.isEnumDeclaration(statement)) {
      this.#declare({ kind: "enum", file, name: statement.name.text, node: statement });
    } else if (ts.isTypeAliasDeclaration(statement)) {
      this.#declare({ kind: "alias", file, name: statement.name.text, node: statement });
    } else this.#refuse(file, statement);
  }

  #declare(declaration: Declaration): void {
    const { file, name, node } = declaration;
    const isNew = this.#bind(file, node.name, declaration);
    const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
    for (const modifier of modifiers) {
      if (modifier.kind === ts.SyntaxKind.ExportKeyword) {
        if (isNew) this.#of(file).exported.set(name, declaration);
      } else if (modifier.kind === ts.SyntaxKind.DefaultKeyword) this.#project.report("SHM1033", {}, file, modifier);
      else if (modifier.kind === ts.SyntaxKind.DeclareKeyword) {
        this.#project.report("SHM1031", { what: "the modifier 'declare'" }, file, modifier);
      } else if (modifier.kind === ts.SyntaxKind.ConstKeyword)
        this.#project.report("SHM1030", { name }, file, modifier);
      else this.#project.report("SHM1028", { modifier: modifier.getText(file.source) }, file, modifier);
    }
    if (isNew) this.#of(file).declarations.push(declaration);
  }

  #refuse(file: SchemaFile, statement: ts.Statement): void {
    const poison = (name: ts.Node | undefined): void => {
      if (name !== undefined && ts.isIdentifier(name)) this.#of(file).local.set(name.text, POISON);
    };
    const value = (what: string, node: ts.Node): void => this.#project.report("SHM1032", { what }, file, node);
    if (ts.isClassDeclaration(statement)) {
      poison(statement.name);
      this.#project.report("SHM1029", { name: statement.name?.text ?? "default" }, file, statement.name ?? statement);
    } else if (ts.isModuleDeclaration(statement)) {
      poison(statement.name);
      this.#project.report("SHM1031", { what: "a namespace or module" }, file, statement.name);
    } else if (ts.isImportEqualsDeclaration(statement)) {
      poison(statement.name);
      this.#project.report("SHM1005", { form: "import ... = ..." }, file, statement.name);
    } else if (ts.isExportAssignment(statement)) this.#project.report("SHM1033", {}, file, statement);
    else if (ts.isNamespaceExportDeclaration(statement))
      this.#project.report("SHM1031", { what: "a global name" }, file, statement);
    else if (ts.isFunctionDeclaration(statement)) value("a function", statement.name ?? statement);
    else if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) poison(name);
      value("a variable", statement.declarationList.declarations[0]?.name ?? statement);
    } else if (!ts.isEmptyStatement(statement)) value("a statement", statement);
  }

  #import(file: SchemaFile, statement: ts.ImportDeclaration): void {
    const clause = statement.importClause;
    const form = (text: string, node: ts.Node): void => this.#project.report("SHM1005", { form: text }, file, node);
    if (clause === undefined) {
      form("An import without names", statement);
      return;
    }
    if (statement.attributes !== undefined) form("An import with attributes", statement.attributes);
    const target = this.#target(file, statement.moduleSpecifier);
    if (clause.name !== undefined) {
      if (target !== undefined) form("A default import", clause.name);
      this.#bind(file, clause.name, POISON);
    }
    const named = clause.namedBindings;
    if (named === undefined) return;
    if (ts.isNamespaceImport(named)) {
      const entity: Entity =
        target === undefined ? POISON : target === "vocabulary" ? { kind: "words" } : { kind: "module", file: target };
      this.#bind(file, named.name, entity);
      return;
    }
    for (const element of named.elements) {
      const original = element.propertyName ?? element.name;
      const name = nameText(original);
      let binding: Binding = POISON;
      if (target !== undefined && name === "default") form("A default import", original);
      else if (target === "vocabulary") binding = this.word(file, name, original);
      else if (target !== undefined) binding = { kind: "import", from: target, name, node: original };
      this.#bind(file, element.name, binding);
    }
  }

  #export(file: SchemaFile, statement: ts.ExportDeclaration): void {
    const { exported, stars } = this.#of(file);
    const { exportClause: clause, moduleSpecifier } = statement;
    const target = moduleSpecifier === undefined ? undefined : this.#target(file, moduleSpecifier);
    if (moduleSpecifier !== undefined && target === "vocabulary") {
      this.#project.report("SHM1005", { form: "A re-export of the vocabulary" }, file, moduleSpecifier);
      return;
    }
    const from = target === "vocabulary" ? undefined : target;
    if (clause === undefined) {
      if (from !== undefined) stars.push(from);
      return;
    }
    if (ts.isNamespaceExport(clause)) {
      this.#project.report("SHM1005", { form: "export * as ..." }, file, clause);
      return;
    }
    for (const element of clause.elements) {
      const original = element.propertyName ?? element.name;
      const name = nameText(original);
      const exportedAs = nameText(element.name);
      if (exportedAs === "default") this.#project.report("SHM1033", {}, file, element.name);
      if (moduleSpecifier === undefined) exported.set(exportedAs, { kind: "local", name, node: original });
      else exported.set(exportedAs, from === undefined ? POISON : { kind: "import", from, name, node: original });
    }
  }

  /** The file behind a specifier; undefined when it could not be read, which has been complained about. */
  #target(file: SchemaFile, specifier: ts.Expression): SchemaFile | "vocabulary" | undefined {
    if (!ts.isStringLiteral(specifier)) return undefined;
    const target = this.#project.importTarget(file.path, specifier.text);
    if (target.kind === "vocabulary") return "vocabulary";
    return target.kind === "file" ? this.#project.files.get(target.path) : undefined;
  }

  #leadsNowhere(file: SchemaFile, binding: Binding): boolean {
    if (binding.kind !== "import" || this.#follow(binding, new Set()) !== undefined) return false;
    this.reportNotExported(binding.from, binding.name, file, binding.node);
    return true;
  }

  /** Complains about re-exports that lead nowhere; importers of such a name then stay silent. */
  #checkExports(file: SchemaFile, { exported, local }: Names): void {
    for (const [name, binding] of exported) {
      if (binding.kind === "local") {
        if (local.has(binding.name)) continue;
        this.reportUnknown(file, binding.name, binding.node);
      } else if (!this.#leadsNowhere(file, binding)) continue;
      exported.set(name, POISON);
    }
  }

  /** Complains about imports that lead nowhere, and about declarations that are not exported. */
  #checkLocals(file: SchemaFile, { local, exported, declarations }: Names): void {
    for (const [name, binding] of local) if (this.#leadsNowhere(file, binding)) local.set(name, POISON);
    for (const { kind, name, node } of declarations) {
      const binding = exported.get(name);
      if (binding !== undefined && (binding.kind !== "local" || binding.name === name)) continue;
      // Aliases stand for something else and give no symbol, unless they name an enumOf or bits.
      if (kind === "alias" && !this.namesDeclaration(file, node.type)) continue;
      this.#project.report("SHM1034", { name }, file, node.name);
    }
  }

  /** True for `enumOf<...>` and `bits<...>`: an alias of them is a declaration of that name. */
  namesDeclaration(file: SchemaFile, node: ts.TypeNode): boolean {
    if (!ts.isTypeReferenceNode(node)) return false;
    const { typeName } = node;
    const word = ts.isIdentifier(typeName)
      ? this.find(file, typeName.text)
      : ts.isIdentifier(typeName.left) && this.find(file, typeName.left.text)?.kind === "words"
        ? { kind: "word" as const, word: typeName.right.text }
        : undefined;
    return word?.kind === "word" && (word.word === "enumOf" || word.word === "bits");
  }
}

/** The names that a statement declares or imports. */
function declaredNames(statement: ts.Statement): ts.Identifier[] {
  if (ts.isInterfaceDeclaration(statement) || ts.isEnumDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
    return [statement.name];
  }
  if (ts.isClassDeclaration(statement) || ts.isFunctionDeclaration(statement))
    return statement.name === undefined ? [] : [statement.name];
  if (!ts.isImportDeclaration(statement)) return [];
  const clause = statement.importClause;
  const named = clause?.namedBindings;
  const elements =
    named === undefined ? [] : ts.isNamespaceImport(named) ? [named.name] : named.elements.map(({ name }) => name);
  return clause?.name === undefined ? elements : [clause.name, ...elements];
}
