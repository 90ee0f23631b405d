import { describe, expect, it } from "vitest";
import { type Code, codes, explainCode, listCodes, report } from "../../generator/dist/diagnostics/codes.js";
import { type Diagnostic, hasErrors, sortDiagnostics } from "../../generator/dist/diagnostics/diagnostic.js";
import { renderGithub, renderJson, renderText, summarise } from "../../generator/dist/diagnostics/render.js";

const span = (line: number, column: number, length = 1, file = "a.shm.ts"): Diagnostic["span"] => ({
  file,
  start: 0,
  length,
  line,
  column,
});
const sources = new Map([["a.shm.ts", "one\r\n\ttwo three\nfour"]]);

describe("the table of codes", () => {
  it("has at least 45 codes for reading and checking, in ascending order, each with all its parts", () => {
    const all = listCodes();
    expect(all.filter((code) => /^SHM[12]\d{3}$/.test(code)).length).toBeGreaterThanOrEqual(45);
    expect([...all].sort()).toEqual(all);
    for (const code of all) {
      expect(code).toMatch(/^SHM[1-5]\d{3}$/);
      expect(codes[code].why, code).toMatch(/\.$/);
    }
  });

  it("explains every code, whatever its case, and no other", () => {
    for (const code of listCodes())
      expect(explainCode(code)).toContain(`${code} (${codes[code].severity})\n\n${codes[code].why}`);
    expect(explainCode(" shm2003 ")).toBe(explainCode("SHM2003"));
    expect(explainCode("2003")).toBe(explainCode("SHM2003"));
    expect(explainCode("SHM2003")).toMatchInlineSnapshot(`
      "SHM2003 (error)

      Structs are nested by value, so one that contains itself would be infinitely long.

      Wrong:

          export interface Node { value: u32; next: Node }

      Right:

          export interface Node { value: u32; next: u32 }
          export interface List { nodes: array<Node, 64> }
      "
    `);
    for (const none of ["SHM9999", "", "__proto__", "toString", "constructor"])
      expect(explainCode(none)).toBeUndefined();
  });
});

describe("rendering", () => {
  it("shows place, code, message, source line, caret, hint and related places", () => {
    const related = [{ message: "first declared here", span: span(1, 1, 3) }];
    const diagnostic = report(
      "SHM2002",
      { owner: "Car", name: "three", kind: "field" },
      { span: span(2, 6, 5), related },
    );
    expect(renderText([diagnostic], { sources })).toBe(
      [
        "a.shm.ts:2:6 - error SHM2002: 'Car' has the field 'three' twice.",
        "2 | \ttwo three",
        "  | \t    ^^^^^",
        "  hint: rename one of them.",
        "  a.shm.ts:1:1 - first declared here",
        "  1 | one",
        "    | ^^^",
        "",
      ].join("\n"),
    );
  });

  it("leaves the frame out without the text, and the place out without a span", () => {
    const [withSpan, without] = [report("SHM1010", {}, { span: span(2, 6) }), report("SHM1002", { file: "x" })];
    expect(renderText([withSpan, without])).toBe(
      `error SHM1002: Cannot read 'x'.\n  hint: ${without.hint}\n\na.shm.ts:2:6 - error SHM1010: ${withSpan.message}\n  hint: ${withSpan.hint}\n`,
    );
    expect(renderText([])).toBe("");
  });

  it("never points outside the line, and shows long lines around the place", () => {
    const long = new Map([["a.shm.ts", `${"x".repeat(500)}HERE${"y".repeat(500)}`]]);
    const text = renderText([report("SHM1010", {}, { span: span(1, 501, 4) })], { sources: long });
    const [, line = "", carets = ""] = text.split("\n");
    expect(line.length).toBeLessThan(200);
    expect(line.slice(carets.indexOf("^"), carets.lastIndexOf("^") + 1)).toBe("HERE");
    for (const wild of [span(1, 9999, 9999), span(99, 1), span(3, 5, 0)]) {
      expect(renderText([report("SHM1010", {}, { span: wild })], { sources })).toContain("SHM1010");
    }
  });

  it("cannot steer a terminal or turn the reading direction", () => {
    const hostile = "\u001b[2J\u202eevil\u0007\nerror";
    const text = renderText([report("SHM1009", { name: hostile, suggestion: hostile }, { span: span(1, 1) })], {
      sources: new Map([["a.shm.ts", `${hostile}\n`]]),
    });
    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202e]/);
    expect(text).toContain("\\u001b[2J\\u202eevil");
  });

  it("colours through the function it is given", () => {
    const style = (format: string, text: string): string => `<${format}>${text}</>`;
    const text = renderText([report("SHM1063", {}, { span: span(1, 1) })], { sources, style });
    expect(text).toContain("<cyan>a.shm.ts:1:1</> - <yellow>warning</> <gray>SHM1063</>:");
    expect(text).toContain("<bold>hint:</>");
  });

  it("writes JSON that says the same", () => {
    const related = [{ message: "first declared here", span: span(1, 1) }];
    const facts = { owner: "Car", name: "x", kind: "field" } as const;
    const rows = JSON.parse(renderJson([report("SHM2002", facts, { span: span(2, 1), related })])) as unknown;
    expect(rows).toEqual([
      {
        code: "SHM2002",
        severity: "error",
        message: "'Car' has the field 'x' twice.",
        hint: "rename one of them.",
        ...span(2, 1),
        related: [{ message: "first declared here", ...span(1, 1) }],
      },
    ]);
  });

  it("writes workflow commands of which no part can break out", () => {
    const text = renderGithub([
      report(
        "SHM1009",
        { name: "a\n::error::b%", suggestion: undefined },
        { span: span(3, 4, 1, "odd,name:x.shm.ts") },
      ),
    ]);
    expect(text.split("\n").length).toBe(2);
    expect(text).toMatch(
      /^::error file=odd%2Cname%3Ax\.shm\.ts,line=3,col=4,title=SHM1009::Nothing named 'a%0A::error::b%25' /,
    );
  });

  it("sorts by file, line, column, code and text, by code units, and sums up", () => {
    const make = (code: Code, at: Diagnostic["span"], message = "m"): Diagnostic => ({
      code,
      severity: code === "SHM1063" ? "warning" : "error",
      message,
      hint: "",
      span: at,
      related: [],
    });
    const sorted = [
      make("SHM1002", undefined),
      make("SHM2003", span(9, 1, 1, "Z.shm.ts")),
      make("SHM1063", span(2, 9)),
      make("SHM1010", span(10, 1), "a"),
      make("SHM1010", span(10, 1), "b"),
      make("SHM1011", span(10, 1)),
      make("SHM1010", span(10, 2)),
    ];
    expect(sortDiagnostics([...sorted].reverse())).toEqual(sorted);
    expect(summarise(sorted)).toBe("6 errors, 1 warning");
    expect(summarise([])).toBe("");
    expect(hasErrors(sorted.filter(({ severity }) => severity === "warning"))).toBe(false);
    expect(hasErrors(sorted)).toBe(true);
  });
});
