/** Where the command keeps compiled code between runs: in a folder that only its user can write, or nowhere. */
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import module from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MANIFEST, project, schemaText, shmgenAlone } from "./run-cli.js";

/** Since Node 22.8. */
const hasCache = "enableCompileCache" in module;

/** A process keeps the folder that it begins with, so each run has its own. Runs `check` with this folder for caches; the files below `shmgen` in it, none where there is no such folder. */
function cachedAfterCheck(caches: string, env: Readonly<Record<string, string | undefined>> = {}): string[] {
  const cwd = project({ "package.json": MANIFEST, "car.shm.ts": schemaText("Car") });
  const variables = { XDG_CACHE_HOME: caches, NODE_COMPILE_CACHE: undefined, NODE_DISABLE_COMPILE_CACHE: undefined };
  expect(shmgenAlone(["check", "-q"], { cwd, env: { ...variables, ...env } })).toMatchObject({ code: 1 });
  const folder = join(caches, "shmgen");
  return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];
}

describe("compiled code between runs", () => {
  it.skipIf(!hasCache)("is kept in the user's folder for caches", () => {
    expect(cachedAfterCheck(project({}))).not.toEqual([]);
  });

  it.skipIf(!hasCache)("is kept below the home folder without XDG_CACHE_HOME, and with one that is relative", () => {
    for (const XDG_CACHE_HOME of [undefined, "caches"]) {
      const home = project({});
      expect(cachedAfterCheck(join(home, ".cache"), { XDG_CACHE_HOME, HOME: home })).not.toEqual([]);
    }
  });

  it("is not kept where others can write, nor behind a link", () => {
    const open = project({});
    chmodSync(open, 0o777);
    expect(cachedAfterCheck(open)).toEqual([]);
    const openInside = project({});
    mkdirSync(join(openInside, "shmgen"));
    chmodSync(join(openInside, "shmgen"), 0o775);
    expect(cachedAfterCheck(openInside)).toEqual([]);
    const linked = project({});
    symlinkSync(project({}), join(linked, "shmgen"));
    expect(cachedAfterCheck(linked)).toEqual([]);
  });

  it.skipIf(process.geteuid?.() !== 0)("is not kept in a folder of another user", () => {
    const theirs = project({});
    chownSync(theirs, 65534, 65534);
    expect(cachedAfterCheck(theirs)).toEqual([]);
    const inside = project({});
    mkdirSync(join(inside, "shmgen"));
    chownSync(join(inside, "shmgen"), 65534, 65534);
    expect(cachedAfterCheck(inside)).toEqual([]);
  });

  it("is not kept when the user turns that off, or has no folder for it", () => {
    expect(cachedAfterCheck(project({}), { NODE_DISABLE_COMPILE_CACHE: "1" })).toEqual([]);
    expect(cachedAfterCheck(join(project({ file: "" }), "file"))).toEqual([]);
  });
});
