import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** One test, as its source names it; what a template fills in stands as `${...}`. */
export interface TestName {
  readonly file: string;
  readonly name: string;
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
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(it|test|describe)\b/.test(node.expression.getText(source))) {
      const [title] = node.arguments;
      if (title !== undefined && (ts.isStringLiteralLike(title) || ts.isTemplateExpression(title))) {
        const name = title.getText(source).slice(1, -1).replaceAll(/\s+/g, " ");
        found.push({ file, name });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Ids of rows in a name, ranges filled in: `"N-11..N-13 C-04"` names four. */
export function idsIn(name: string): string[] {
  return [...name.matchAll(/\b([CNSPIA])-(\d\d)(?:\.\.\1-(\d\d))?\b/g)].flatMap(([, letter, from, to = from]) =>
    numbersBetween(Number(from), Number(to)).map((number) => `${letter}-${String(number).padStart(2, "0")}`),
  );
}

/** Numbers behind "fault" or "faults": `"faults 1-3, 14: ..."` names four. */
export function faultsIn(name: string): number[] {
  return [...name.matchAll(/\bfaults? (\d+(?:-\d+)?(?:,? (?:and )?\d+(?:-\d+)?)*)(?![\d,.])/g)].flatMap(
    ([, list = ""]) =>
      [...list.matchAll(/(\d+)(?:-(\d+))?/g)].flatMap(([, from, to = from]) =>
        numbersBetween(Number(from), Number(to)),
      ),
  );
}

function numbersBetween(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
