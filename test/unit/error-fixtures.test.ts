/**
 * One bad schema per code in `test/errors`, with its expected messages in its leading comment: `// ` and a line of text each.
 * What a schema file cannot say is JSON: `{ "expected": [lines], "ir": SchemaIr }`, or `"files"` instead of `"ir"`.
 * `SHMGEN_UPDATE=1 npx vitest run test/unit/error-fixtures.test.ts` writes the messages as they are now; read the difference.
 */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { compile } from "../../generator/dist/compile.js";
import { listCodes } from "../../generator/dist/diagnostics/codes.js";
import { renderText } from "../../generator/dist/diagnostics/render.js";
import { SchemaIr } from "../../generator/dist/ir/ir.js";

const folder = fileURLToPath(new URL("../errors", import.meta.url));
const fixtures = readdirSync(folder)
  .filter((name) => name.endsWith(".shm.ts") || name.endsWith(".json"))
  .sort();
const update = process.env["SHMGEN_UPDATE"] === "1";

function readText(path: string): string | undefined {
  try {
    return readFileSync(join(folder, path), "utf8");
  } catch {
    return undefined;
  }
}

/** The messages of a whole compilation, as lines. */
async function messagesOf(files: readonly string[], readFile: (path: string) => string | undefined): Promise<string[]> {
  const { diagnostics, sources } = await compile({ files, readFile });
  return renderText(diagnostics, { sources }).trimEnd().split("\n");
}

const isExpected = (line: string): boolean => line === "//" || line.startsWith("// ");

/** Splits a fixture into the lines of its leading comment, without slashes, and the rest. */
function splitFixture(text: string): { expected: string[]; rest: string } {
  const lines = text.split("\n");
  const count = lines.findIndex((line) => !isExpected(line));
  return { expected: lines.slice(0, count).map((line) => line.slice(3)), rest: lines.slice(count).join("\n") };
}

async function checkSchemaFixture(name: string): Promise<void> {
  const text = readText(name) ?? "";
  const { expected, rest } = splitFixture(text);
  const messages = await messagesOf([name], readText);
  if (update && messages.join("\n") !== expected.join("\n")) {
    // The messages name line numbers, which depend on the number of lines above.
    const comment = (lines: readonly string[]): string => lines.map((line) => `// ${line}`.trimEnd()).join("\n");
    const draft = `${comment(messages)}\n${rest}`;
    const final = await messagesOf([name], (path) => (path === name ? draft : readText(path)));
    writeFileSync(join(folder, name), `${comment(final)}\n${rest}`);
    return;
  }
  expect(messages).toEqual(expected);
}

async function checkJsonFixture(name: string): Promise<void> {
  const fixture = JSON.parse(readText(name) ?? "") as { expected: string[]; ir?: unknown; files?: string[] };
  const { ir, files = [] } = fixture;
  const { diagnostics } =
    ir === undefined ? await compile({ files, readFile: readText }) : await compile({ ir: SchemaIr.parse(ir) });
  const messages = renderText(diagnostics).trimEnd().split("\n");
  if (update)
    writeFileSync(join(folder, name), `${JSON.stringify({ ...fixture, expected: messages }, undefined, 2)}\n`);
  else expect(messages).toEqual(fixture.expected);
}

describe("test/errors", () => {
  it.each(fixtures)("%s says exactly what its comment expects", async (name) => {
    await (name.endsWith(".json") ? checkJsonFixture(name) : checkSchemaFixture(name));
  });

  it("every code has a fixture that draws it, and draws nothing else", () => {
    // SHM3xxx and SHM4xxx are told by tests of their own where a schema file alone does not draw them.
    const lacking = listCodes().filter((code) => {
      if (!/^SHM[12]/.test(code)) return false;
      const own = fixtures.filter((name) => name.startsWith(`${code}-`));
      return !own.some((name) => {
        const text = readText(name) ?? "";
        const lines = name.endsWith(".json")
          ? (JSON.parse(text) as { expected: string[] }).expected
          : splitFixture(text).expected;
        const heads = lines
          .map((line) => /\b(?:error|warning) (SHM\d{4}):/.exec(line)?.[1])
          .filter((one) => one !== undefined);
        return heads.length > 0 && heads.every((one) => one === code);
      });
    });
    expect(lacking).toEqual([]);
  });

  it("every fixture is named after a code of the table, or after the mistakes it collects", () => {
    const codes = new Set<string>(listCodes());
    const wrong = fixtures.filter((name) => !name.startsWith("multi-") && !codes.has(name.slice(0, 7)));
    expect(wrong).toEqual([]);
  });
});
