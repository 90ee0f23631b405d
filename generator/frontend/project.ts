/** Schema files as syntax trees: parses those that are asked for and follows their imports. */
import { posix } from "node:path";
import { ts } from "./typescript.js";
import { type Code, type FactsOf, report } from "../diagnostics/codes.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { SourceSpan } from "../ir/ir.js";
import { type Disk, packageImports } from "./package-imports.js";
import { computationsIn, syntaxProblems, withNumbers } from "./syntax.js";
import { VOCABULARY } from "./vocabulary.js";

/** What `readSchema` reads from. Paths are relative to the project's root, with forward slashes. */
export interface SchemaInput {
  /** The project's root. Where it is an absolute path, `../a/x` and `x` of a root `/m/a` are known to be one file. */
  readonly root: string;
  readonly files: readonly string[];
  /** Text of a file; undefined when there is none. */
  readonly readFile: (path: string) => string | undefined;
  /** What files are called there. Without it paths say all, and nothing is found through a package. */
  readonly disk?: Disk | undefined;
}

/** One schema file as the parser left it. */
export interface SchemaFile {
  readonly path: string;
  readonly text: string;
  /** Of the text, or where types compute, of the text with numbers instead. */
  source: ts.SourceFile;
  /** True when it does not parse: its declarations are not read, and nobody complains about what it lacks. */
  broken: boolean;
}

/** What an import leads to. */
export type ImportTarget = { kind: "vocabulary" } | { kind: "file"; path: string } | { kind: "other" };

/**
 * What files are called. One file is one, however it is reached: by another way round, through a link, in another case where the
 * disk does not tell cases apart. It is called as it was asked for, or else by its own path.
 */
class FileNames {
  /** The files of the input, each once. */
  readonly given: readonly string[];
  readonly #input: SchemaInput;
  readonly #known = new Map<string, string>();
  readonly #asked = new Map<string, string>();

  constructor(input: SchemaInput) {
    this.#input = input;
    for (const file of input.files) {
      const own = this.#own(file);
      const path = this.#normal(file);
      // Of several names the file's own is taken, so that the order in which they are given does not matter.
      if (!this.#asked.has(own) || path === own) this.#asked.set(own, path);
    }
    this.given = [...this.#asked.values()];
  }

  of(path: string): string {
    const own = this.#own(path);
    return this.#asked.get(own) ?? own;
  }

  /** The path without links, relative to the root. */
  #own(path: string): string {
    const normal = this.#normal(path);
    let own = this.#known.get(normal);
    if (own === undefined) this.#known.set(normal, (own = this.#input.disk?.realPath(normal) ?? normal));
    return own;
  }

  #normal(path: string): string {
    const { root } = this.#input;
    return posix.isAbsolute(root) ? posix.relative(root, posix.resolve(root, path)) : posix.normalize(path);
  }
}

/** Looks at a file whose types compute. */
const ROUNDS = 20;

function sourceOf(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, {
    languageVersion: ts.ScriptTarget.ESNext,
    // Comments are read from the text: read-docs.ts needs no trees of them.
    jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
  });
}

/** All files of a run, and the problems found in them. */
export class Project {
  readonly files = new Map<string, SchemaFile>();
  readonly diagnostics: Diagnostic[] = [];
  /** Files that nobody asked for, each with the first import that led there. */
  readonly importedAt = new Map<string, SourceSpan>();
  readonly #input: SchemaInput;
  readonly #names: FileNames;
  readonly #packageFile: (specifier: string, from: string) => string | undefined;

  constructor(input: SchemaInput) {
    this.#input = input;
    this.#names = new FileNames(input);
    this.#packageFile = packageImports(input.root, input.disk);
  }

  /** Where `specifier` leads, seen from the file `from`: as TypeScript resolves it, as far as that is a schema. */
  importTarget(from: string, specifier: string): ImportTarget {
    if (specifier === VOCABULARY) return { kind: "vocabulary" };
    const match = /^(\.{1,2}\/.*\.shm)(?:\.js|\.ts)?$/.exec(specifier);
    const path =
      match?.[1] === undefined ? this.#packageFile(specifier, from) : `${posix.join(posix.dirname(from), match[1])}.ts`;
    return path === undefined ? { kind: "other" } : { kind: "file", path: this.#names.of(path) };
  }

  /** Parses the files of the input and, breadth first, all that they import. */
  load(): void {
    const queue: { path: string; from?: { file: SchemaFile; node: ts.StringLiteral } }[] = [];
    for (const path of this.#names.given) queue.push({ path });
    const missing = new Set<string>();
    for (const { path, from } of queue) {
      if (this.files.has(path)) continue;
      const text = missing.has(path) ? undefined : this.#input.readFile(path);
      if (text === undefined) {
        missing.add(path);
        if (from === undefined) this.diagnostics.push(report("SHM1002", { file: path }));
        else this.report("SHM1003", { specifier: from.node.text, path, suggestion: undefined }, from.file, from.node);
        continue;
      }
      if (from !== undefined) this.importedAt.set(path, this.spanOf(from.file, from.node));
      const file = this.#parse(path, text.replace(/^\ufeff/, ""));
      if (file === undefined) continue;
      for (const node of moduleSpecifiers(file.source)) {
        const target = this.importTarget(path, node.text);
        if (target.kind === "file") queue.push({ path: target.path, from: { file, node } });
        else if (target.kind === "other") this.#notSchema(file, node);
      }
    }
    this.#reportSyntax();
  }

  #parse(path: string, text: string): SchemaFile | undefined {
    try {
      const source = sourceOf(path, text);
      const file: SchemaFile = { path, text, source, broken: false };
      this.files.set(path, file);
      return file;
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      // The parser ran out of stack: nesting that no person writes.
      const source = ts.createSourceFile(path, "", ts.ScriptTarget.ESNext);
      const file: SchemaFile = { path, text, source, broken: true };
      this.files.set(path, file);
      this.diagnostics.push(report("SHM1064", {}, { span: { file: path, start: 0, length: 0, line: 1, column: 1 } }));
      return undefined;
    }
  }

  #notSchema(file: SchemaFile, node: ts.StringLiteral): void {
    const specifier = node.text;
    const base = specifier.replace(/\.[cm]?[jt]s$/, "");
    const candidate = `${posix.join(posix.dirname(file.path), base)}.shm.ts`;
    if (specifier.startsWith(".") && this.#input.readFile(candidate) !== undefined) {
      const path = posix.join(posix.dirname(file.path), specifier);
      this.report("SHM1003", { specifier, path, suggestion: `${base}.shm.js` }, file, node);
    } else {
      const isSought = !specifier.startsWith(".") && /\.shm(?:\.[jt]s)?$/.test(specifier);
      this.report("SHM1004", { specifier, isSought }, file, node);
    }
  }

  /** Complains about files that do not parse; where only computations are in the way, they are read with numbers instead. */
  #reportSyntax(): void {
    const first = syntaxProblems(new Map([...this.files.values()].map(({ path, source }) => [path, source] as const)));
    for (const file of this.files.values()) {
      let problems = first.get(file.path) ?? [];
      // Each round finds those that the parser did not come to before.
      for (let round = 0; round < ROUNDS && problems.length > 0; round += 1) {
        const computations = computationsIn(file.source.text, problems);
        if (computations.length === 0) break;
        for (const { start, length, text, value } of computations)
          this.reportAt("SHM1069", { text, value }, this.span(file, start, length));
        file.source = sourceOf(file.path, withNumbers(file.source.text, computations));
        problems = syntaxProblems(new Map([[file.path, file.source]])).get(file.path) ?? [];
      }
      for (const { start, length, text } of problems) {
        file.broken = true;
        this.diagnostics.push(report("SHM1001", { text }, { span: this.span(file, start, length) }));
      }
    }
  }

  /** The span of a node without the comments before it. */
  spanOf(file: SchemaFile, node: ts.Node): SourceSpan {
    const start = node.getStart(file.source);
    return this.span(file, start, node.end - start);
  }

  span(file: SchemaFile, start: number, length: number): SourceSpan {
    const { line, character } = file.source.getLineAndCharacterOfPosition(start);
    return { file: file.path, start, length, line: line + 1, column: character + 1 };
  }

  /** Reports a problem at a span. */
  reportAt<C extends Code>(code: C, facts: FactsOf<C>, span: SourceSpan): void {
    this.diagnostics.push(report(code, facts, { span }));
  }

  /** Reports a problem at a node. */
  report<C extends Code>(
    code: C,
    facts: FactsOf<C>,
    file: SchemaFile,
    node: ts.Node,
    related: Diagnostic["related"] = [],
  ): void {
    this.diagnostics.push(report(code, facts, { span: this.spanOf(file, node), related }));
  }
}

/** Specifiers of all imports and re-exports, in source order. */
function moduleSpecifiers(source: ts.SourceFile): ts.StringLiteral[] {
  return source.statements.flatMap((statement) => {
    const specifier =
      ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement) ? statement.moduleSpecifier : undefined;
    return specifier !== undefined && ts.isStringLiteral(specifier) ? [specifier] : [];
  });
}
