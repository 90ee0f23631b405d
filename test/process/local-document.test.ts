/** What docs/local.md shows, as it stands there. */
import { expect, it } from "vitest";
import { put } from "../cli/run-cli.js";
import { regionDirectory } from "../support/processes/processes.js";
import { Document } from "../support/run/document.js";
import { installedProject } from "../support/run/installed-project.js";

const page = new Document("docs/local.md");
const readme = new Document("README.md");
const project = installedProject(regionDirectory());

it("docs/local.md: its test passes, and its threads print what it says", () => {
  put(project.folder, {
    "package.json": '{ "type": "module" }',
    "tsconfig.json": readme.block("json", "## Five minutes"),
    "car.shm.ts": readme.file("car.shm.ts"),
    ...Object.fromEntries(["car.test.ts", "park.ts", "main.ts", "worker.ts"].map((name) => [name, page.file(name)])),
  });
  project.succeed("shmgen generate -t ts && tsc");
  expect(project.succeed("node --test car.test.js")).toMatch(/^# pass 1$|^ℹ pass 1$/m);
  page.shows("region.data.$samples.notify();", project.succeed("node main.js"));
});
