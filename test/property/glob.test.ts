/** Patterns of files against fnmatch(3), and texts that are none. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { globSource } from "../../schema/dist/glob.js";
import { COMPILERS, compileProgram, inTemporaryFolder, withoutCompilers, writeFiles } from "../support/c/gcc.js";
import { byDepth } from "../support/run/depth.js";
import { runSeed } from "../support/run/random.js";

const seed = runSeed("glob");
const numRuns = byDepth(500, 20_000, 100_000);

const matches = (pattern: string, name: string): boolean => new RegExp(`^${globSource(pattern)}$`, "u").test(name);

/** Answers each pair of lines, a pattern and a name, by `1` or `0`. */
const ORACLE = `#define _GNU_SOURCE
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
int main(void) {
  char pattern[256], name[256];
  while (fgets(pattern, sizeof pattern, stdin) && fgets(name, sizeof name, stdin)) {
    pattern[strcspn(pattern, "\\n")] = 0;
    name[strcspn(name, "\\n")] = 0;
    putchar(fnmatch(pattern, name, FNM_PATHNAME | FNM_NOESCAPE) == 0 ? '1' : '0');
  }
  return 0;
}
`;

describe("glob", () => {
  it("any text is a pattern, and the text of a pattern without marks matches itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 12 }), (text) => {
        expect(() => matches(text, text)).not.toThrow();
        const plain = text.replaceAll(/[*?[/]/g, "");
        expect(matches(plain, plain)).toBe(true);
      }),
      { seed, numRuns },
    );
  });

  it.each([
    ["[z-a]", "z"],
    ["[!z-a]", "/"],
    ["[!a]", "/"],
    ["*", "a/b"],
    ["[", "]"],
    ["[]", "]"],
  ])("%s does not match %s", (pattern, name) => {
    expect(matches(pattern, name)).toBe(false);
  });

  it.each([
    ["[!z-a]", "z"],
    ["[z-ab]", "b"],
    ["[&|~]", "&"],
    ["[a-]", "-"],
    ["[]a]", "]"],
    ["[!]a]", "b"],
    ["[🚗-🚙]", "🚘"],
    ["[", "["],
    ["[]", "[]"],
    ["[!]", "[!]"],
    ["[\\]", "\\"],
  ])("%s matches %s", (pattern, name) => {
    expect(matches(pattern, name)).toBe(true);
  });

  it.skipIf(withoutCompilers !== undefined)("is what fnmatch(3) matches", () => {
    const text = fc.string({ unit: fc.constantFrom(..."[[]]!^-*?abcz&|\\.{}()$+~"), minLength: 1, maxLength: 8 });
    // "[." begins the name of a character in a set, which we do not know. A set without an end is none (POSIX, 2.13.1), but where its last
    // character is a hyphen, glibc matches nothing.
    const pattern = text.filter((one) => !one.includes("[.") && !/\[[!^]?\]?[^\]]*-$/.test(one));
    const pairs = fc.sample(fc.tuple(pattern, text), { seed, numRuns: numRuns * 10 });
    const answers = inTemporaryFolder((folder) => {
      writeFiles(folder, { "oracle.c": ORACLE });
      const [gcc] = COMPILERS;
      if (gcc === undefined) throw new Error("no compiler");
      compileProgram(gcc, { folder, source: "oracle.c", program: "oracle" });
      return spawnSync(join(folder, "oracle"), { input: pairs.flat().join("\n"), encoding: "latin1" }).stdout;
    });
    expect(answers).toHaveLength(pairs.length);
    const different = pairs.filter(([pattern, name], index) => matches(pattern, name) !== (answers[index] === "1"));
    expect(different).toEqual([]);
    expect(new Set(answers)).toEqual(new Set("01"));
  });
});
