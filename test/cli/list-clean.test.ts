import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CleanResult, ListedRegion } from "@shmgen/runtime";
import { Counter, counterOf } from "../support/regions/counter.mjs";
import { left } from "../support/regions/left-over.js";
import { regionDirectory, startProcess, stateOf } from "../support/processes/processes.js";
import { CLI, shmgen, shmgenAlone } from "./run-cli.js";

const base = regionDirectory();
let directories = 0;

/** A directory of its own for one test, where `shmgen` looks as well. */
function ownDirectory(): string {
  directories += 1;
  const directory = join(base, `dir-${directories}`);
  fs.mkdirSync(directory, { mode: 0o700 });
  process.env["SHMGEN_DIR"] = directory;
  return directory;
}

const own = { mode: 0o600 };

describe("shmgen list", () => {
  it("an empty directory, or none, says what to do next", () => {
    const directory = ownDirectory();
    for (const where of [directory, join(directory, "none")]) {
      const { code, out, err } = shmgen(["list", "--directory", where]);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out).toMatch(new RegExp(`^no regions in ${where}\nA program makes one with createOrOpen`));
      expect(shmgen(["list", "-d", where, "--json"])).toEqual({ code: 0, out: "[]\n", err: "" });
    }
  });

  it("name, state, size, type, generation and owners of each, in 80 columns [C-22]", async () => {
    const directory = ownDirectory();
    const child = await startProcess();
    await child.run(({ Counter, kept }) => void (kept["it"] = Counter.createOrOpen("car-7")));
    const mine = Counter.open("car-7");
    left("old");
    const wide = counterOf({ typeId: 0x5432, version: 12, tailStride: 8 });
    const large = wide.createOrOpen("large", { tailLength: 200_000 });
    fs.writeFileSync(join(directory, "notes.txt"), "hello", own);
    const { code, out, err } = shmgen(["list"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const [first = 0, second = 0] = [child.pid, process.pid].sort((a, b) => a - b);
    const command = (pid: number): string => `${pid} ${pid === child.pid ? "node child.mjs" : "node.*"}`;
    expect(out).toMatch(
      new RegExp(
        [
          "^NAME       STATE    SIZE     TYPE        GEN  OWNERS",
          `car-7      live     4 KiB    0x7 v1      1    (${command(first)}, ${command(second)}|${command(first)}, \\+1)`,
          `large      live     1\\.5 MiB  0x5432 v12  1    ${process.pid} node.*`,
          "notes.txt  foreign  5 B      -           -    -",
          "old        stale    4 KiB    0x7 v1      1    -",
          "",
          "notes.txt: foreign, the file is not a shmgen region",
          "",
          `4 files: 2 live, 1 stale, 1 foreign in ${directory}`,
          "shmgen clean shows what can go",
          "$",
        ].join("\n"),
      ),
    );
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    const json = JSON.parse(shmgen(["list", "--json"]).out) as ListedRegion[];
    expect(json).toMatchObject([
      { name: "car-7", state: "live", typeId: 7, version: 1, generation: 1, tailLength: 0, unseen: false },
      { name: "large", state: "live", typeId: 0x5432, version: 12, tailLength: 200_000 },
      { name: "notes.txt", state: "foreign", owners: [] },
      { name: "old", state: "stale", creator: { pid: process.pid, isRunning: true } },
    ]);
    expect(json[0]?.owners.map(({ pid }) => pid)).toEqual([first, second]);
    mine.close();
    large.close();
    await child.kill();
  });

  it("a directory that a stopped process keeps locked is listed all the same, and clean says who [fault 14]", async () => {
    const directory = ownDirectory();
    left("old");
    const child = await startProcess();
    await child.run(({ tryExclusive, fs }, path) => tryExclusive(fs.openSync(path, "r"), path), directory);
    child.signal("SIGSTOP");
    while (stateOf(child.pid) !== "T") await new Promise((resolve) => setTimeout(resolve, 10));
    const { code, out } = shmgen(["list"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^old +unknown +4 KiB +0x7 v1 +1 +-$/m);
    expect(out.replaceAll("\n", " ")).toContain(
      `old: unknown, ${child.pid} (node child.mjs, stopped) keeps the directory locked`,
    );
    // Node prints warnings past process.stderr.
    const clean = shmgenAlone(["clean", "--yes"]);
    expect(clean).toMatchObject({ code: 3, out: "" });
    expect(clean.err).toMatch(new RegExp(`SHM_WAITING.* pid=${child.pid} holder="node child.mjs, stopped"`));
    expect(clean.err).toMatch(
      new RegExp(
        `\nshmgen: another process keeps the directory locked: pid=${child.pid} .*\n {2}hint: continue or end`,
      ),
    );
    await child.kill();
  });

  it("--scope chooses the directory", () => {
    const directory = ownDirectory();
    Counter.createOrOpen("mine", { scope: "session", cleanup: "keep" }).close();
    expect(shmgen(["list"]).out).toMatch(/^no regions/);
    // The same session: the program is our child.
    const { out } = shmgen(["list", "--scope", "session"]);
    expect(out).toMatch(/^mine +stale/m);
    expect(out).toContain(`in ${directory} (this session's folder)`);
    expect(shmgen(["list", "--scope", "world"])).toMatchObject({
      code: 2,
      err: "shmgen: --scope does not know 'world'\n  hint: it takes user, session or machine\n",
    });
    expect(shmgen(["list", "car-7"])).toMatchObject({
      code: 2,
      err: "shmgen: shmgen list takes no arguments, found 'car-7'\n",
    });
  });

  it("a directory that may not be used is an error of the environment, with what to do", () => {
    const directory = ownDirectory();
    fs.chmodSync(directory, 0o777);
    for (const command of ["list", "clean"]) {
      const { code, out, err } = shmgen([command]);
      expect({ code, out }).toEqual({ code: 3, out: "" });
      expect(err).toMatch(/^shmgen: others have access to the directory: .*path=.*\n {2}hint: chmod 0?700/);
    }
  });
});

describe("shmgen clean", () => {
  it("says what would go and why the rest stays; with --yes it goes [faults 7 97]", () => {
    const directory = ownDirectory();
    for (const name of ["old", "older"]) left(name);
    const mine = Counter.createOrOpen("mine");
    fs.writeFileSync(join(directory, "notes.txt"), "hello", own);
    const dry = shmgen(["clean"]);
    expect({ code: dry.code, err: dry.err }).toEqual({ code: 1, err: "" });
    const stays = [
      "STAYS      STATE    WHY",
      `mine       live     in use by ${process.pid} \\(node.*\\)`,
      "notes.txt  foreign  the file is not a shmgen region",
      "",
    ];
    expect(dry.out).toMatch(
      new RegExp(
        [
          "^WOULD GO  STATE  SIZE",
          "old       stale  4 KiB",
          "older     stale  4 KiB",
          "",
          ...stays,
          `2 files \\(8 KiB\\) would go from ${directory}, 2 files stay`,
          "nothing was removed: shmgen clean --yes does it",
          "$",
        ].join("\n"),
      ),
    );
    expect(fs.readdirSync(directory)).toHaveLength(4);
    const json = shmgen(["clean", "--json"]);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out) as CleanResult).toMatchObject({
      dryRun: true,
      removed: [{ name: "old" }, { name: "older" }],
      kept: [{ name: "mine", state: "live" }, { name: "notes.txt" }],
    });
    const done = shmgen(["clean", "--yes"]);
    expect({ code: done.code, err: done.err }).toEqual({ code: 0, err: "" });
    expect(done.out).toMatch(/^REMOVED {2}STATE {2}SIZE\nold +stale +4 KiB\n/);
    expect(done.out).toContain(`2 files (8 KiB) removed from ${directory}, 2 files stay\n`);
    expect(fs.readdirSync(directory).sort()).toEqual(["mine", "notes.txt"]);
    expect(mine.isCurrent()).toBe(true);
    mine.close();
    for (const argv of [["clean"], ["clean", "-y"]]) {
      const { code, out } = shmgen(argv);
      expect(code).toBe(0);
      expect(out).toMatch(new RegExp(`nothing to remove in ${directory}, 1 file stays\n$`));
    }
    fs.rmSync(join(directory, "notes.txt"));
    expect(shmgen(["clean"])).toEqual({ code: 0, out: `nothing to remove in ${directory}\n`, err: "" });
  });

  it("what was opened to stay shows in the list, and stays without --kept", () => {
    const directory = ownDirectory();
    Counter.createOrOpen("stays", { cleanup: "keep" }).close();
    const { out } = shmgen(["list"]);
    expect(out).toMatch(/^stays {2}stale, kept {2}4 KiB/m);
    expect(out).toMatch(new RegExp(`1 file: 1 stale in ${directory}\n$`));
    expect(JSON.parse(shmgen(["list", "--json"]).out)).toMatchObject([{ name: "stays", state: "stale", kept: true }]);
    const stays = "STAYS  STATE  WHY\nstays  stale  kept: it was opened to stay\n";
    const hint = "shmgen clean --kept takes what was opened to stay as well";
    expect(shmgen(["clean", "--yes"])).toEqual({
      code: 0,
      out: `${stays}\nnothing to remove in ${directory}, 1 file stays\n${hint}\n`,
      err: "",
    });
    const dry = shmgen(["clean", "--kept"]);
    expect(dry.code).toBe(1);
    expect(dry.out).toMatch(/nothing was removed: shmgen clean --kept --yes does it\n$/);
    expect(shmgen(["clean", "--kept", "--yes"]).out).toMatch(/^REMOVED {2}STATE {2}SIZE\nstays +stale +4 KiB\n/);
    expect(fs.readdirSync(directory)).toEqual([]);
  });

  it("a reader of the output that has gone away (EPIPE) changes no exit code, and the work is done [fault 95]", async () => {
    const directory = ownDirectory();
    const names = Array.from({ length: 600 }, (_, index) => `region-with-a-long-name-${index}`);
    for (const name of names) left(name);
    for (const [argv, expected] of [
      [["list"], 0],
      [["list", "--json"], 0],
      [["clean"], 1],
      [["clean", "--yes"], 0],
    ] as const) {
      const child = spawn(process.execPath, [CLI, ...argv], { env: process.env, stdio: ["ignore", "pipe", "pipe"] });
      child.stdout.destroy();
      let err = "";
      child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
      const code = await new Promise((resolve) => child.once("close", resolve));
      expect({ argv, code, err }).toEqual({ argv, code: expected, err: "" });
    }
    expect(fs.readdirSync(directory)).toEqual([]);
  });

  it("clean through head, as in a shell [fault 95]", () => {
    ownDirectory();
    for (const name of ["a", "b"]) left(name);
    const shell = `"$0" "$1" list | head -n 1; "$0" "$1" clean --yes | head -n 1`;
    const { stdout, stderr } = spawnSync("sh", ["-c", shell, process.execPath, CLI], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toBe("NAME  STATE  SIZE   TYPE    GEN  OWNERS\nREMOVED  STATE  SIZE\n");
  });
});
