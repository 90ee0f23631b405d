import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BROKEN, filesIn, MANIFEST, project, put, schemaText, shmgen } from "./run-cli.js";

function freshProject(): string {
  const cwd = project({ "package.json": MANIFEST, "car.shm.ts": schemaText("Car") });
  expect(shmgen(["-q"], { cwd }).code).toBe(0);
  return cwd;
}

describe("check", () => {
  it("is content with fresh output", () => {
    const cwd = freshProject();
    expect(shmgen(["check"], { cwd })).toEqual({ code: 0, out: "2 files up to date\n", err: "" });
    expect(shmgen(["check", "--quiet"], { cwd })).toEqual({ code: 0, out: "", err: "" });
  });

  it("shows how a stale file differs, as a patch that mends it, and writes nothing", () => {
    const cwd = freshProject();
    const module = join(cwd, "generated/car.ts");
    const fresh = readFileSync(module, "utf8");
    const lines = fresh.split("\n");
    lines.splice(3, 2, "// edited");
    writeFileSync(module, `${lines.join("\n")}no newline at the end`);
    const before = filesIn(cwd);
    const { code, out, err } = shmgen(["check"], { cwd });
    expect(code).toBe(1);
    expect(out).toMatch(/^--- a\/generated\/car\.ts\n\+\+\+ b\/generated\/car\.ts\n@@ -1,\d+ \+1,\d+ @@\n/);
    expect(err).toBe(
      "shmgen: file 'generated/car.ts' is outdated\n1 of 2 files not up to date; shmgen generate mends it\n",
    );
    expect(filesIn(cwd)).toEqual(before);
    execFileSync("git", ["apply", "-p1"], { cwd, input: out });
    expect(readFileSync(module, "utf8")).toBe(fresh);
  });

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
    execFileSync("mv", [join(cwd, "car.shm.ts"), join(cwd, "bus.shm.ts")]);
    put(cwd, { "generated/bus.ts": "export const mine = 1;\n" });
    const { code, err } = shmgen(["check"], { cwd });
    expect(code).toBe(1);
    expect(err).toBe(
      [
        "shmgen: file 'generated/bus.h' is missing",
        "shmgen: file 'generated/bus.ts' is not what shmgen generates, and shmgen did not write it",
        "shmgen: file 'generated/car.h' is left over: its schema or target is gone",
        "shmgen: file 'generated/car.ts' is left over: its schema or target is gone",
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
