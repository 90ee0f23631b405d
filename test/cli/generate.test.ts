import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BROKEN, filesIn, MANIFEST, project, put, schemaText, shmgen, startShmgen } from "./run-cli.js";
import { byDepth } from "../support/run/depth.js";
import { HAS_LINKS, HAS_UNIX_TOOLS } from "../support/run/system.js";

const BASIC = { "package.json": MANIFEST, "schemas/car.shm.ts": schemaText("Car") };
const OUTPUT = ["schemas/generated/car.h", "schemas/generated/car.ts"];

const generatedIn = (folder: string): string[] =>
  Object.keys(filesIn(folder)).filter((path) => /\.(h|js|d\.ts)$|generated.*\.ts$/.test(path));

describe("generate", () => {
  it.each([
    [["generate"]],
    [[]],
    [["generate", "schemas/car.shm.ts"]],
    [["schemas/car.shm.ts"]],
    [["schemas/*.shm.ts"]],
    [["./schemas"]],
  ])("works without a config: %j", (argv) => {
    const cwd = project(BASIC);
    const { code, out, err } = shmgen(argv, { cwd });
    expect(err).toBe("");
    expect(out).toMatch(
      /^created schemas\/generated\/car\.h \(\d+\.\d ms\)\ncreated schemas\/generated\/car\.ts \(\d+\.\d ms\)\n2 files written, 0 unchanged \(\d+ ms\)\n$/,
    );
    expect(code).toBe(0);
    expect(generatedIn(cwd)).toEqual(OUTPUT);
  });

  it("finds every schema below the package, and none in node_modules, dist and dot folders", () => {
    const cwd = project({
      ...BASIC,
      "deep/er/b.shm.ts": schemaText("Deep", "samples", 2),
      "node_modules/x/c.shm.ts": BROKEN,
      "dist/d.shm.ts": BROKEN,
      ".hidden/e.shm.ts": BROKEN,
      "lib/dist/f.shm.ts": BROKEN,
    });
    expect(shmgen([], { cwd: join(cwd, "deep") }).out).toContain("4 files written");
    expect(generatedIn(cwd)).toEqual(["deep/er/generated/b.h", "deep/er/generated/b.ts", ...OUTPUT]);
  });

  it("leaves a file alone when its text is the same, and counts it", () => {
    const cwd = project(BASIC);
    shmgen([], { cwd });
    const old = new Date(2001, 1, 1);
    for (const path of OUTPUT) utimesSync(join(cwd, path), old, old);
    writeFileSync(join(cwd, OUTPUT[0] ?? ""), `${readFileSync(join(cwd, OUTPUT[0] ?? ""), "utf8")}// edited\n`);
    const { out } = shmgen([], { cwd });
    expect(out).toMatch(/^updated schemas\/generated\/car\.h \([\d.]+ ms\)\n1 file written, 1 unchanged \(\d+ ms\)\n$/);
    expect(statSync(join(cwd, OUTPUT[1] ?? "")).mtime).toEqual(old);
  });

  it("--dry-run says what it would do and writes nothing", () => {
    const cwd = project(BASIC);
    const before = filesIn(cwd);
    const { code, out } = shmgen(["generate", "--dry-run"], { cwd });
    expect(out).toMatch(
      /^would create schemas\/generated\/car\.h\nwould create schemas\/generated\/car\.ts\n2 files to write, 0 unchanged \(\d+ ms\)\n$/,
    );
    expect(code).toBe(0);
    expect(filesIn(cwd)).toEqual(before);
    expect(existsSync(join(cwd, "schemas/generated"))).toBe(false);
  });

  it("--target chooses, repeated or with commas; js brings its declarations", () => {
    const cwd = project(BASIC);
    expect(shmgen(["-t", "c"], { cwd }).code).toBe(0);
    expect(generatedIn(cwd)).toEqual(["schemas/generated/car.h"]);
    expect(shmgen(["-t", "js", "--target=c", "-o", "two"], { cwd }).code).toBe(0);
    expect(shmgen(["-t", "js,c", "-o", "three"], { cwd }).code).toBe(0);
    expect(readdirSync(join(cwd, "two"))).toEqual(["car.d.ts", "car.d.ts.map", "car.h", "car.js"]);
    expect(readdirSync(join(cwd, "three"))).toEqual(readdirSync(join(cwd, "two")));
  });

  it("--out names the folder, and {dir} in it the schema's", () => {
    const cwd = project({ ...BASIC, "other/car.shm.ts": schemaText("Other", "samples", 2) });
    const { code, err } = shmgen(["--out", "gen"], { cwd });
    expect(code).toBe(2);
    expect(err).toBe(
      "shmgen: two schemas would both be written to gen/car.h\n  hint: keep their folders apart: --out 'DIR/{dir}', or out in the config\n",
    );
    expect(existsSync(join(cwd, "gen"))).toBe(false);
    expect(shmgen(["--out", "gen/{dir}", "-t", "c"], { cwd }).code).toBe(0);
    expect(generatedIn(cwd)).toEqual(["gen/other/car.h", "gen/schemas/car.h"]);
    // From elsewhere, --out is relative to where the user is.
    expect(shmgen(["car.shm.ts", "--out", "here", "-t", "c"], { cwd: join(cwd, "schemas") }).code).toBe(0);
    expect(existsSync(join(cwd, "schemas/here/car.h"))).toBe(true);
  });

  it("--quiet prints nothing when all is well", () => {
    const cwd = project(BASIC);
    expect(shmgen(["-q"], { cwd })).toEqual({ code: 0, out: "", err: "" });
    expect(generatedIn(cwd)).toEqual(OUTPUT);
  });
});

describe("generate reads", () => {
  it("SHM4010 an import from outside of the project is read, but nothing is written there", () => {
    const part = `import type { u32 } from "@shmgen/schema";\nexport interface Part { a: u32 }\n`;
    const car = (from: string): string =>
      `import type { Region } from "@shmgen/schema";\nimport type { Part } from "${from}";\n\nexport interface Car extends Region<{ type: 1; version: 1 }> { part: Part }\n`;
    const cwd = project({
      "mine/repo/.git/HEAD": "",
      "mine/repo/packages/a/package.json": MANIFEST,
      "mine/repo/packages/a/src/car.shm.ts": car("../../../../../other/src/part.shm.js"),
      "mine/repo/packages/a/installed/car.shm.ts": car("../node_modules/part/part.shm.js").replace(
        "type: 1",
        "type: 2",
      ),
      "mine/repo/packages/a/node_modules/part/part.shm.ts": part,
      "mine/repo/packages/b/src/part.shm.ts": part,
      "mine/workspace/package.json": `{ "workspaces": ["deep/*/*"] }`,
      "mine/workspace/deep/b/b/part.shm.ts": part,
      "mine/workspace/deep/a/a/package.json": MANIFEST,
      "mine/workspace/deep/a/a/car.shm.ts": car("../../b/b/part.shm.js"),
      "other/src/part.shm.ts": part,
    });
    const a = join(cwd, "mine/repo/packages/a");
    const before = filesIn(cwd);
    for (const options of [{ cwd: a }, { cwd: "/" }]) {
      const { code, err } = shmgen(["generate", "--cwd", a], options);
      expect(code).toBe(1);
      const outside =
        /src\/car\.shm\.ts:2:\d+ - error SHM4010: '\.\.\/\.\.\/\.\.\/\.\.\/other\/src\/part\.shm\.ts' lies outside of this project, and its accessors would be written there, to '\.\.\/\.\.\/\.\.\/\.\.\/other\/src\/generated\/part'/;
      expect(err).toMatch(outside);
      expect(err).toMatch(
        /installed\/car\.shm\.ts:2:\d+ - error SHM4010: 'node_modules\/part\/part\.shm\.ts' lies outside/,
      );
      expect(err).toContain("hint: if it is yours, list it in `files` of the config");
    }
    expect(filesIn(cwd)).toEqual(before);
    // What writes nothing reads it all the same.
    expect(shmgen(["layout", "Car", "--files", "src/car.shm.ts"], { cwd: a })).toMatchObject({ code: 0, err: "" });
    // Each of the two ways out that the hint names.
    expect(shmgen(["--out", "generated", "src/car.shm.ts"], { cwd: a })).toMatchObject({ code: 0, err: "" });
    expect(Object.keys(filesIn(join(a, "generated")))).toEqual(["car.h", "car.ts", "part.h", "part.ts"]);
    put(a, { "shmgen.config.json": `{ "files": ["src", "../../../../other/src/part.shm.ts"] }` });
    expect(shmgen([], { cwd: a })).toMatchObject({ code: 0, err: "" });
    expect(Object.keys(filesIn(join(cwd, "other/src/generated")))).toEqual(["part.h", "part.ts"]);
    // Packages of one repository or workspace belong together, wherever the command works.
    put(a, { "shmgen.config.json": "{}", "src/car.shm.ts": car("../../b/src/part.shm.js") });
    expect(shmgen(["src/car.shm.ts"], { cwd: a })).toMatchObject({ code: 0, err: "" });
    expect(Object.keys(filesIn(join(cwd, "mine/repo/packages/b/src/generated")))).toEqual(["part.h", "part.ts"]);
    expect(shmgen(["--cwd", join(cwd, "mine/workspace/deep/a/a")])).toMatchObject({ code: 0, err: "" });
    expect(Object.keys(filesIn(join(cwd, "mine/workspace/deep/b/b/generated")))).toEqual(["part.h", "part.ts"]);
  });

  it("--cwd works as if started there", () => {
    const cwd = project(BASIC);
    const { code, out } = shmgen(["generate", "--cwd", join(cwd, "schemas")], { cwd: "/" });
    expect(out).toContain("created generated/car.h");
    expect(code).toBe(0);
    expect(generatedIn(cwd)).toEqual(OUTPUT);
    expect(shmgen(["--cwd", "no-such"], { cwd })).toMatchObject({
      code: 2,
      err: "shmgen: --cwd no-such: there is no such folder\n",
    });
    expect(shmgen(["--cwd", "package.json"], { cwd })).toMatchObject({
      code: 2,
      err: "shmgen: --cwd package.json: that is not a folder\n",
    });
  });

  it("tells all mistakes of all schemas, writes nothing and exits with 1", () => {
    const cwd = project({ ...BASIC, "schemas/broken.shm.ts": BROKEN });
    const { code, out, err } = shmgen([], { cwd });
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err).toMatch(/^schemas\/broken\.shm\.ts:4:10 - error SHM\d{4}: /);
    expect(err).toMatch(/^schemas\/broken\.shm\.ts:5:9 - error SHM\d{4}: /m);
    expect(err).toMatch(/\n2 errors\n$/);
    expect(generatedIn(cwd)).toEqual([]);
    // Paths are as seen from where the user is.
    expect(shmgen([], { cwd: join(cwd, "schemas") }).err).toMatch(/^broken\.shm\.ts:4:10 - error/);
  });
});

describe("generate prints", () => {
  it("--format json prints one document, also for mistakes and failures", () => {
    const cwd = project(BASIC);
    const good = shmgen(["--format", "json"], { cwd });
    expect(good).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(good.out)).toMatchObject({
      command: "generate",
      exitCode: 0,
      files: OUTPUT.map((path) => ({ path, status: "created" })),
      diagnostics: [],
    });
    put(cwd, { "broken.shm.ts": BROKEN });
    const bad = shmgen(["--format=json"], { cwd });
    expect(bad).toMatchObject({ code: 1, err: "" });
    const { diagnostics } = JSON.parse(bad.out) as { diagnostics: object[] };
    expect(diagnostics).toHaveLength(2);
    expect(diagnostics[0]).toMatchObject({ severity: "error", file: "broken.shm.ts", line: 4, column: 10 });
    const failed = shmgen(["nothing.shm.ts", "--format", "json"], { cwd });
    expect(failed).toMatchObject({ code: 2, err: "" });
    expect(JSON.parse(failed.out)).toMatchObject({
      exitCode: 2,
      error: { message: "nothing.shm.ts: there is no such file" },
    });
  });

  it("--format github prints workflow commands with paths from the checkout", () => {
    const cwd = project({ "package.json": MANIFEST, "packages/a/broken.shm.ts": BROKEN });
    const { code, out, err } = shmgen(["--format", "github"], {
      cwd: join(cwd, "packages/a"),
      env: { GITHUB_WORKSPACE: cwd },
    });
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out).toMatch(/^::error file=packages\/a\/broken\.shm\.ts,line=4,col=10,title=SHM\d{4}::/);
    expect(out.trimEnd().split("\n")).toHaveLength(2);
  });

  it("shows colours never in a pipe", () => {
    const cwd = project({ ...BASIC, "broken.shm.ts": BROKEN });
    expect(shmgen([], { cwd }).err).not.toContain("\u001b");
  });

  it.each([
    [["missing.shm.ts"], "shmgen: missing.shm.ts: there is no such file\n"],
    [["schemas/car"], "shmgen: schemas/car: there is no such file\n  hint: did you mean 'car.shm.ts'?\n"],
    [["schemas/cra.shm.ts"], "shmgen: schemas/cra.shm.ts: there is no such file\n  hint: did you mean 'car.shm.ts'?\n"],
    [["x/*.shm.ts"], "shmgen: x/*.shm.ts: no file matches\n"],
    [["./empty"], "shmgen: ./empty: no *.shm.ts in this folder\n"],
    [["./package.json"], "shmgen: package.json is not a schema: its name has to end in .shm.ts\n"],
  ])("says what is wrong with the files named: %j", (argv, message) => {
    const cwd = project({ ...BASIC, "empty/readme": "" });
    expect(shmgen(argv, { cwd })).toEqual({ code: 2, out: "", err: message });
  });

  it("says where it looked when there is no schema at all", () => {
    const cwd = project({ "package.json": MANIFEST });
    const { code, err } = shmgen([], { cwd });
    expect(code).toBe(2);
    expect(err).toMatch(
      /^shmgen: no schema found: looked for \*\*\/\*\.shm\.ts below .*\n {2}hint: shmgen init writes a first schema\n$/,
    );
  });

  it("reads paths with spaces, other scripts, brackets and a leading dash", () => {
    const names = [
      "with space.shm.ts",
      "größe-車.shm.ts",
      "-dash.shm.ts",
      "br[a]cket{x}.shm.ts",
      "sub dir/--out.shm.ts",
    ];
    const files = Object.fromEntries(
      names.map((name, index) => [name, schemaText(`Car${index}`, "samples", index + 1)]),
    );
    const cwd = project({ "package.json": MANIFEST, ...files });
    const { code, err, out } = shmgen(["generate", "-t", "ts", "-o", "gen", "--", ...names], { cwd });
    expect(err).toBe("");
    expect(out).toContain("5 files written");
    expect(code).toBe(0);
    expect(readdirSync(join(cwd, "gen")).sort()).toEqual(
      ["--out.ts", "-dash.ts", "br[a]cket{x}.ts", "größe-車.ts", "with space.ts"].sort(),
    );
  });
});

describe("files of others", () => {
  it("are not overwritten without --force, and nothing else is written either", () => {
    const cwd = project({ ...BASIC, "schemas/generated/car.ts": "export const mine = 1;\n" });
    const { code, out, err } = shmgen([], { cwd });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toBe(
      "shmgen: schemas/generated/car.ts: shmgen did not write this file, so nothing was written\n" +
        "  hint: move it away, choose another folder with --out, or overwrite it with --force\n",
    );
    expect(generatedIn(cwd)).toEqual(["schemas/generated/car.ts"]);
    expect(shmgen(["--force"], { cwd }).code).toBe(0);
    expect(readFileSync(join(cwd, "schemas/generated/car.ts"), "utf8")).toContain("@generated by shmgen");
  });

  it("left over from a schema that is gone are reported, and removed with --clean", () => {
    const cwd = project({
      ...BASIC,
      "schemas/bus.shm.ts": schemaText("Bus", "samples", 2),
      "schemas/generated/notes.md": "mine\n",
    });
    shmgen([], { cwd });
    rmSync(join(cwd, "schemas/bus.shm.ts"));
    const told = shmgen([], { cwd });
    expect(told.code).toBe(0);
    expect(told.err).toBe(
      "shmgen: warning: schemas/generated/bus.h is left over: nothing generates it any more; shmgen generate --clean removes it\n" +
        "shmgen: warning: schemas/generated/bus.ts is left over: nothing generates it any more; shmgen generate --clean removes it\n",
    );
    expect(shmgen(["--clean", "--dry-run"], { cwd }).out).toContain("would remove schemas/generated/bus.h\n");
    expect(existsSync(join(cwd, "schemas/generated/bus.h"))).toBe(true);
    const cleaned = shmgen(["--clean"], { cwd });
    expect(cleaned.out).toMatch(
      /^removed schemas\/generated\/bus\.h\nremoved schemas\/generated\/bus\.ts\n0 files written, 2 unchanged, 2 removed/,
    );
    expect(readdirSync(join(cwd, "schemas/generated"))).toEqual(["car.h", "car.ts", "notes.md"]);
  });

  it("of a target that is no longer configured are left over, but not when --target chose for this run", () => {
    const cwd = project({ ...BASIC, "shmgen.config.json": `{ "targets": ["ts", "c"] }` });
    shmgen([], { cwd });
    expect(shmgen(["-t", "ts", "--clean"], { cwd })).toMatchObject({ code: 0, err: "" });
    expect(generatedIn(cwd)).toEqual(OUTPUT);
    put(cwd, { "shmgen.config.json": `{ "targets": ["ts"] }` });
    shmgen(["--clean"], { cwd });
    expect(generatedIn(cwd)).toEqual(["schemas/generated/car.ts"]);
  });

  it("of another schema in the same folder are no left-overs when only one is compiled", () => {
    const cwd = project({ ...BASIC, "schemas/bus.shm.ts": schemaText("Bus", "samples", 2) });
    shmgen([], { cwd });
    expect(shmgen(["schemas/car.shm.ts", "--clean"], { cwd })).toMatchObject({ code: 0, err: "" });
    expect(generatedIn(cwd)).toHaveLength(4);
  });
});

describe("writing", () => {
  it.runIf(HAS_LINKS)("keeps the mode of a file that it replaces and writes through a link", () => {
    const cwd = project(BASIC);
    shmgen([], { cwd });
    const [header = "", module = ""] = OUTPUT.map((path) => join(cwd, path));
    chmodSync(header, 0o600);
    renameSync(module, join(cwd, "elsewhere.ts"));
    symlinkSync(join(cwd, "elsewhere.ts"), module);
    put(cwd, { "schemas/car.shm.ts": schemaText("Car", "renamed") });
    expect(shmgen([], { cwd }).code).toBe(0);
    expect(statSync(header).mode & 0o777).toBe(0o600);
    expect(lstatSync(module).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(cwd, "elsewhere.ts"), "utf8")).toContain("renamed");
  });

  it("exits with 3 and names the file when the folder cannot be written", () => {
    const cwd = project({ ...BASIC, "schemas/generated": "a file where the folder should be" });
    expect(shmgen([], { cwd })).toMatchObject({
      code: 3,
      err: expect.stringMatching(/^shmgen: cannot \w+ schemas\/generated\/car\.h: .*\((ENOTDIR|EEXIST)\)\n$/),
    });
  });

  it.runIf(HAS_UNIX_TOOLS)(
    "exits with 3 when something that is not a file is in the way, without waiting for it",
    () => {
      const cwd = project(BASIC);
      mkdirSync(join(cwd, "schemas/generated"));
      execFileSync("mkfifo", [join(cwd, "schemas/generated/car.h")]);
      expect(shmgen([], { cwd })).toMatchObject({ code: 3, err: expect.stringContaining("not a file is in the way") });
    },
  );

  // Modes are of Unix.
  it.skipIf(process.platform === "win32")(
    "exits with 3 in a read-only folder and for a schema that may not be read",
    () => {
      const cwd = project(BASIC);
      // Root may write everywhere, so the run belongs to somebody else then.
      const uid = process.getuid?.() === 0 ? { uid: 65534 } : {};
      chmodSync(join(cwd, "schemas"), 0o555);
      expect(shmgen([], { cwd, ...uid })).toMatchObject({
        code: 3,
        out: "",
        err: "shmgen: cannot write schemas/generated/car.h: permission denied (EACCES)\n",
      });
      chmodSync(join(cwd, "schemas/car.shm.ts"), 0o000);
      expect(shmgen([], { cwd, ...uid })).toMatchObject({
        code: 3,
        err: "shmgen: cannot read schemas/car.shm.ts: permission denied (EACCES)\n",
      });
      chmodSync(join(cwd, "schemas/car.shm.ts"), 0o644);
    },
  );

  it(
    "leaves no half file behind when it is killed, and clears up at the next run [fault 59]",
    { timeout: 360_000 },
    async () => {
      const schemas: Record<string, string> = {};
      for (let index = 0; index < 60; index += 1)
        schemas[`s${index}.shm.ts`] = schemaText(`Car${index}`, "samples", index + 1);
      const whole = project({ "package.json": MANIFEST, ...schemas });
      expect(shmgen(["-q"], { cwd: whole }).code).toBe(0);
      const expected = filesIn(join(whole, "generated"));
      let partial = 0;
      // On a busy machine the death may come late, when everything is written.
      for (let round = 0; round < byDepth(2, 6) || (partial === 0 && round < 60); round += 1) {
        const cwd = project({ "package.json": MANIFEST, ...schemas });
        const folder = join(cwd, "generated");
        const { child, ended } = startShmgen(["-q"], { cwd });
        while (!existsSync(folder) && child.exitCode === null) await new Promise((done) => setTimeout(done, 1));
        await new Promise((done) => setTimeout(done, round % 6));
        child.kill("SIGKILL");
        await ended;
        const found = filesIn(folder);
        const finished = Object.entries(found).filter(([name]) => !name.startsWith("."));
        for (const [name, text] of finished) expect(text).toBe(expected[name]);
        if (finished.length < Object.keys(expected).length) partial += 1;
        put(folder, { ".shmgen-999999999.tmp": "half a fi" });
        expect(shmgen(["-q"], { cwd })).toEqual({ code: 0, out: "", err: "" });
        expect(filesIn(folder)).toEqual(expected);
      }
      expect(partial).toBeGreaterThan(0);
    },
  );

  // Of Windows' signals none is heard that another process sends.
  it.skipIf(process.platform === "win32")("ends with 130 on SIGINT and 143 on SIGTERM", async () => {
    const schemas: Record<string, string> = {};
    for (let index = 0; index < 150; index += 1)
      schemas[`s${index}.shm.ts`] = schemaText(`Car${index}`, "samples", index + 1);
    for (const [signal, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      // On a busy machine the signal may come when everything is done.
      let answer: unknown = 0;
      for (let round = 0; round < 20 && answer === 0; round += 1) {
        const cwd = project({ "package.json": MANIFEST, ...schemas });
        const { child, ended } = startShmgen([], { cwd });
        while (!existsSync(join(cwd, "generated"))) await new Promise((done) => setTimeout(done, 1));
        child.kill(signal);
        answer = await ended;
        expect(readdirSync(join(cwd, "generated")).filter((name) => name.startsWith("."))).toEqual([]);
      }
      expect(answer).toBe(code);
    }
  });
});
