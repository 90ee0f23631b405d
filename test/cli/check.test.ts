import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { HAS_UNIX_TOOLS } from "../support/run/system.js";
import { BROKEN, CLI, filesIn, MANIFEST, project, put, schemaText, shmgen } from "./run-cli.js";

function freshProject(): string {
  const cwd = project({ "package.json": MANIFEST, "car.shm.ts": schemaText("Car") });
  expect(shmgen(["-q"], { cwd }).code).toBe(0);
  return cwd;
}

/** What a terminal shows: both streams in the order in which they are written. */
function shmgenTold(argv: readonly string[], cwd: string): string {
  const line = [process.execPath, CLI, ...argv].map((word) => `'${word}'`).join(" ");
  return spawnSync("sh", ["-c", `exec ${line} 2>&1`], { cwd, encoding: "utf8" }).stdout;
}

describe("check", () => {
  it("is content with fresh output", () => {
    const cwd = freshProject();
    expect(shmgen(["check"], { cwd })).toEqual({ code: 0, out: "2 files up to date\n", err: "" });
    expect(shmgen(["check", "--quiet"], { cwd })).toEqual({ code: 0, out: "", err: "" });
  });

  it.runIf(HAS_UNIX_TOOLS)("shows how a stale file differs, as a patch that mends it, and writes nothing", () => {
    const cwd = freshProject();
    const module = join(cwd, "generated/car.ts");
    const fresh = readFileSync(module, "utf8");
    const lines = fresh.split("\n");
    lines.splice(3, 2, "// edited");
    writeFileSync(module, `${lines.join("\n")}no newline at the end`);
    const before = filesIn(cwd);
    const { code, out, err } = shmgen(["check", "--full"], { cwd });
    expect(code).toBe(1);
    expect(out).toMatch(/^--- a\/generated\/car\.ts\n\+\+\+ b\/generated\/car\.ts\n@@ -1,\d+ \+1,\d+ @@\n/);
    expect(err).toBe(
      "shmgen: file 'generated/car.ts' is outdated\n1 of 2 files not up to date; shmgen generate mends it\n",
    );
    expect(filesIn(cwd)).toEqual(before);
    execFileSync("git", ["apply", "-p1"], { cwd, input: out });
    expect(readFileSync(module, "utf8")).toBe(fresh);
  });

  it.runIf(HAS_UNIX_TOOLS)(
    "says what a change means first, then which files differ, and then how; at most 40 lines of each, no bytes of descriptors",
    () => {
      const cwd = freshProject();
      expect(shmgen(["lock"], { cwd }).code).toBe(0);
      const more = Array.from({ length: 30 }, (_, n) => `  more${n}: f32;\n`).join("");
      const grown = schemaText("Car")
        .replace("version: 1", "version: 2")
        .replace("  speed: f32;\n", `  speed: f32;\n${more}`);
      put(cwd, { "car.shm.ts": grown });
      const short = shmgenTold(["check"], cwd);
      const at = (text: string): number => {
        expect(short).toContain(text);
        return short.indexOf(text);
      };
      const order = [
        at("Car version 2 is not published yet; from version 1: breaking\n"),
        at("shmgen: file 'generated/car.h' is outdated\n"),
        at("2 of 2 files not up to date; shmgen generate mends it\n"),
        at("--- a/generated/car.h\n"),
        at("--- a/generated/car.ts\n"),
      ];
      expect(order).toEqual([...order].sort((a, b) => a - b));
      const diffs = short.slice(order[3]).split(/^(?=--- a)/m);
      for (const diff of diffs) {
        const lines = diff.trimEnd().split("\n");
        expect(lines).toHaveLength(41);
        expect(lines[40]).toMatch(/^\.\.\. \d+ more lines; shmgen check --full shows all$/);
        expect(diff).not.toMatch(/[A-Za-z0-9+/]{64}|(?:\d+, ){12}/);
      }
      expect(diffs.at(-1)).toMatch(/^ {2}descriptor changed$/m);
      expect(short.match(/descriptor changed/g)?.length).toBeLessThanOrEqual(2);
      // All of it mends the files, bytes of descriptors included.
      const { out } = shmgen(["check", "--full"], { cwd });
      expect(out).toMatch(/^[+] +"[A-Za-z0-9+/]{64,}={0,2}",?$/m);
      expect(out).toMatch(/^[+] +(?:\d+, ){12}/m);
      execFileSync("git", ["apply", "-p1"], { cwd, input: out.slice(out.indexOf("--- a")) });
      expect(shmgen(["check"], { cwd }).code).toBe(0);
    },
  );

  it("leaves alone what a TypeScript compiler wrote beside a generated module, its comments included", () => {
    const cwd = freshProject();
    const text = readFileSync(join(cwd, "generated/car.ts"), "utf8");
    for (const ending of [".js", ".d.ts", ".js.map"]) writeFileSync(join(cwd, `generated/car${ending}`), text);
    expect(shmgen(["check"], { cwd })).toEqual({ code: 0, out: "2 files up to date\n", err: "" });
    expect(shmgen(["generate", "--clean"], { cwd }).out).toMatch(/^0 files written, 2 unchanged \(/);
  });

  it("notices a schema that changed and output that is missing", () => {
    const cwd = freshProject();
    put(cwd, { "car.shm.ts": schemaText("Car", "renamed") });
    rmSync(join(cwd, "generated/car.h"));
    const { code, out, err } = shmgen(["check"], { cwd });
    expect(code).toBe(1);
    expect(out).toContain("--- /dev/null\n+++ b/generated/car.h\n@@ -0,0 +1,");
    expect(out).toMatch(/^\+.*renamed/m);
    expect(err).toContain("file 'generated/car.h' is missing\n");
    expect(err).toContain("2 of 2 files not up to date; shmgen generate mends it\n");
  });

  it("notices left-overs and files of others, and names the option that mends them", () => {
    const cwd = freshProject();
    renameSync(join(cwd, "car.shm.ts"), join(cwd, "bus.shm.ts"));
    put(cwd, { "generated/bus.ts": "export const mine = 1;\n" });
    const { code, err } = shmgen(["check"], { cwd });
    expect(code).toBe(1);
    expect(err).toBe(
      [
        "shmgen: file 'generated/bus.h' is missing",
        "shmgen: file 'generated/bus.ts' is not what shmgen generates, and shmgen did not write it",
        "shmgen: file 'generated/car.h' is left over: nothing generates it any more",
        "shmgen: file 'generated/car.ts' is left over: nothing generates it any more",
        "4 of 4 files not up to date; shmgen generate --clean --force mends it",
        "",
      ].join("\n"),
    );
    expect(shmgen(["generate", "--clean", "--force", "-q"], { cwd }).code).toBe(0);
    expect(shmgen(["check"], { cwd }).code).toBe(0);
  });

  it("exits with 1 for mistakes in a schema", () => {
    const cwd = freshProject();
    put(cwd, { "broken.shm.ts": BROKEN });
    const { code, out, err } = shmgen(["check"], { cwd });
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("broken.shm.ts:4:10 - error");
  });

  it("--format json and github", () => {
    const cwd = freshProject();
    appendFileSync(join(cwd, "generated/car.h"), "// edited\n");
    const json = shmgen(["check", "--format", "json"], { cwd });
    expect(json).toMatchObject({ code: 1, err: "" });
    expect(JSON.parse(json.out)).toMatchObject({
      command: "check",
      exitCode: 1,
      files: [
        { path: "generated/car.h", status: "stale", diff: expect.stringContaining("\n-// edited\n") as unknown },
        { path: "generated/car.ts", status: "fresh" },
      ],
    });
    expect(shmgen(["check", "--format", "github"], { cwd })).toEqual({
      code: 1,
      out: "::error file=generated/car.h,title=shmgen check::generated/car.h is outdated\n",
      err: "",
    });
  });

  it("takes the options of generate that say what to compare, and no others", () => {
    const cwd = freshProject();
    expect(shmgen(["-t", "c", "-o", "inc", "-q"], { cwd }).code).toBe(0);
    expect(shmgen(["check", "car.shm.ts", "-t", "c", "-o", "inc"], { cwd }).out).toBe("1 file up to date\n");
    expect(shmgen(["check", "--cwd", cwd], { cwd: "/" }).code).toBe(0);
    expect(shmgen(["check", "--clean"], { cwd })).toMatchObject({
      code: 2,
      err: "shmgen: unknown option '--clean' of shmgen check\n  hint: shmgen check --help lists what it takes\n",
    });
  });
});

describe("a checkout of git's with the ends of lines of Windows", () => {
  it("is as good to check and to generate as any other", () => {
    const cwd = freshProject();
    for (const path of ["generated/car.ts", "generated/car.h"]) {
      const text = readFileSync(join(cwd, path), "utf8");
      expect(text).not.toContain("\r");
      writeFileSync(join(cwd, path), text.replaceAll("\n", "\r\n"));
    }
    const before = filesIn(cwd);
    expect(shmgen(["check"], { cwd })).toEqual({ code: 0, out: "2 files up to date\n", err: "" });
    expect(shmgen(["generate"], { cwd })).toMatchObject({ code: 0, err: "" });
    expect(filesIn(cwd)).toEqual(before);
    writeFileSync(join(cwd, "car.shm.ts"), schemaText("Car").replaceAll("\n", "\r\n"));
    expect(shmgen(["check"], { cwd }).code).toBe(0);
    appendFileSync(join(cwd, "generated/car.ts"), "// more\r\n");
    expect(shmgen(["check"], { cwd }).code).toBe(1);
  });
});
