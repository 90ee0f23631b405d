/** What docs/deployment.md shows, as it stands there. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { put } from "../cli/run-cli.js";
import { regionDirectory } from "../support/processes/processes.js";
import { Document } from "../support/run/document.js";
import { installedProject } from "../support/run/installed-project.js";

const directory = regionDirectory();
const guide = new Document("docs/deployment.md");
const readme = new Document("README.md");
const project = installedProject(directory);
const TEAM = 64010;
const [ANNE, BERT, CARL] = [
  { uid: 64011, gid: TEAM },
  { uid: 64012, gid: TEAM },
  { uid: 64013, gid: 64013 },
];
const AS_ANOTHER = ["--reuid=64011", "--regid=64011", "--clear-groups"];
const runtime = join(import.meta.dirname, "../../runtime/package.json");
/** Whether processes of other users can run what is in this checkout. */
const hasUsers =
  process.geteuid?.() === 0 &&
  spawnSync("setpriv", [...AS_ANOTHER, "test", "-r", runtime, "-a", "-x", process.execPath]).status === 0;
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
});

/** Runs the program as a user; what it says first, on either output. */
async function start(user: { readonly uid: number; readonly gid: number }): Promise<string> {
  const { folder: cwd, env } = project;
  const child = spawn(process.execPath, ["shared.js", String(TEAM)], {
    cwd,
    env,
    ...user,
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let said = "";
  child.stderr.on("data", (data) => (said += String(data)));
  child.stdout.on("data", (data) => (said += String(data)));
  await Promise.race([once(child.stdout, "data"), once(child, "close")]);
  return said;
}

it.skipIf(!hasUsers)(
  `users of a group share a region, and others are refused${hasUsers ? "" : " (skipped: needs root, setpriv, and a checkout that other users can read)"}`,
  async () => {
    chmodSync(directory, 0o1777);
    put(project.folder, {
      "package.json": '{ "type": "module" }',
      "tsconfig.json": readme.block("json", "## Five minutes"),
      "car.shm.ts": readme.file("car.shm.ts"),
      "shared.ts": guide.file("shared.ts"),
    });
    project.succeed("shmgen generate -t ts && tsc");
    expect(await start(ANNE)).toBe("created as user 64011\n");
    expect(await start(BERT)).toBe("opened as user 64012\n");
    expect(await start(CARL)).toContain("ERR_SHM_PERMISSION");
    const ends = children.slice(0, 2).map((child) => once(child, "exit"));
    for (const child of children) child.kill("SIGTERM");
    expect((await Promise.all(ends)).map(([code]) => code as number)).toEqual([0, 0]);
  },
);
