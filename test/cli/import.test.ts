/** shmgen import: headers of C and C++ -> schemas, by the clang of the machine. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Document } from "../support/run/document.js";
import { project, shmgen } from "./run-cli.js";

const hasClang = spawnSync("clang", ["--version"]).status === 0;
if (!hasClang) console.warn("tests of shmgen import are skipped: clang is missing; on Debian: apt-get install clang");

describe.skipIf(!hasClang)("import", () => {
  it("docs/import.md shows what it writes", () => {
    const page = new Document("docs/import.md");
    const cwd = project({ "car.h": page.file("car.h") });
    const [session] = page.session("## An example");
    const [, ...args] = (session?.command ?? "").trim().split(" ");
    const { code, out, err } = shmgen(
      args.map((one) => one.replaceAll("'", "")),
      { cwd },
    );
    expect({ code, err: err.trim() }).toEqual({
      code: 0,
      err: "shmgen: 2 structs, 1 enum, 1 constant; all offsets agree with clang's",
    });
    expect(out).toBe("created car.shm.ts\n");
    expect(`// car.shm.ts\n${readFileSync(join(cwd, "car.shm.ts"), "utf8")}`).toBe(page.file("car.shm.ts"));
  });
});
