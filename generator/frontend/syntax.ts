/** Whether schema files are TypeScript, and the one mistake of syntax that can be told better than its compiler does. */
import { ts } from "./typescript.js";
import { valueOfExpression } from "./constants.js";

/** A mistake of syntax, as the compiler tells it. */
export interface SyntaxProblem {
  readonly start: number;
  readonly length: number;
  readonly text: string;
}

/** The compiler's syntax errors, by path: a program over the parsed files, without libraries or resolution. */
export function syntaxProblems(
  sources: ReadonlyMap<string, ts.SourceFile>,
): ReadonlyMap<string, readonly SyntaxProblem[]> {
  const program = ts.createProgram({
    rootNames: [...sources.keys()],
    options: { noLib: true, noResolve: true, types: [], allowImportingTsExtensions: true, noEmit: true },
    host: {
      getSourceFile: (name) => sources.get(name),
      fileExists: (name) => sources.has(name),
      readFile: () => undefined,
      writeFile: () => undefined,
      getDefaultLibFileName: () => "lib.d.ts",
      getCurrentDirectory: () => "",
      getCanonicalFileName: (name) => name,
      useCaseSensitiveFileNames: () => true,
      getNewLine: () => "\n",
    },
  });
  const problems = (source: ts.SourceFile): SyntaxProblem[] =>
    program.getSyntacticDiagnostics(source).map(({ start, length, messageText }) => {
      return { start, length, text: ts.flattenDiagnosticMessageText(messageText, " ") };
    });
  return new Map([...sources].map(([path, source]) => [path, problems(source)]));
}

/** Where a schema computes a number. `value` is what it is, unless names stand in it. */
export interface Computation extends SyntaxProblem {
  readonly value: number | undefined;
}

/** A part of a computation. What closes an argument, `>>`, is none: behind an operator there is something. */
const PART =
  /[ \t]+|(?<term>0x[\da-f_]+|\d[\d_]*|[a-z_$][\w$]*)|(?<operator>\*\*?|<<|>>(?=[ \t]*[\w$(])|[-+/%])|[()]/iy;
/** Longer lines are no person's. */
const LINE_MAX = 1000;

/** The computation at the beginning of a text, as far as it goes: terms with operators between them, where an argument or a width stands. */
function computationAt(text: string): string | undefined {
  let shape = "";
  let end = 0;
  for (;;) {
    PART.lastIndex = end;
    const part = PART.exec(text);
    if (part === null) break;
    end = PART.lastIndex;
    if (part.groups?.["term"] !== undefined) shape += "t";
    else if (part.groups?.["operator"] !== undefined) shape += "o";
  }
  return /^t(?:ot)+$/.test(shape) && /^[>,;}]/.test(text.slice(end)) ? text.slice(0, end) : undefined;
}

/** Computations that the compiler complains about. */
export function computationsIn(text: string, problems: readonly SyntaxProblem[]): Computation[] {
  const found: Computation[] = [];
  const lines = new Set(problems.map(({ start }) => text.lastIndexOf("\n", start - 1) + 1));
  for (const from of lines) {
    const end = text.indexOf("\n", from);
    const line = text.slice(from, end < 0 ? undefined : end).slice(0, LINE_MAX);
    for (const { index } of line.matchAll(/(?<!<)[<,:]/g)) {
      const whole = computationAt(line.slice(index + 1));
      if (whole === undefined) continue;
      const expression = whole.trim();
      const start = from + index + 1 + whole.indexOf(expression);
      const { length } = expression;
      if (!problems.some((one) => one.start >= start && one.start < start + length)) continue;
      found.push({ start, length, text: expression, value: valueOfExpression(expression) });
    }
  }
  return found;
}

/** The text with numbers in the place of computations, and all else where it was: what else is wrong can be told then. */
export function withNumbers(text: string, computations: readonly Computation[]): string {
  let result = text;
  for (const { start, length, value } of computations) {
    const number = String(value ?? 1);
    const padded = (number.length > length ? "1" : number).padEnd(length);
    result = result.slice(0, start) + padded + result.slice(start + length);
  }
  return result;
}
