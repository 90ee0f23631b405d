import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { regionDirectory } from "../support/processes/processes.js";

const directory = regionDirectory();

it("works in a realm of its own, as Jest makes one, where Node's errors and posted memory are of another", () => {
  const script = join(import.meta.dirname, "../support/threads/own-realm.mjs");
  const args = ["--experimental-vm-modules", "--no-warnings", script];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 60_000 });
  expect(stderr).toBe("");
  const values = ["created", 5, [1, 2, 3], "Ada", true, "live", "ERR_SHM_READ_ONLY", "ERR_SHM_EXISTS", "timed-out"];
  expect(JSON.parse(stdout)).toEqual({
    // Or the realm would prove nothing.
    foreign: true,
    wasm: values,
    view: values,
    absent: "ERR_SHM_NOT_FOUND",
    shared: [true, true, false],
    disposed: true,
  });
  expect(readdirSync(directory)).toEqual([]);
});
