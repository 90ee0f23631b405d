/**
 * Makes what `@shmgen/runtime` ships, `runtime/lib`, from what tsc has made of the sources, `runtime/dist`: few files, without
 * comments and without what the doors do not reach, because the package has to stay under 80 kB unpacked. The names of
 * classes are kept, for they show in messages and in what console.log prints.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";

const here = import.meta.dirname;
const lib = join(here, "lib");
const entry = (path, extension) => join(here, "dist/runtime", path + extension);
const external = ["koffi", /^node:/];

rmSync(lib, { recursive: true, force: true });

const code = await rolldown({
  input: {
    index: entry("index", ".js"),
    "codegen-v1": entry("codegen-v1", ".js"),
    // Started as a worker by its file name, which stands beside the code that starts it.
    "wait-worker": entry("region/wait-worker", ".js"),
  },
  external,
  platform: "node",
});
await code.write({
  dir: lib,
  format: "esm",
  chunkFileNames: "[name].js",
  minify: { compress: true, mangle: { toplevel: true, keepNames: { class: true, function: false } }, codegen: true },
});
await code.close();

const types = await rolldown({
  input: { index: entry("index", ".d.ts"), "codegen-v1": entry("codegen-v1", ".d.ts") },
  external,
  plugins: [dts({ dtsInput: true })],
});
const { output } = await types.write({ dir: lib, format: "esm", chunkFileNames: "[name].js" });
await types.close();
for (const { fileName } of output) {
  const path = join(lib, fileName);
  // Regions are disposable; who compiles with an older `lib` still has to find Symbol.dispose.
  const text = readFileSync(path, "utf8").replaceAll(/^\/\/#(?:end)?region.*\n/gm, "");
  writeFileSync(path, text.includes("Symbol.dispose") ? `/// <reference lib="esnext.disposable" />\n${text}` : text);
}
