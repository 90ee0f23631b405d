import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { rolldown } from "rolldown";
import { describe, expect, it, onTestFinished } from "vitest";

const root = resolve(import.meta.dirname, "../..");

/** What a program prints that was bundled with everything but `external`. */
async function bundled(external: readonly (string | RegExp)[]): Promise<string> {
  const folder = mkdtempSync("/dev/shm/shmgen-bundled-");
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "node_modules/@shmgen"), { recursive: true });
  symlinkSync(join(root, "node_modules/koffi"), join(folder, "node_modules/koffi"));
  symlinkSync(join(root, "runtime"), join(folder, "node_modules/@shmgen/runtime"));
  const generated = join(root, "examples/dist/telemetry/generated/telemetry.js");
  writeFileSync(
    join(folder, "program.mjs"),
    `
    import { isShmError } from "@shmgen/runtime";
    import { Telemetry } from ${JSON.stringify(generated)};
    const region = Telemetry.createOrOpen("bundled", { directory: process.argv[2] });
    region.data.samples = 5n;
    const { $samples: samples } = region.data;
    const woken = await samples.waitAsync(5n, 3000).catch((error) => (isShmError(error) ? error.message : String(error)));
    console.log(region.outcome, region.data.samples, samples.wait(5n, 10), woken);
    region.close();`,
  );
  const bundle = await rolldown({ input: join(folder, "program.mjs"), external: [...external], platform: "node" });
  await bundle.write({ file: join(folder, "out/program.mjs"), codeSplitting: false });
  await bundle.close();
  const args = [join(folder, "out/program.mjs"), join(folder, "regions")];
  // Waits are the thread's, also where there is io_uring.
  const env = { ...process.env, UV_USE_IO_URING: "0" };
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 60_000, env });
  return stdout.trim() || stderr;
}

describe("a program that was bundled", () => {
  it("with the runtime left outside works as any other", async () => {
    expect(await bundled([/^@shmgen\/runtime/, "koffi"])).toBe("created 5n timed-out timed-out");
  });

  it("with the runtime inside misses the file of the thread that waits, and says what to do", async () => {
    expect(await bundled(["koffi"])).toMatch(
      /^created 5n timed-out the thread for waits has ended: .*wait-worker\.cjs.*; keep @shmgen\/runtime out of the bundle/,
    );
  });
});
