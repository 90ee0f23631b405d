/** The first program of docs/containers.md, as it stands there. */
import { expect, it } from "vitest";
import { put } from "../cli/run-cli.js";
import { regionDirectory } from "../support/processes/processes.js";
import { Document } from "../support/run/document.js";
import { installedProject } from "../support/run/installed-project.js";

const guide = new Document("docs/containers.md");
const project = installedProject(regionDirectory());

it("the guide's containers print what the guide says", () => {
  const compilerOptions = { target: "es2022", module: "nodenext", strict: true, types: ["node"] };
  put(project.folder, {
    "package.json": '{ "type": "module" }',
    "tsconfig.json": JSON.stringify({ compilerOptions, files: ["floor.ts"] }),
    "floor.shm.ts": guide.file("floor.shm.ts"),
    "floor.ts": guide.file("floor.ts"),
  });
  project.succeed("shmgen generate -t ts && tsc");
  expect(project.succeed("node floor.js")).toBe(guide.block("", "// floor.ts"));
});
