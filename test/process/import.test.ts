/** What importing generated code brings into a process that opens no region, and what it brings into a worker. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { regionDirectory } from "../support/processes/processes.js";

const root = resolve(import.meta.dirname, "../..");
const telemetry = join(root, "examples/dist/telemetry/generated/telemetry.js");
regionDirectory();

/** What a fresh process prints that runs `code`, with the generated module's address in `generated`. */
function printed(code: string, flags: readonly string[] = [], module = telemetry): string {
  const script = `const generated = ${JSON.stringify(pathToFileURL(module).href)};\n${code}`;
  const args = [...flags, "--input-type=module", "-e", script];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout.trim();
}

/** Whether the process has koffi's addon mapped. */
const HAS_KOFFI = `(await import("node:fs")).readFileSync("/proc/self/maps", "utf8").includes("koffi.node")`;
const OPEN = `Telemetry.createOrOpen("imported").close();`;

/** Fills `files` with the names of those of the runtime that are loaded, as the debugger is told of them. */
const WATCH = `
  const { Session } = await import("node:inspector");
  const session = new Session();
  const files = [];
  session.connect();
  session.on("Debugger.scriptParsed", ({ params: { url } }) => {
    if (url.includes("/runtime/lib/")) files.push(url.split("/").pop());
  });
  session.post("Debugger.enable");`;
const FILES = `JSON.stringify(files.sort())`;
const AT_IMPORT = ["codegen-v1.cjs", "codegen-v1.js", "common-access.cjs"];
const WITH_REGIONS = [...AT_IMPORT, "common-opening.cjs"].sort();

describe("importing generated code", () => {
  it("does not load koffi in the main thread", () => {
    expect(printed(`await import(generated); console.log(${HAS_KOFFI});`)).toBe("false");
  });

  it("loads koffi in a worker", () => {
    const worker = `import(${JSON.stringify(pathToFileURL(telemetry).href)}).then(async () => console.log(${HAS_KOFFI}))`;
    const code = `const { Worker } = await import("node:worker_threads");
      new Worker(${JSON.stringify(worker)}, { eval: true });`;
    expect(printed(code)).toBe("true");
  });

  it("does not load what opens regions in the main thread; the first region does, in one file", () => {
    const code = `${WATCH}
      const { Telemetry } = await import(generated);
      console.log(${FILES});
      ${OPEN}
      console.log(${FILES});`;
    const [imported, opened] = printed(code).split("\n");
    expect(JSON.parse(imported ?? "")).toEqual(AT_IMPORT);
    expect(JSON.parse(opened ?? "")).toEqual(WITH_REGIONS);
  });

  it("loads what opens regions in a worker, which then loads nothing more", () => {
    const worker = `(async () => { ${WATCH}
      const { Telemetry } = await import(${JSON.stringify(pathToFileURL(telemetry).href)});
      ${OPEN}
      console.log(${FILES}); })()`;
    const before = worker.replace(OPEN, "");
    const code = `const { Worker } = await import("node:worker_threads"); const { once } = await import("node:events");
      for (const code of ${JSON.stringify([before, worker])}) await once(new Worker(code, { eval: true }), "exit");`;
    const [imported, opened] = printed(code).split("\n");
    expect(JSON.parse(imported ?? "")).toEqual(WITH_REGIONS);
    expect(opened).toBe(imported);
  });

  it("does not load those of Node's modules that take longest: node:crypto, node:perf_hooks, the streams of stdin and stdout", () => {
    const modules = ["crypto", "perf_hooks", "tty", "net", "internal/fs/sync_write_stream"];
    const code = `await import(generated);
      const loaded = process.moduleLoadList.map((name) => name.replace("NativeModule ", ""));
      const found = ${JSON.stringify(modules)}.filter((name) => loaded.includes(name));
      console.log(JSON.stringify(found));`;
    expect(JSON.parse(printed(code))).toEqual([]);
  });

  it("is the same where Node cannot require modules", () => {
    const code = `${WATCH} const { Telemetry } = await import(generated); ${OPEN} console.log(${FILES});`;
    expect(JSON.parse(printed(code, ["--no-experimental-require-module"]))).toEqual(WITH_REGIONS);
  });
});

describe("the part that opens regions", () => {
  it("is one for all doors, imported or required, whichever loads it", () => {
    const door = JSON.stringify(import.meta.resolve("@shmgen/runtime"));
    const doctor = JSON.stringify(import.meta.resolve("@shmgen/runtime/doctor"));
    const code = `const { Telemetry } = await import(generated);
      const { createRequire } = await import("node:module");
      const region = Telemetry.createOrOpen("imported");
      const doors = [await import(${door}), createRequire(generated)("@shmgen/runtime")];
      const checks = await (await import(${doctor})).checkEnvironment();
      let error;
      try { Telemetry.create("imported"); } catch (thrown) { error = thrown; }
      const names = doors.map(({ listRegions }) => listRegions().map(({ name, state }) => name + " " + state).join());
      const known = doors.map(({ ShmError }) => error instanceof ShmError);
      console.log(JSON.stringify({ names, known, isChecked: checks.length > 0 }));
      region.close();`;
    const live = "imported live";
    expect(JSON.parse(printed(code))).toEqual({ names: [live, live], known: [true, true], isChecked: true });
  });

  it("says what to do when its file is missing, to whoever opens a region", () => {
    const folder = mkdtempSync("/dev/shm/shmgen-import-");
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const runtime = join(folder, "node_modules/@shmgen/runtime");
    mkdirSync(runtime, { recursive: true });
    cpSync(join(root, "runtime/lib"), join(runtime, "lib"), { recursive: true });
    cpSync(join(root, "runtime/package.json"), join(runtime, "package.json"));
    cpSync(telemetry, join(folder, "telemetry.mjs"));
    symlinkSync(join(root, "node_modules/koffi"), join(folder, "node_modules/koffi"));
    rmSync(join(runtime, "lib/common-opening.cjs"));
    const code = `const { Telemetry } = await import(generated);
      try { Telemetry.open("imported"); } catch (error) { console.log(error.message); }`;
    expect(printed(code, [], join(folder, "telemetry.mjs"))).toMatch(
      /^the part of @shmgen\/runtime that opens regions cannot be loaded: .*common-opening\.cjs.*; install all files of the package/,
    );
  });
});
