import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const DOORS = [
  "schema/dist/index.d.ts",
  "schema/dist/region-format.d.ts",
  "runtime/lib/index.d.cts",
  "runtime/lib/doctor.d.cts",
  "generator/dist/index.d.ts",
];

const program = ts.createProgram(
  DOORS.map((door) => join(root, door)),
  {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
  },
);
const checker = program.getTypeChecker();

function exportsOf(door: string): ts.Symbol[] {
  const source = program.getSourceFile(join(root, door));
  const symbol = source && checker.getSymbolAtLocation(source);
  if (symbol === undefined) throw new Error(`${door} is not a module`);
  return checker
    .getExportsOfModule(symbol)
    .map((found) => (found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found));
}

const documented = (symbol: ts.Symbol): boolean => symbol.getDocumentationComment(checker).length > 0;

/** Methods of classes; what properties of data mean, their interface may say as a whole. */
function methodsOf(symbol: ts.Symbol): ts.Symbol[] {
  if ((symbol.flags & ts.SymbolFlags.Class) === 0) return [];
  return [...(symbol.members?.values() ?? [])].filter(
    (member) => (member.flags & ts.SymbolFlags.Method) !== 0 && !member.name.startsWith("__"),
  );
}

describe("public documentation", () => {
  it.each(DOORS)("every export of %s says what it does", (door) => {
    const exported = exportsOf(door);
    expect(exported.length).toBeGreaterThan(4);
    const silent: string[] = [];
    for (const symbol of exported) {
      if (!documented(symbol)) silent.push(symbol.name);
      for (const method of methodsOf(symbol)) if (!documented(method)) silent.push(`${symbol.name}.${method.name}`);
    }
    expect(silent).toEqual([]);
  });
});
