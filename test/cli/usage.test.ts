import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { HAS_UNIX_TOOLS } from "../support/run/system.js";
import { CLI, MANIFEST, project, schemaText, shmgen } from "./run-cli.js";

const COMMANDS = [
  "generate",
  "check",
  "lock",
  "diff",
  "layout",
  "init",
  "import",
  "c-runtime",
  "list",
  "inspect",
  "watch",
  "top",
  "metrics",
  "clean",
  "doctor",
  "explain",
  "completion",
];
const { version } = JSON.parse(readFileSync(new URL("../../generator/package.json", import.meta.url), "utf8")) as {
  version: string;
};

/** Prints every module that a run imports or requires. */
const TRACE = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from "node:fs";
  import module, { register } from "node:module";
  const load = module._load;
  module._load = (specifier, ...rest) => {
    writeSync(2, "resolve " + specifier + "\\n");
    return load(specifier, ...rest);
  };
  register("data:text/javascript," + encodeURIComponent(\`
    import { writeSync } from "node:fs";
    export async function resolve(specifier, context, next) {
      writeSync(2, "resolve " + specifier + "\\\\n");
      return next(specifier, context);
    }\`));`)}`;

describe("usage", () => {
  it.each([["--help"], ["-h"], ["help"]])("%s shows the commands that exist", (flag) => {
    const { code, out, err } = shmgen([flag]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const listed = /Commands:\n((?: {2}.+\n)+)/.exec(out)?.[1] ?? "";
    expect(
      listed
        .trimEnd()
        .split("\n")
        .map((line) => line.trim().split(" ")[0]),
    ).toEqual(COMMANDS);
    // npx would fetch a package of that name where shmgen is not installed, and it is somebody else's.
    expect(out).toContain("npx shmgen generate");
    expect(out).not.toContain("npx codegen");
    expect(out).toContain("Exit codes: 0 clean, 1 findings, 2 usage or config, 3 environment, 130 interrupted.");
  });

  it.each(COMMANDS)("help of %s has usage, options and examples", (command) => {
    const { code, out } = shmgen([command, "--help"]);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^Usage: shmgen ${command} `));
    expect(out).toMatch(/\nOptions:\n( {2}.+\n)+\nExamples:\n( {2}.+\n)+$/);
    expect(shmgen(["help", command]).out).toBe(out);
    expect(shmgen([command, "-h"]).out).toBe(out);
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(125);
  });

  it.each([["--version"], ["-v"], ["-V"]])("%s prints the version", (flag) => {
    expect(shmgen([flag])).toEqual({ code: 0, out: `${version}\n`, err: "" });
  });

  it.each([
    [["genrate"], "unknown command 'genrate'\n  hint: did you mean 'generate'?"],
    [["lay"], "unknown command 'lay'\n  hint: did you mean 'layout'?"],
    [["help", "chekc"], "unknown command 'chekc'\n  hint: did you mean 'check'?"],
    [
      ["frobnicate"],
      "unknown command 'frobnicate'\n  hint: commands are generate, check, lock, diff, layout, init, import, c-runtime, list, inspect, watch, top, metrics, clean, doctor, explain, completion; a folder of schemas is written ./frobnicate",
    ],
    [["--vesion"], "unknown option '--vesion' of shmgen generate\n  hint: did you mean '--version'?"],
    [["--versoin"], "unknown option '--versoin' of shmgen generate\n  hint: did you mean '--version'?"],
    [["generate", "--version"], "unknown option '--version' of shmgen generate\n  hint: did you mean '--versions'?"],
    [["--out", "gen/{dirr}"], "--out gen/{dirr}: unknown placeholder {dirr}; did you mean '{dir}'?"],
    [["--wacth"], "unknown option '--wacth' of shmgen generate\n  hint: did you mean '--watch'?"],
    [["generate", "--dryrun"], "unknown option '--dryrun' of shmgen generate\n  hint: did you mean '--dry-run'?"],
    [["check", "-x"], "unknown option '-x' of shmgen check\n  hint: shmgen check --help lists what it takes"],
    [["--format", "xml"], "--format does not know 'xml'\n  hint: it takes text, json or github"],
    [["--format", "jsn"], "--format does not know 'jsn'\n  hint: did you mean 'json'?"],
    [["--out"], "--out needs a value: DIR\n  hint: shmgen generate --help lists what it takes"],
    [["--out="], "--out needs a value: DIR\n  hint: shmgen generate --help lists what it takes"],
    [
      ["--out", "--quiet"],
      "--out needs a value: DIR\n  hint: '--quiet' follows it; if that is the value, write --out=--quiet",
    ],
    [["--watch=yes"], "--watch takes no value\n  hint: shmgen generate --help lists what it takes"],
    [["--target", "cpp"], "--target does not know 'cpp'\n  hint: it takes ts, js or c"],
    [["--watch", "--dry-run"], "--watch and --dry-run exclude each other"],
    [["init", "here"], "shmgen init takes no arguments, found 'here'"],
    [["explain", "SHM9"], "there is no code 'SHM9'\n  hint: shmgen explain lists all codes"],
    [
      ["explain", "ERR_SHM_ABANDONED"],
      "there is no code 'ERR_SHM_ABANDONED'\n  hint: ERR_SHM codes are those of the runtime, whose messages say what to do; this command explains SHM codes of schemas",
    ],
  ])("%j exits with 2 and a hint", (argv, message) => {
    const cwd = project({ "package.json": MANIFEST, "car.shm.ts": schemaText("Car") });
    expect(shmgen(argv, { cwd })).toEqual({ code: 2, out: "", err: `shmgen: ${message}\n` });
  });

  it("options may stand before the command", () => {
    const cwd = project({ "package.json": MANIFEST, "car.shm.ts": schemaText("Car") });
    expect(shmgen(["--cwd", cwd, "generate", "-q"])).toEqual({ code: 0, out: "", err: "" });
    expect(shmgen(["--cwd", cwd, "check"])).toMatchObject({ code: 0, out: "2 files up to date\n" });
  });

  it.each([[["--help"]], [["--version"]], [["generate", "--help"]], [["explain", "SHM1011"]], [["genrate"]]])(
    "%j loads neither compiler nor zod nor handlebars",
    (argv) => {
      const { err } = shmgen(argv, { nodeArguments: ["--import", TRACE] });
      expect(err).toContain("resolve ./commands/table.js");
      expect(err).not.toMatch(/resolve (@ts-morph|ts-morph|zod|handlebars)/);
    },
  );

  it("generating and publishing load them, so the test above can see it", () => {
    const cwd = project({ "package.json": MANIFEST, "car.shm.ts": schemaText("Car") });
    const options = { cwd, nodeArguments: ["--import", TRACE] };
    const { err: generating } = shmgen(["generate"], options);
    expect(generating).toMatch(/resolve @ts-morph/);
    expect(generating).toMatch(/resolve handlebars/);
    expect(shmgen(["lock"], options).err).toMatch(/resolve zod/);
  });

  it.runIf(HAS_UNIX_TOOLS)("ends quietly, with its own exit code, when nobody reads its output", () => {
    const cwd = project({ "package.json": MANIFEST, "car.shm.ts": schemaText("Car") });
    const script = `set -o pipefail; "${process.execPath}" "${CLI}" "$@" | true; echo "code $?" >&2`;
    for (const [argv, code] of [
      [["explain"], 0],
      [["check"], 1],
      [["layout"], 0],
    ] as const) {
      const { stderr } = spawnSync("bash", ["-c", script, "bash", ...argv], { cwd, encoding: "utf8" });
      expect(stderr).not.toMatch(/EPIPE|at .*node:/);
      expect(stderr).toMatch(new RegExp(`code ${code}\\n$`));
    }
  });

  it("colours on a terminal only, and never with NO_COLOR", () => {
    const cwd = project({ "package.json": MANIFEST, "car.shm.ts": schemaText("Car") });
    if (spawnSync("script", ["--version"]).status !== 0) return expect(spawnSync("script").error).toBeDefined();
    const onTerminal = (env: Record<string, string>): string => {
      const command = `"${process.execPath}" "${CLI}" generate --force -o "out$RANDOM"`;
      const environment = { ...process.env, TERM: "xterm", NO_COLOR: "", SHELL: "/bin/bash", ...env };
      return spawnSync("script", ["-qec", command, "/dev/null"], { cwd, encoding: "utf8", env: environment }).stdout;
    };
    expect(onTerminal({})).toContain("\u001b[32mcreated");
    expect(onTerminal({ NO_COLOR: "1" })).not.toContain("\u001b[");
    expect(onTerminal({ TERM: "dumb" })).not.toContain("\u001b[");
  });
});

describe("formats", () => {
  it("--json and --format json are one thing on every command that has either", () => {
    const cwd = project({ "package.json": MANIFEST, "car.shm.ts": schemaText("Car") });
    const env = { SHMGEN_DIR: cwd };
    expect(shmgen(["generate", "-q"], { cwd }).code).toBe(0);
    expect(shmgen(["lock", "-q"], { cwd }).code).toBe(0);
    const both: string[] = [];
    for (const command of COMMANDS) {
      const help = shmgen([command, "--help"]).out;
      const [json, format] = [/^ +--json /m.test(help), /^ +--format FORMAT .*json/m.test(help)];
      expect({ command, json }).toEqual({ command, json: format });
      if (json) both.push(command);
    }
    expect(COMMANDS.filter((command) => !both.includes(command))).toEqual(["completion"]);
    const lines = [
      ["generate"],
      ["check"],
      ["lock"],
      ["diff", "Car", "Car"],
      ["layout"],
      ["list"],
      ["clean"],
      ["explain"],
    ];
    // Of what fails, too: the reason is JSON, and nothing else is printed.
    const failing = [["generate", "none.shm.ts"], ["inspect"], ["layout", "None"], ["explain", "SHM9"]];
    for (const line of [...lines, ...failing]) {
      const one = shmgen([...line, "--json"], { cwd, env });
      expect(shmgen([...line, "--format", "json"], { cwd, env })).toEqual(one);
      expect(shmgen([...line, "--format=json"], { cwd, env })).toEqual(one);
      expect([line, one.err]).toEqual([line, ""]);
      const value = JSON.parse(one.out) as { error?: { message: string } };
      if (failing.includes(line)) expect(value.error?.message).toMatch(/./);
    }
    expect(shmgen(["--json", "--format", "text"], { cwd })).toMatchObject({ code: 2 });
    expect(JSON.parse(shmgen(["--json", "--format", "text"], { cwd }).out)).toMatchObject({
      error: { message: "--json and --format text exclude each other" },
    });
  });
});

describe("explain", () => {
  it("shows a code with what is wrong and what is right", () => {
    const { code, out } = shmgen(["explain", "shm1011"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^SHM1011 \(error\)\n/);
    expect(out).toMatch(/\nWrong:\n[^]+\nRight:\n/);
  });

  it("lists at least forty codes, in order", () => {
    const lines = shmgen(["explain"]).out.trimEnd().split("\n");
    const codes = lines.map((line) => /^(SHM\d{4}) {2}(?:error|warning) +\S.+\.$/.exec(line)?.[1]);
    expect(codes).not.toContain(undefined);
    expect(codes.length).toBeGreaterThanOrEqual(40);
    expect(codes).toEqual([...codes].sort());
  });

  it("suggests the nearest code", () => {
    expect(shmgen(["explain", "SMH1011"]).err).toBe(
      "shmgen: there is no code 'SMH1011'\n  hint: did you mean 'SHM1011'?\n",
    );
  });
});

describe("a defect", () => {
  it("is reported with where it was thrown, and with no line that the error quotes", () => {
    const broken = `data:text/javascript,${encodeURIComponent(`import fs from "node:fs";
      import { syncBuiltinESMExports } from "node:module";
      fs.statSync = () => { throw new RangeError("quotes\\nFORGED\\u001b[31m"); };
      syncBuiltinESMExports();`)}`;
    const cwd = project({ "a.shm.ts": schemaText("A") });
    const { code, err } = shmgen(["check", "a.shm.ts"], { cwd, nodeArguments: ["--import", broken] });
    expect(code).toBe(3);
    const [first, second, third] = err.split("\n");
    expect(first).toBe("shmgen: this is a defect of shmgen, please report it with the schema that shows it:");
    expect(second).toBe("RangeError: quotes\\nFORGED\\u001b[31m");
    expect(third).toMatch(/^ {4}at /);
  });
});
