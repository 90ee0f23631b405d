import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** One test, as its source names it; what a template fills in stands as `${...}`. */
export interface TestName {
  readonly file: string;
  readonly name: string;
  /** Titles of what it stands in, outermost first. */
  readonly within: readonly string[];
}

/** Every test in files that git knows or would know, in order of file and place. */
export function testNames(root: string): TestName[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "test"];
  const files = execFileSync("git", args, { cwd: root, encoding: "utf8" }).split("\n");
  return files
    .filter((file) => file.endsWith(".test.ts"))
    .sort()
    .flatMap((file) => namesIn(file, readFileSync(join(root, file), "utf8")));
}

function namesIn(file: string, text: string): TestName[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: TestName[] = [];
  const visit = (node: ts.Node, within: readonly string[]): void => {
    let inside = within;
    if (ts.isCallExpression(node) && /^(it|test|describe)\b/.test(node.expression.getText(source))) {
      const [title] = node.arguments;
      if (title !== undefined && (ts.isStringLiteralLike(title) || ts.isTemplateExpression(title))) {
        const name = title.getText(source).slice(1, -1).replaceAll(/\s+/g, " ");
        found.push({ file, name, within });
        inside = within.concat(name);
      }
    }
    ts.forEachChild(node, (child) => visit(child, inside));
  };
  visit(source, []);
  return found;
}

/** A title without the catalogue ids behind it: `"create is exclusive [C-06, fault 25]"` is `"create is exclusive"`. */
export function statementOf(name: string): string {
  return name.replace(/ \[[^\]]*\]$/, "");
}

/** The catalogue ids behind a title, in brackets; "" where there are none. */
function idsBehind(name: string): string {
  return / \[((?:[CNSPIA]-\d|faults? \d|figures? \w)[^\]]*)\]$/.exec(name)?.[1] ?? "";
}

/** Ids of rows behind a title, ranges filled in: `"... [N-11..N-13 C-04]"` names four. */
export function idsIn(name: string): string[] {
  const ids = idsBehind(name).matchAll(/\b([CNSPIA])-(\d\d)(?:\.\.\1-(\d\d))?\b/g);
  return [...ids].flatMap(([, letter, from, to = from]) =>
    numbersBetween(Number(from), Number(to)).map((number) => `${letter}-${String(number).padStart(2, "0")}`),
  );
}

/** Numbers of faults behind a title: `"... [C-04, faults 1-3 14]"` names four. */
export function faultsIn(name: string): number[] {
  const list = /\bfaults? ([\d -]+)/.exec(idsBehind(name))?.[1] ?? "";
  return [...list.matchAll(/(\d+)(?:-(\d+))?/g)].flatMap(([, from, to = from]) =>
    numbersBetween(Number(from), Number(to)),
  );
}

/** Whether catalogue ids stand where they do not belong: before or in the statement. */
export function hasIdsBefore(name: string): boolean {
  return /\b(?:[CNSPIA]-\d\d|faults? \d|figure (?:\d|[A-Z]\b))/.test(statementOf(name));
}

function numbersBetween(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
