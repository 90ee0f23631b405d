/**
 * docs/messages.md is made of the table of codes and of what test/errors shows of each: message, cause, remedy, and the words
 * that do it right. UPDATE_DOCS=1 writes it. docs/troubleshooting.md is written by hand, and has each code of the runtime.
 */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Code, codes, listCodes } from "../../generator/dist/diagnostics/codes.js";

const root = join(import.meta.dirname, "../..");
const document = join(root, "docs/messages.md");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** Remedies of codes whose hints name facts and that no fixture of test/errors draws, since they need what was published. */
const WRITTEN: Readonly<Partial<Record<Code, string>>> = {
  SHM5001: "raise the version, with readableFrom where the message says that it fits; or undo the change.",
  SHM5002: "write a version above the newest that was published.",
  SHM5003: "raise readableFrom above the version that could not use the new regions, or undo the change.",
  SHM5004: "write the type id that was published, or give the new kind of region another name.",
  SHM5005: "raise the version, or write the readableFrom that was published.",
};

/** What each kind of code is about. */
const PARTS: readonly (readonly [digit: string, title: string])[] = [
  ["1", "Reading a schema"],
  ["2", "What a schema means"],
  ["3", "Layouts"],
  ["4", "Generating"],
  ["5", "Versions"],
];

interface Shown {
  readonly message: string;
  readonly hint: string;
}

/** Message and hint as the first fixture of a code draws them. */
function fixtureOf(code: Code): Shown | undefined {
  const name = readdirSync(join(root, "test/errors")).find((file) => file.startsWith(code));
  if (name === undefined) return undefined;
  const text = read(`test/errors/${name}`);
  const lines = name.endsWith(".json")
    ? (JSON.parse(text) as { readonly expected: readonly string[] }).expected
    : text.split("\n").map((line) => line.replace(/^\/\/ ?/, ""));
  const at = lines.findIndex((line) => line.includes(` ${code}: `));
  const hint = lines.slice(at).find((line) => /^\s+hint: /.test(line));
  if (at < 0 || hint === undefined) return undefined;
  return { message: lines[at]?.split(` ${code}: `)[1] ?? "", hint: hint.replace(/^\s+hint: /, "") };
}

/** A message with the names of its facts in place of what nobody knows here. */
function withNames(code: Code): string {
  const message = codes[code].message as (facts: unknown) => string;
  return message(new Proxy({}, { get: (_, name) => `<${String(name)}>` }));
}

function shownOf(code: Code): Shown {
  const { hint } = codes[code];
  const written = typeof hint === "string" ? hint : WRITTEN[code];
  const shown = fixtureOf(code) ?? (written === undefined ? undefined : { message: withNames(code), hint: written });
  if (shown === undefined) throw new Error(`${code} has neither a fixture in test/errors nor a written remedy`);
  return shown;
}

/** Text as it is, in Markdown: what stands between `<` and `>` is no element. */
const plain = (text: string): string =>
  text.trim().replaceAll(/\s+/g, " ").replaceAll("<", "&lt;").replaceAll("*", "\\*");

function section(code: Code): string {
  const { severity, why, wrong, right } = codes[code];
  const { message, hint } = shownOf(code);
  const example = wrong === "" ? [] : ["```ts", "// wrong", wrong.trim(), "// right", right.trim(), "```", ""];
  return [
    `### ${code}`,
    "",
    "```text",
    `${severity}: ${message}`,
    "```",
    "",
    plain(why),
    "",
    `**Remedy:** ${plain(hint)}`,
    "",
    ...example,
  ].join("\n");
}

function made(): string {
  const intro = `# Messages of the compiler

Every code of \`shmgen generate\` and \`shmgen check\`: a message as an example shows it, the cause, and what to write instead. On the command line
\`npx shmgen explain SHM1010\` says the same. This page is made from the compiler's own table (\`UPDATE_DOCS=1 npx vitest run
test/unit/messages-document.test.ts\`). Errors while programs run, ERR_SHM_..., are in [troubleshooting](troubleshooting.md).
`;
  const parts = PARTS.map(([digit, title]) => {
    const own = listCodes().filter((code) => code.startsWith(`SHM${digit}`));
    return `## ${title}\n\n${own.map(section).join("\n")}`;
  });
  return [intro, ...parts].join("\n");
}

describe("docs/messages.md", () => {
  it("has every code with its cause and remedy (UPDATE_DOCS=1 writes it)", () => {
    const text = made();
    if (process.env["UPDATE_DOCS"] === "1") writeFileSync(document, text);
    expect(readFileSync(document, "utf8")).toBe(text);
    for (const code of listCodes()) expect(text).toContain(`\n### ${code}\n`);
  });
});

describe("docs/troubleshooting.md", () => {
  it("has every code of the runtime, with its causes and remedies, and no other", () => {
    const union = /type ShmErrorCode = `ERR_SHM_\$\{([^}]*)\}`/.exec(read("runtime/errors.ts"))?.[1] ?? "";
    const known = [...union.matchAll(/"([A-Z_]+)"/g)].map(([, name]) => `ERR_SHM_${name}`);
    expect(known.length).toBeGreaterThan(15);
    const text = read("docs/troubleshooting.md");
    expect([...text.matchAll(/^### (ERR_SHM_\w+)$/gm)].map(([, code]) => code).sort()).toEqual(known.sort());
    for (const code of known) {
      const part = text.slice(text.indexOf(`\n### ${code}\n`)).split(/\n##/)[1] ?? "";
      const rows = part.split("\n").filter((line) => /^\| (?!-|says )/.test(line));
      expect(rows.length, `situations of ${code}`).toBeGreaterThan(0);
      for (const row of rows) expect(row.split("|").filter((cell) => cell.trim() !== "").length, row).toBe(3);
    }
  });
});
