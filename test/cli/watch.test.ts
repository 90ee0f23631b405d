import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BROKEN, MANIFEST, project, put, schemaText, shmgen, startShmgen } from "./run-cli.js";

async function watching(files: Readonly<Record<string, string>>, argv: readonly string[] = []) {
  const cwd = project({ "package.json": MANIFEST, ...files });
  const run = startShmgen(["generate", "--watch", ...argv], { cwd });
  await run.until(/watching for changes; Ctrl-C ends it\n/);
  return {
    cwd,
    ...run,
    /** Makes a change and returns what is printed about it. */
    async after(change: () => void, pattern: RegExp): Promise<string> {
      const from = run.text().length;
      change();
      return (await run.until(pattern, from)).slice(from);
    },
  };
}

describe("generate --watch", () => {
  it("writes again at every change, with one line each, and stays through mistakes", async () => {
    const { cwd, after, child, ended } = await watching({ "car.shm.ts": schemaText("Car") });
    const said = await after(() => put(cwd, { "car.shm.ts": schemaText("Car", "renamed") }), /ms\)\n/);
    expect(said).toMatch(/^car\.shm\.ts changed: 2 files written, 0 unchanged \(\d+ ms\)\n$/);
    expect(readFileSync(join(cwd, "generated/car.ts"), "utf8")).toContain("renamed");

    const bad = await after(() => put(cwd, { "car.shm.ts": BROKEN }), /have errors\n$/);
    expect(bad).toMatch(/car\.shm\.ts:4:10 - error/);
    expect(bad).toMatch(/car\.shm\.ts changed: nothing written: the schemas have errors\n$/);
    await after(() => put(cwd, { "car.shm.ts": "export interface {{{ this is no TypeScript" }), /have errors\n$/);
    expect(readFileSync(join(cwd, "generated/car.ts"), "utf8")).toContain("renamed");
    await after(() => put(cwd, { "car.shm.ts": schemaText("Car", "mended") }), /2 files written/);
    expect(readFileSync(join(cwd, "generated/car.ts"), "utf8")).toContain("mended");

    child.kill("SIGINT");
    expect(await ended).toBe(130);
  });

  it("sees new files, new folders, imports and removed files", async () => {
    const { cwd, after, child, ended } = await watching({ "car.shm.ts": schemaText("Car") });
    await after(() => put(cwd, { "bus.shm.ts": schemaText("Bus", "x", 2) }), /bus\.shm\.ts changed: 2 files written/);
    await after(() => put(cwd, { "deep/er/train.shm.ts": schemaText("Train", "x", 3) }), /2 files written/);
    expect(existsSync(join(cwd, "deep/er/generated/train.h"))).toBe(true);
    await after(
      () => put(cwd, { "deep/er/train.shm.ts": schemaText("Train", "y", 3) }),
      /train\.shm\.ts changed: 2 files/,
    );
    const gone = await after(() => rmSync(join(cwd, "bus.shm.ts")), /ms\)\n/);
    expect(gone).toContain("warning: generated/bus.h is left over: nothing generates it any more");
    await after(() => rmSync(join(cwd, "deep"), { recursive: true }), /0 files written, 2 unchanged/);
    child.kill("SIGTERM");
    expect(await ended).toBe(143);
  });

  it("writes a generated file again that somebody removed, wherever the output lies", async () => {
    const { cwd, after } = await watching({ "car.shm.ts": schemaText("Car") }, ["car.shm.ts", "--out", "build"]);
    const said = await after(() => rmSync(join(cwd, "build/car.h")), /ms\)\n/);
    expect(said).toMatch(/^build\/car\.h changed: 1 file written, 1 unchanged \(/);
    expect(existsSync(join(cwd, "build/car.h"))).toBe(true);
  });

  it("reads the config again, and ignores files that do not matter", async () => {
    const { cwd, after } = await watching({
      "car.shm.ts": schemaText("Car"),
      "shmgen.config.mjs": `export default { targets: ["ts"] };`,
    });
    expect(existsSync(join(cwd, "generated/car.h"))).toBe(false);
    const bad = await after(
      () => put(cwd, { "shmgen.config.mjs": `export default { targets: ["x"] };` }),
      /found "x"\n/,
    );
    expect(bad).toBe(`shmgen: shmgen.config.mjs: targets[0]: expected "ts", "js" or "c", found "x"\n`);
    await after(() => put(cwd, { "shmgen.config.mjs": `export default { targets: ["ts", "c"] };` }), /1 file written/);
    expect(existsSync(join(cwd, "generated/car.h"))).toBe(true);
    const said = await after(() => {
      put(cwd, { "notes.md": "x", "src/index.ts": "x", "node_modules/x/y.shm.ts": BROKEN });
      setTimeout(() => put(cwd, { "car.shm.ts": schemaText("Car", "other") }), 300);
    }, /ms\)\n/);
    expect(said).toMatch(/^car\.shm\.ts changed: 2 files written/);
  });

  it("watches what is named, and starts with mistakes or without any schema", async () => {
    const cwd = project({ "package.json": MANIFEST });
    const { until, text } = startShmgen(["--watch"], { cwd });
    await until(/watching for changes/);
    expect(text()).toContain("0 files written, 0 unchanged");
    put(cwd, { "car.shm.ts": BROKEN });
    await until(/nothing written: the schemas have errors/);
    mkdirSync(join(cwd, "b"));
    const one = startShmgen(["b/bus.shm.ts", "car.shm.ts", "--watch"], { cwd });
    await one.until(/b\/bus\.shm\.ts: there is no such file[^]*watching/);
    put(cwd, { "car.shm.ts": schemaText("Car"), "b/bus.shm.ts": schemaText("Bus", "x", 2) });
    await one.until(/4 files written|2 files written[^]*2 files written|unchanged \(/);
  });

  it("follows imports out of the folders that it searches", async () => {
    const shared = (field: string): string =>
      `import type { u32 } from "@shmgen/schema";\nexport interface Part { ${field}: u32 }\n`;
    const car = `import type { Region } from "@shmgen/schema";\nimport type { Part } from "../../shared/part.shm.js";\n\nexport interface Car extends Region<{ type: 1; version: 1 }> { part: Part }\n`;
    const cwd = project({
      "app/package.json": MANIFEST,
      "app/src/car.shm.ts": car,
      "shared/part.shm.ts": shared("first"),
    });
    const { until, text } = startShmgen(["--watch"], { cwd: join(cwd, "app") });
    await until(/4 files written[^]*watching/);
    const from = text().length;
    put(cwd, { "shared/part.shm.ts": shared("second") });
    await until(/\.\.\/shared\/part\.shm\.ts changed: [^]*written/, from);
    expect(readFileSync(join(cwd, "shared/generated/part.h"), "utf8")).toContain("second");
  });

  it("a rebuild is the same as a run of its own", async () => {
    const { cwd, after } = await watching({ "car.shm.ts": schemaText("Car") });
    await after(() => put(cwd, { "car.shm.ts": schemaText("Car", "renamed") }), /2 files written/);
    expect(shmgen(["check"], { cwd })).toMatchObject({ code: 0, out: "2 files up to date\n" });
  });
});
