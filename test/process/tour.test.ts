/** The README's five minutes and docs/tour.md, walked through command by command: what is printed is what they show. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { put } from "../cli/run-cli.js";
import { withoutCompilers } from "../support/c/gcc.js";
import { regionDirectory } from "../support/processes/processes.js";
import { Document } from "../support/run/document.js";
import { installedProject } from "../support/run/installed-project.js";

const readme = new Document("README.md");
const tour = new Document("docs/tour.md");
const tools = new Document("docs/tools.md");
const peers = new Document("docs/peers.md");
const protocol = new Document("docs/PROTOCOL.md");
const project = installedProject(regionDirectory());
const { shell, succeed } = project;

let writer: ChildProcess | undefined;

/** Starts the README's writer; its first line, once it has the region. */
async function startWriter(): Promise<string> {
  writer = spawn(process.execPath, ["writer.js"], {
    cwd: project.folder,
    env: project.env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(writer.stdout ?? writer, "data")) as [Buffer];
  return String(line).trim();
}

async function killWriter(): Promise<void> {
  if (writer === undefined) return;
  const ended = once(writer, "exit");
  writer.kill("SIGKILL");
  await ended;
  writer = undefined;
}

afterAll(killWriter);

/** Compilers and cold starts: minutes on a machine that does much else. */
const SLOW = { timeout: 400_000 };

describe("the README's five minutes", SLOW, () => {
  it("set up, generate and compile as it says", () => {
    const [setUp = ""] = readme.block("sh", "## Install").split("\n");
    succeed(setUp);
    put(project.folder, {
      "tsconfig.json": readme.block("json", "## Five minutes"),
      "car.shm.ts": readme.file("car.shm.ts"),
      "writer.ts": readme.file("writer.ts"),
      "reader.ts": readme.file("reader.ts"),
    });
    readme.shows("`npm run codegen` writes", succeed("npm run codegen"));
    succeed("npm run build");
    // tsc would make a second Gear of the schema.
    expect(fs.readdirSync(project.folder).filter((name) => name.startsWith("car"))).toEqual(["car.shm.ts"]);
  });

  it("share a region, which is made anew after a kill", async () => {
    expect(await startWriter()).toBe("created");
    readme.shows("Run `node writer.js`", succeed("node reader.js"));
    await killWriter();
    expect(await startWriter()).toBe("reinitialised");
    expect(readme.text).toContain("says so: `reinitialised`");
  });

  it("are 150 lines at most", () => expect(readme.text.split("\n").length).toBeLessThanOrEqual(151));
});

describe.skipIf(withoutCompilers !== undefined)(`docs/peers.md ${withoutCompilers ?? ""}`, () => {
  it("has a peer in C that joins the tour", () => {
    put(project.folder, { "peer.c": peers.file("peer.c") });
    expect(succeed(peers.block("sh", "// peer.c"))).toMatch(/^created .*\n\d+ samples, gear 3$/m);
  });
});

const withoutPython = spawnSync("python3", ["--version"]).status === 0 ? undefined : "(skipped: python3 is missing)";
describe.skipIf(withoutPython !== undefined)(`docs/PROTOCOL.md ${withoutPython ?? ""}`, () => {
  it("has a reader in 40 lines of Python, which reads a region in use", () => {
    const program = protocol.file("read-region.py");
    expect(program.split("\n").filter((line) => line.trim() !== "").length).toBeLessThanOrEqual(40);
    put(project.folder, { "read-region.py": program });
    for (const { command, shows } of protocol.session("# read-region.py")) shows(succeed(command));
  });
});

describe("the tour", SLOW, () => {
  it("looks at the layout", () => tour.shows("## Look at the layout", succeed("shmgen layout Car")));

  it("refuses what has no bytes", () => {
    put(project.folder, { "bad.shm.ts": tour.file("bad.shm.ts") });
    const { code, printed } = shell("shmgen generate");
    expect(code).toBe(1);
    tour.shows("`npx shmgen generate` says what to write", printed);
    fs.rmSync(join(project.folder, "bad.shm.ts"));
  });

  it("publishes the layout", () => tour.shows("## Publish the layout", succeed("shmgen lock")));

  it("is refused with a layout that changed by mistake", () => {
    const changed = tour.patched(readme.file("car.shm.ts"), "## Change it by mistake", "`npm run codegen`, and then");
    put(project.folder, { "car.shm.ts": changed });
    succeed("npm run codegen");
    const { code, printed } = shell("shmgen check");
    expect(code).toBe(1);
    tour.shows("`npm run codegen`, and then", printed);
    succeed("npm run build");
    const reader = shell("node reader.js");
    expect(reader.code).toBe(1);
    tour.shows("Build all the same", reader.printed);
    tour.shows("`npx shmgen diff car-7` shows", shell("shmgen diff car-7").printed);
  });

  it("goes on with a layout that changed as it should", () => {
    const changed = tour.patched(readme.file("car.shm.ts"), "## Change it as it should be", "`npm run codegen && npx");
    put(project.folder, { "car.shm.ts": changed, "throttle.ts": tour.file("throttle.ts") });
    tour.shows("`npm run codegen && npx", succeed("npm run codegen && shmgen check"));
    succeed("npm run build");
    tour.shows("// throttle.ts", succeed("node throttle.js"));
  });
});

describe("docs/tools.md", SLOW, () => {
  /** Runs what a block of the document shows; what never ends by itself, for a few lines of output. */
  function runs(after: string): void {
    for (const { command, shows } of tools.session(after)) {
      const line = command.replace(/\bkill -9 \d+/, `kill -9 ${writer?.pid}`);
      shows(shell(/ watch /.test(line) ? `${line} | head -n 12` : line).printed);
    }
  }

  it("shows a region", () => {
    put(project.folder, { "car.shm.ts": readme.file("car.shm.ts") });
    runs("## What is in a region");
  });

  it("lists, and would remove what a killed writer left", () => runs("## What is there"));

  it("examines the machine", () => {
    const { printed } = shell("shmgen doctor");
    for (const [line] of tools.block("", "`shmgen doctor` tries").matchAll(/^(?:ok|warning) +[a-z-]+/gm)) {
      expect(printed).toMatch(new RegExp(`^\\w+ +${line.replace(/^\w+ +/, "")} `, "m"));
    }
  });
});
