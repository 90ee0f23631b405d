/** What importing generated code brings into a process that opens no region, and what it brings into a worker. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";

const generated = pathToFileURL(join(import.meta.dirname, "../../examples/dist/telemetry/generated/telemetry.js")).href;

/** What a fresh process prints that runs `code`, with the generated module's address in `generated`. */
function printed(code: string): string {
  const script = `const generated = ${JSON.stringify(generated)};\n${code}`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout.trim();
}

/** Whether the process has koffi's addon mapped. */
const HAS_KOFFI = `(await import("node:fs")).readFileSync("/proc/self/maps", "utf8").includes("koffi.node")`;

describe("importing generated code", () => {
  it("does not load koffi in the main thread", () => {
    expect(printed(`await import(generated); console.log(${HAS_KOFFI});`)).toBe("false");
  });

  it("loads koffi in a worker", () => {
    const worker = `import(${JSON.stringify(generated)}).then(async () => console.log(${HAS_KOFFI}))`;
    const code = `const { Worker } = await import("node:worker_threads");
      new Worker(${JSON.stringify(worker)}, { eval: true });`;
    expect(printed(code)).toBe("true");
  });

  it("does not load node:crypto, which takes longer than any other module of Node", () => {
    expect(
      printed(`await import(generated); console.log(process.moduleLoadList.includes("NativeModule crypto"));`),
    ).toBe("false");
  });
});
