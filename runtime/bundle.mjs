/**
 * Makes what `@shmgen/runtime` ships, `runtime/lib`, from what tsc has made of the sources, `runtime/dist`: one file of code
 * for each door and thread, one of types for each door. Few files load faster than many, and nothing that no door reaches
 * ships. The code keeps its names and shape, because it stands in users' stack traces and its readers have to trust it.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";

const here = import.meta.dirname;
const lib = join(here, "lib");
const external = ["koffi", /^node:/];
const DOORS = ["index", "codegen-v1", "doctor"];
/** Started as a worker or process by its file name, which stands beside the code that starts it. */
const THREADS = { "wait-worker": "wait/wait-worker", "partner-worker": "doctor/linux/partner-worker" };

const inputs = (extension, names) =>
  Object.fromEntries(Object.entries(names).map(([name, path]) => [name, join(here, "dist/runtime", path + extension)]));
const doors = Object.fromEntries(DOORS.map((name) => [name, name]));

rmSync(lib, { recursive: true, force: true });
mkdirSync(lib);
await bundle({ input: inputs(".js", { ...doors, ...THREADS }), platform: "node" });
await bundle({ input: inputs(".d.ts", doors), plugins: [dts({ dtsInput: true })] });

async function bundle(options) {
  // How long plugins took on this machine is nobody's concern.
  const build = await rolldown({ ...options, external, checks: { pluginTimings: false } });
  await build.write({ dir: lib, format: "esm", entryFileNames: "[name].js", chunkFileNames: "common-[name].js" });
  await build.close();
}
