/**
 * Makes what `@shmgen/runtime` ships, `runtime/lib`, from what tsc has made of the sources, `runtime/dist`: few files, without
 * what the doors do not reach, because the package has to stay under 80 kB unpacked. The names of classes are kept, for they
 * show in messages and in what console.log prints; so are all comments that users of the package see in their editors.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { minify } from "rolldown/experimental";
import { dts } from "rolldown-plugin-dts";
import * as format from "./dist/schema/region-format.js";
import { INTERNAL_NAMES } from "./bundle/internal-names.mjs";
import { arrowFunctions } from "./bundle/arrow-functions.mjs";
import { shareStrings } from "./bundle/share-strings.mjs";
import { denseTypes } from "./bundle/dense-types.mjs";

const here = import.meta.dirname;
const lib = join(here, "lib");
const entry = (path, extension) => join(here, "dist/runtime", path + extension);
const external = ["koffi", /^node:/];

rmSync(lib, { recursive: true, force: true });
mkdirSync(lib);
await bundleCode();
await bundleTypes();

async function bundleCode() {
  const input = {
    "codegen-v1": entry("codegen-v1", ".js"),
    // Started as a worker by its file name, which stands beside the code that starts it.
    "wait-worker": entry("region/wait-worker", ".js"),
  };
  const plugins = [{ name: "tables-to-numbers", transform: { filter: { id: /\.js$/ }, handler: tablesToNumbers } }];
  const build = await rolldown({ input, external, plugins, platform: "node", optimization: { inlineConst: true } });
  const { output } = await build.generate({ format: "esm", chunkFileNames: "os.js", minifyInternalExports: true });
  await build.close();
  // One cache, so that a name is the same in all files.
  let cache = {};
  for (const { fileName, code } of output) {
    const result = await minify(fileName, code, {
      module: true,
      compress: { target: "es2023", keepNames: { class: true, function: false } },
      mangle: { toplevel: true, keepNames: { class: true, function: false } },
      mangleProps: { include: new RegExp(`^(?:${INTERNAL_NAMES.join("|")})$`), cache },
    });
    if (result.errors.length > 0) throw new Error(`${fileName}: ${JSON.stringify(result.errors)}`);
    cache = result.mangleCache;
    writeFileSync(join(lib, fileName), shareStrings(arrowFunctions(result.code)));
  }
  const doors = await rolldown({ input: entry("index", ".js"), external: /codegen-v1/ });
  await doors.write({ file: join(lib, "index.js"), format: "esm", minify: true });
  await doors.close();
}

/** Offsets and states by name become the numbers that they are. */
function tablesToNumbers(code) {
  const tables = { AT: format.HEADER_OFFSET, HEADER_OFFSET: format.HEADER_OFFSET, STATE: format.STATE };
  return code.replaceAll(/\b(AT|HEADER_OFFSET|STATE)\.(\w+)/g, (_, table, name) => {
    const number = tables[table][name];
    if (number === undefined) throw new Error(`${table} has no ${name}`);
    return String(number);
  });
}

async function bundleTypes() {
  const build = await rolldown({ input: entry("codegen-v1", ".d.ts"), external, plugins: [dts({ dtsInput: true })] });
  const { output } = await build.generate({ format: "esm" });
  await build.close();
  const door = readFileSync(entry("index", ".d.ts"), "utf8");
  for (const [name, text] of Object.entries(denseTypes(output[0].code, door))) writeFileSync(join(lib, name), text);
}
