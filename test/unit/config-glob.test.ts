import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expandBraces, findFiles, isGlob, toSlashes } from "../../generator/dist/config/glob.js";
import { HAS_LINKS } from "../support/run/system.js";

const FILES = [
  "a.shm.ts",
  "b.ts",
  "Z.shm.ts",
  "ä.shm.ts",
  "sub/c.shm.ts",
  "sub/deep/d.shm.ts",
  "sub/deep/[x].shm.ts",
  "node_modules/p/e.shm.ts",
  "dist/f.shm.ts",
  ".hidden/g.shm.ts",
  ".h.shm.ts",
  "a+b (c)/h.shm.ts",
];
let base = "";

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "shmgen-glob-"));
  for (const file of FILES) {
    mkdirSync(dirname(join(base, file)), { recursive: true });
    writeFileSync(join(base, file), "");
  }
  if (HAS_LINKS) {
    symlinkSync(base, join(base, "sub/circle"));
    symlinkSync(join(base, "b.ts"), join(base, "sub/link.shm.ts"));
  } else writeFileSync(join(base, "sub/link.shm.ts"), "");
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const find = (...patterns: string[]): string[] =>
  findFiles(base, patterns).files.map((path) => toSlashes(path).slice(base.length + 1));

describe("findFiles", () => {
  it.each([
    [["*.shm.ts"], ["Z.shm.ts", "a.shm.ts", "ä.shm.ts"]],
    [["?.shm.ts"], ["Z.shm.ts", "a.shm.ts", "ä.shm.ts"]],
    [["[a-z].shm.ts"], ["a.shm.ts"]],
    [["[!a-z].shm.ts"], ["Z.shm.ts", "ä.shm.ts"]],
    [["./a.shm.ts", "none.shm.ts"], ["a.shm.ts"]],
    [["{a,sub/c}.shm.ts"], ["a.shm.ts", "sub/c.shm.ts"]],
    [["sub/*.shm.ts"], ["sub/c.shm.ts", "sub/link.shm.ts"]],
    [["**/d.shm.ts"], ["sub/deep/d.shm.ts"]],
    [["sub/**/d.shm.ts"], ["sub/deep/d.shm.ts"]],
    [["sub/**"], ["sub/c.shm.ts", "sub/deep/[x].shm.ts", "sub/deep/d.shm.ts", "sub/link.shm.ts"]],
    [["*/deep/d.shm.ts"], ["sub/deep/d.shm.ts"]],
    [["node_modules/**/*.shm.ts"], ["node_modules/p/e.shm.ts"]],
    [["*/f.shm.ts"], []],
    [["dist/f.shm.ts"], ["dist/f.shm.ts"]],
    [[".*/g.shm.ts"], [".hidden/g.shm.ts"]],
    [[".*.shm.ts"], [".h.shm.ts"]],
    [["a+b (c)/*"], ["a+b (c)/h.shm.ts"]],
    [
      ["**/*.shm.ts", "!sub"],
      ["Z.shm.ts", "a+b (c)/h.shm.ts", "a.shm.ts", "ä.shm.ts"],
    ],
    [
      ["**/*.shm.ts", "!**/[a-z].shm.ts", "!sub/**"],
      ["Z.shm.ts", "ä.shm.ts"],
    ],
    [
      ["*.shm.ts", "!./a.shm.ts"],
      ["Z.shm.ts", "ä.shm.ts"],
    ],
  ])("%j", (patterns, expected) => {
    expect(find(...patterns)).toEqual(expected);
  });

  it("does not follow links to folders into a circle, but takes links to files", () => {
    expect(find("**/*.shm.ts")).toEqual([
      "Z.shm.ts",
      "a+b (c)/h.shm.ts",
      "a.shm.ts",
      "sub/c.shm.ts",
      "sub/deep/[x].shm.ts",
      "sub/deep/d.shm.ts",
      "sub/link.shm.ts",
      "ä.shm.ts",
    ]);
  });

  it("leaves the base and starts at the root where a pattern says so", () => {
    expect(findFiles(join(base, "sub"), ["../*.ts"]).files).toContain(join(base, "b.ts"));
    expect(findFiles("/", [`${base}/sub/c*.ts`]).files).toEqual([join(base, "sub/c.shm.ts")]);
    expect(findFiles("/", [`${base}/**/*.shm.ts`, `!${base}/sub/**`]).files.map((path) => basename(path))).toEqual([
      "Z.shm.ts",
      "h.shm.ts",
      "a.shm.ts",
      "ä.shm.ts",
    ]);
  });

  it.runIf(process.platform === "win32")("takes backslashes and drives where people write them", () => {
    expect(find(".\\sub\\**\\d.shm.ts")).toEqual(["sub/deep/d.shm.ts"]);
    expect(find("**\\*.shm.ts", "!sub\\deep")).toContain("sub/c.shm.ts");
    expect(find("**\\*.shm.ts", "!sub\\deep")).not.toContain("sub/deep/d.shm.ts");
    expect(base).toMatch(/^[A-Z]:\\/);
    expect(findFiles("W:\\", [`${base.toLowerCase().slice(0, 2)}${base.slice(2)}\\sub\\c*.ts`]).files).toHaveLength(1);
  });
});

describe("expandBraces", () => {
  it.each([
    ["a", ["a"]],
    ["a{b,c}d", ["abd", "acd"]],
    ["{a,b{c,d}}/{e,f}", ["a/e", "a/f", "bc/e", "bc/f", "bd/e", "bd/f"]],
    ["{a,}b", ["ab", "b"]],
    ["{dir}/x", ["{dir}/x"]],
    ["{a,b", ["{a,b"]],
    ["a}b{c,d}", ["a}bc", "a}bd"]],
  ])("%s", (pattern, expected) => {
    expect(expandBraces(pattern)).toEqual(expected);
  });

  it("isGlob tells patterns from paths", () => {
    expect(["a/b.shm.ts", "-x", "a b", "*.ts", "a?", "[a]", "{a,b}"].map(isGlob)).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
  });
});
