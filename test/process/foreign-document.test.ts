/** What docs/foreign.md shows, as it stands there, beside its station in C. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, it } from "vitest";
import { put } from "../cli/run-cli.js";
import { withoutCompilers } from "../support/c/gcc.js";
import { regionDirectory } from "../support/processes/processes.js";
import { Document } from "../support/run/document.js";
import { installedProject } from "../support/run/installed-project.js";

const page = new Document("docs/foreign.md");
const readme = new Document("README.md");
const project = installedProject(regionDirectory());

it.skipIf(withoutCompilers !== undefined)(
  "docs/foreign.md: its reader prints what it says of the station in C",
  async () => {
    put(project.folder, {
      "package.json": '{ "type": "module" }',
      "tsconfig.json": readme.block("json", "## Five minutes"),
      "station.c": page.block("c", "is written in C"),
      ...Object.fromEntries(["station.shm.ts", "reader.ts"].map((name) => [name, page.file(name)])),
    });
    project.succeed("shmgen generate -t ts && tsc && gcc -Wall -Wextra -Werror station.c -o station-owner");
    const owner = spawn(join(project.folder, "station-owner"), {
      cwd: project.folder,
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      const [id] = (await once(owner.stdout, "data")) as [Buffer];
      page.shows("shows:", project.succeed(`node reader.js ${Number(String(id))}`));
    } finally {
      owner.stdin.end("\n");
    }
    expect(await once(owner, "exit")).toEqual([0, null]);
  },
  100_000,
);
