/** Published layouts: lock, check, diff, generate --versions, as a user runs them. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { MANIFEST, project, put, shmgen } from "./run-cli.js";

const schema = (options: string, fields: string, name = "Car"): string =>
  `import type { Region, atomic, f32, f64, since, u32, u64 } from "@shmgen/schema";

/** State of a car. */
export interface ${name} extends Region<{ ${options} }> {
  ${fields}
}
`;
const V1 = schema("type: 1; version: 1", "samples: atomic<u64>;\n  speed: f32;");

function published(fields = V1): string {
  const cwd = project({ "package.json": MANIFEST, "car.shm.ts": fields });
  expect(shmgen(["-q"], { cwd }).code).toBe(0);
  expect(shmgen(["lock"], { cwd }).code).toBe(0);
  return cwd;
}

function git(cwd: string, ...args: string[]): void {
  execFileSync("git", ["-c", "user.email=a@b", "-c", "user.name=x", ...args], { cwd });
}

const change = (cwd: string, text: string): void => put(cwd, { "car.shm.ts": text });

describe("lock", () => {
  it("a byte order mark and carriage returns, as some editors write them, change nothing: lock file, config, schema", () => {
    const cwd = published();
    const windows = (name: string): void => {
      const text = readFileSync(join(cwd, name), "utf8");
      writeFileSync(join(cwd, name), `\ufeff${text.replaceAll("\n", "\r\n")}`);
    };
    expect(shmgen(["generate"], { cwd }).code).toBe(0);
    windows("car.shm.ts");
    windows("shmgen.lock.json");
    windows("package.json");
    for (const [name, text] of [
      ["shmgen.config.json", `{ "targets": ["ts", "c"] }\n`],
      ["shmgen.config.mjs", `export default {\n  targets: ["ts", "c"],\n};\n`],
      ["shmgen.config.ts", `export default {\n  targets: ["ts", "c"],\n};\n`],
    ] as const) {
      put(cwd, { [name]: text });
      windows(name);
      expect(shmgen(["check"], { cwd })).toMatchObject({ code: 0, err: "" });
      rmSync(join(cwd, name));
    }
    expect(shmgen(["lock"], { cwd })).toMatchObject({ code: 0, out: "all 1 regions are published as they are\n" });
    expect(shmgen(["check", "--against", "shmgen.lock.json"], { cwd })).toMatchObject({ code: 0, err: "" });
    expect(shmgen(["diff", "shmgen.lock.json"], { cwd })).toMatchObject({
      code: 0,
      out: expect.stringContaining(": identical\n") as unknown,
    });
    put(cwd, { "bad.shm.ts": `import type { u8 } from "@shmgen/schema";\nexport interface A { a: number }\n` });
    windows("bad.shm.ts");
    expect(shmgen(["check", "bad.shm.ts"], { cwd }).err).toMatch(
      /^bad\.shm\.ts:2:25 - error SHM1010: [^\n]*\n2 \| export interface A \{ a: number \}\n {2}\| {25}\^{6}\n/,
    );
  });

  it("publishes the version of today once, deterministically, and says what it did", () => {
    const cwd = project({ "package.json": MANIFEST, "car.shm.ts": V1 });
    const first = shmgen(["lock", "--dry-run"], { cwd });
    expect(first).toEqual({ code: 0, out: "would publish Car version 1\n", err: "" });
    const { out } = shmgen(["lock"], { cwd });
    expect(out).toBe("published Car version 1\nshmgen.lock.json created; commit it\n");
    const text = readFileSync(join(cwd, "shmgen.lock.json"), "utf8");
    expect(JSON.parse(text)).toMatchObject({
      lockVersion: 1,
      regions: { Car: { type: 1, versions: { 1: { readableFrom: 1, header: "standard" } } } },
    });
    // One field stands on one line.
    expect(text.split("\n").filter((line) => line.includes('"name":"speed"'))).toHaveLength(1);
    expect(shmgen(["lock"], { cwd }).out).toBe("all 1 regions are published as they are\n");
    expect(readFileSync(join(cwd, "shmgen.lock.json"), "utf8")).toBe(text);
  });

  it("keeps every version, and refuses to change one without --force", () => {
    const cwd = published();
    change(cwd, schema("type: 1; version: 1", "samples: atomic<u64>;\n  speed: f64;"));
    const before = readFileSync(join(cwd, "shmgen.lock.json"), "utf8");
    const refused = shmgen(["lock"], { cwd });
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("error SHM5001")]);
    expect(readFileSync(join(cwd, "shmgen.lock.json"), "utf8")).toBe(before);
    change(cwd, schema("type: 1; version: 2", "samples: atomic<u64>;\n  speed: f64;"));
    expect(shmgen(["lock"], { cwd }).out).toContain("published Car version 2 (from version 1: breaking)\n");
    const lock = JSON.parse(readFileSync(join(cwd, "shmgen.lock.json"), "utf8")) as {
      regions: { Car: { versions: object } };
    };
    expect(Object.keys(lock.regions.Car.versions)).toEqual(["1", "2"]);
    change(cwd, schema("type: 1; version: 2", "samples: atomic<u64>;\n  speed: u32;"));
    expect(shmgen(["lock", "--force"], { cwd }).code).toBe(0);
    expect(shmgen(["check", "-q"], { cwd }).err).not.toContain("SHM5001");
  });

  it("merges without help when two branches publish different regions", () => {
    const cwd = published();
    git(cwd, "init", "-q", "-b", "main");
    git(cwd, "add", "-A");
    git(cwd, "commit", "-qm", "one");
    git(cwd, "checkout", "-qb", "other");
    put(cwd, { "aeroplane.shm.ts": schema("type: 3; version: 1", "speed: f32;", "Aeroplane") });
    shmgen(["lock"], { cwd });
    git(cwd, "add", "-A");
    git(cwd, "commit", "-qm", "aeroplane");
    git(cwd, "checkout", "-q", "main");
    change(
      cwd,
      schema("type: 1; version: 2; readableFrom: 1", "samples: atomic<u64>;\n  speed: f32;\n  more: since<u32, 2, 0>;"),
    );
    shmgen(["lock"], { cwd });
    git(cwd, "add", "-A");
    git(cwd, "commit", "-qm", "car 2");
    git(cwd, "merge", "-q", "other", "-m", "both");
    expect(shmgen(["lock"], { cwd })).toMatchObject({ code: 0, out: "all 2 regions are published as they are\n" });
  });

  it.each([
    ["no JSON", "{", "it is no JSON"],
    ["a merge conflict", "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> other\n", "conflict markers"],
    ["another shape", '{ "lockVersion": 2, "regions": {} }', "lockVersion"],
    ["a layout that was edited", undefined, "the layout has the fingerprint"],
  ])("is refused with what is wrong when it is %s", (_, text, problem) => {
    const cwd = published();
    const path = join(cwd, "shmgen.lock.json");
    writeFileSync(path, text ?? readFileSync(path, "utf8").replace('"name":"speed"', '"name":"spead"'));
    const { code, err } = shmgen(["check"], { cwd });
    expect([code, err]).toEqual([2, expect.stringContaining(problem)]);
    expect(err).toContain("shmgen: shmgen.lock.json: ");
    expect(err).toContain("hint: take it from version control");
  });
});

describe("check of versions", () => {
  it("a layout that changed under its version is an error at the line to edit, in text, json and github [fault 49, figure 7]", () => {
    const cwd = published();
    change(cwd, schema("type: 1; version: 1", "samples: atomic<u64>;\n  speed: f64;"));
    const { code, err } = shmgen(["check"], { cwd });
    expect(code).toBe(1);
    expect(err).toContain(
      "car.shm.ts:4:48 - error SHM5001: The layout of 'Car' changed, but its version is still 1, as in shmgen.lock.json: ",
    );
    expect(err).toContain("Car.speed changed from f32 at 8 to f64 at 8");
    expect(err).toContain("hint: write version: 2 here; or undo the change.");
    const json = JSON.parse(shmgen(["check", "--format", "json"], { cwd }).out) as {
      exitCode: number;
      regions: unknown;
    };
    expect(json).toMatchObject({
      exitCode: 1,
      diagnostics: [{ code: "SHM5001", line: 4 }],
      regions: [{ name: "Car", status: "changed" }],
    });
    expect(shmgen(["check", "--format", "github"], { cwd }).out).toContain("::error file=car.shm.ts,line=4,");
  });

  it("proves readableFrom against every version that it covers, and tells what a new version is", () => {
    const cwd = published();
    change(cwd, schema("type: 1; version: 2; readableFrom: 1", "samples: atomic<u64>;\n  speed: f64;"));
    shmgen(["-q"], { cwd });
    expect(shmgen(["check"], { cwd }).err).toContain(
      "error SHM5003: 'Car' version 2 says readableFrom: 1, but programs of version 1 could not use its regions: ",
    );
    change(
      cwd,
      schema("type: 1; version: 2; readableFrom: 1", "samples: atomic<u64>;\n  speed: f32;\n  more: since<u32, 2, 0>;"),
    );
    shmgen(["-q"], { cwd });
    expect(shmgen(["check"], { cwd })).toEqual({
      code: 0,
      out: "Car version 2 is not published yet; from version 1: compatible\n2 files up to date\n",
      err: "",
    });
  });

  it("compares with a commit, a folder and a lock file; says so when there is no such thing", () => {
    const cwd = published();
    git(cwd, "init", "-q");
    git(cwd, "add", "-A");
    git(cwd, "commit", "-qm", "one");
    put(cwd, { "old/car.shm.ts": V1, "other.json": readFileSync(join(cwd, "shmgen.lock.json"), "utf8") });
    rmSync(join(cwd, "shmgen.lock.json"));
    change(cwd, schema("type: 1; version: 1", "samples: atomic<u64>;\n  speed: f64;"));
    shmgen(["-q", "car.shm.ts"], { cwd });
    expect(shmgen(["check", "car.shm.ts"], { cwd }).code).toBe(0);
    for (const source of ["HEAD", "old", "other.json"]) {
      const { code, err } = shmgen(["check", "car.shm.ts", "--against", source], { cwd });
      expect([code, err]).toEqual([1, expect.stringContaining(`still 1, as in ${source}: `)]);
    }
    const { code, err } = shmgen(["check", "car.shm.ts", "--against", "nothing"], { cwd });
    expect([code, err]).toEqual([2, expect.stringContaining("--against nothing: there is no such thing")]);
    expect(shmgen(["check", "--against", "--help"], { cwd }).code).toBe(2);
  });
});

describe("generate where layouts are published", () => {
  const broken = schema("type: 1; version: 1", "samples: atomic<u64>;\n  speed: f64;");

  it("warns of what check will refuse, writes all the same, and exits with 0", () => {
    const cwd = published();
    expect(shmgen(["generate"], { cwd })).toMatchObject({ code: 0, err: "" });
    change(cwd, broken);
    const { code, out, err } = shmgen(["generate"], { cwd });
    expect(code).toBe(0);
    expect(out).toContain("2 files written");
    expect(err).toContain(
      "car.shm.ts:4:48 - warning SHM5001: The layout of 'Car' changed, but its version is still 1, as in shmgen.lock.json: ",
    );
    expect(err).toContain("hint: write version: 2 here; or undo the change.");
    expect(err).toContain("1 warning\n");
    expect(shmgen(["check"], { cwd }).err).toContain("error SHM5001");
    const json = JSON.parse(shmgen(["generate", "--format", "json"], { cwd }).out) as unknown;
    expect(json).toMatchObject({ exitCode: 0, diagnostics: [{ code: "SHM5001", severity: "warning" }] });
    expect(shmgen(["generate", "--format", "github"], { cwd }).out).toContain("::warning file=car.shm.ts,line=4,");
    change(cwd, schema("type: 1; version: 2; readableFrom: 1", "samples: atomic<u64>;\n  speed: f64;"));
    expect(shmgen(["generate"], { cwd })).toMatchObject({
      code: 0,
      err: expect.stringContaining("warning SHM5003") as unknown,
    });
  });

  it("does not depend on a lock file that cannot be read, and says so", () => {
    const cwd = published();
    writeFileSync(join(cwd, "shmgen.lock.json"), "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> other\n");
    change(cwd, broken);
    const { code, out, err } = shmgen(["generate"], { cwd });
    expect([code, out]).toEqual([0, expect.stringContaining("2 files written")]);
    expect(err).toBe(
      "shmgen: warning: layouts were not compared: shmgen.lock.json: it is no JSON: it has conflict markers of a merge\n",
    );
  });
});

describe("diff", () => {
  it("shows both sides with offsets, the rule, and what programs would see; exit code 1", () => {
    const cwd = published();
    change(cwd, schema("type: 1; version: 2", "samples: atomic<u64>;\n  gear: since<u32, 2, 0>;\n  speed: f32;"));
    const { code, out } = shmgen(["diff", "Car@1"], { cwd });
    expect(code).toBe(1);
    expect(out).toContain("Car: shmgen.lock.json version 1 -> schema version 2: breaking\n");
    expect(out).toMatch(/^ {7}0 {2}samples: atomic<u64> +0 {2}samples: atomic<u64>$/m);
    expect(out).toMatch(/^\+ +8 {2}gear: u32$/m);
    expect(out).toMatch(/^! {6}8 {2}speed: f32 +12 {2}speed: f32$/m);
    expect(out).toContain("  breaking [field-in-the-middle]\n    Car.gear is new (u32 at 8, 4 bytes): ");
    const json = JSON.parse(shmgen(["diff", "Car@1", "Car", "--format", "json"], { cwd }).out) as object;
    expect(json).toMatchObject({
      regions: [{ name: "Car", class: "breaking", before: { version: 1 }, after: { version: 2 } }],
    });
    expect(shmgen(["diff", "Car@1", "Car@1"], { cwd })).toMatchObject({ code: 0 });
    expect(shmgen(["diff", "Car@7"], { cwd })).toMatchObject({
      code: 2,
      err: expect.stringContaining("published are versions 1"),
    });
  });

  it("compares a live region with the schema that it should have, by name and by path, and takes no lock", () => {
    const cwd = published();
    const regions = mkdtempSync("/dev/shm/shmgen-test-");
    onTestFinished(() => rmSync(regions, { recursive: true, force: true }));
    shmgen(["generate", "-q", "--target", "js"], { cwd });
    const script = `import { Car } from ${JSON.stringify(join(cwd, "generated/car.js"))}; Car.createOrOpen("car-7", { cleanup: "keep" });`;
    const root = join(import.meta.dirname, "../..");
    const runtime = join(root, "runtime/lib/codegen-v1.js");
    const module = join(cwd, "generated/car.js");
    writeFileSync(module, readFileSync(module, "utf8").replace("@shmgen/runtime/codegen-v1", runtime));
    const made = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      env: { ...process.env, SHMGEN_DIR: regions },
      encoding: "utf8",
    });
    expect(made.stderr).toBe("");
    change(cwd, schema("type: 1; version: 2", "samples: atomic<u64>;\n  speed: u32;"));
    const env = { SHMGEN_DIR: regions };
    for (const name of ["car-7", join(regions, "car-7")]) {
      const { code, out } = shmgen(["diff", name], { cwd, env });
      expect([code, out]).toEqual([
        1,
        expect.stringContaining(`Car: region ${name} version 1 -> schema version 2: breaking\n`),
      ]);
      expect(out).toContain("[type-changed]");
    }
    expect(shmgen(["diff", "car-8"], { cwd, env })).toMatchObject({
      code: 2,
      err: expect.stringContaining("'car-8' is no file, folder, commit, version or region"),
    });
  });
});

describe("accessors of published versions", () => {
  it("are generated on request, checked, and open what programs of that version have made", () => {
    const cwd = published();
    change(cwd, schema("type: 1; version: 2", "samples: atomic<u64>;\n  speed: f64;"));
    const { code, out } = shmgen(["generate", "--target", "js", "--versions", "1"], { cwd });
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/created generated\/car\.v1\.d\.ts .*\ncreated generated\/car\.v1\.js /s),
    ]);
    expect(shmgen(["check", "--target", "js", "--versions", "1"], { cwd }).code).toBe(0);
    const text = readFileSync(join(cwd, "generated/car.v1.js"), "utf8");
    const first = /fingerprint: "(\w+)"/.exec(text)?.[1];
    const lock = JSON.parse(readFileSync(join(cwd, "shmgen.lock.json"), "utf8")) as {
      regions: { Car: { versions: { 1: { fingerprint: string } } } };
    };
    expect(first).toBe(lock.regions.Car.versions[1].fingerprint);
    expect(text).toContain("version: 1,");
    const missing = shmgen(["generate", "--versions", "7"], { cwd });
    expect([missing.code, missing.err]).toEqual([
      2,
      expect.stringContaining("shmgen.lock.json has no version 7 of any region\n  hint: it has Car 1"),
    ]);
    expect(shmgen(["generate", "--versions", "x"], { cwd }).code).toBe(2);
  });

  it("the example: an accident that is refused at three points", () => {
    const regions = mkdtempSync("/dev/shm/shmgen-test-");
    onTestFinished(() => rmSync(regions, { recursive: true, force: true }));
    const example = join(import.meta.dirname, "../../examples/dist/evolution/accident.js");
    const { stdout, stderr, status } = spawnSync(process.execPath, [example], {
      env: { ...process.env, SHMGEN_DIR: regions },
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("error SHM5001: The layout of 'SharedMutex' changed, but its version is still 1");
    expect(stdout).toContain("merged code: refused\n    ERR_SHM_LAYOUT: the generated code contradicts");
    expect(stdout).toContain("changed layout: refused\n    ERR_SHM_LAYOUT: the region was written with another layout");
    expect(stdout).toContain("the mutex is as it was: process 4711, thread 0, 3 waiters");
    expect(stdout).toContain("version 2: opened, version 1\n\n3 of 3 refused\n");
  });
});
