/**
 * Loads modules into a realm of their own, as Jest does for each file of tests: they have their own Error, Int32Array and
 * SharedArrayBuffer, while Node's functions throw and give those of the main one. `node --experimental-vm-modules
 * own-realm.mjs`; prints what the module below finds, as JSON.
 */
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as vm from "node:vm";

const PACKAGES = {
  "@shmgen/runtime": new URL("../../../runtime/lib/index.js", import.meta.url).href,
  "@shmgen/runtime/codegen-v1": new URL("../../../runtime/lib/codegen-v1.js", import.meta.url).href,
};
/** What Jest gives as well; all else is the realm's own. */
const GIVEN = ["Buffer", "TextDecoder", "TextEncoder", "URL", "performance", "process", "queueMicrotask", "setTimeout"];
const context = vm.createContext(Object.fromEntries(GIVEN.map((name) => [name, globalThis[name]])));
const modules = new Map();

async function builtin(name) {
  const exports = await import(name);
  const names = Object.keys(exports);
  const fill = () => names.forEach((key) => module.setExport(key, exports[key]));
  const module = new vm.SyntheticModule(names, fill, { context, identifier: name });
  return module;
}

function source(url, text = readFileSync(fileURLToPath(url), "utf8")) {
  const initializeImportMeta = (meta) => (meta.url = url);
  return new vm.SourceTextModule(text, { context, identifier: url, initializeImportMeta });
}

/** CommonJS of the realm. Names of what it requires are those of files beside it. */
const required = new Map();
function requireIn(file) {
  const found = required.get(file);
  if (found !== undefined) return found.exports;
  const module = { exports: vm.runInContext("({})", context) };
  required.set(file, module);
  const parameters = ["exports", "require", "module", "__filename", "__dirname"];
  const run = vm.compileFunction(readFileSync(file, "utf8"), parameters, { filename: file, parsingContext: context });
  run(module.exports, (name) => requireIn(resolve(dirname(file), name)), module, file, dirname(file));
  return module.exports;
}

function commonJs(url) {
  const exports = requireIn(fileURLToPath(url));
  const names = Object.keys(exports);
  const fill = () => names.forEach((key) => module.setExport(key, exports[key]));
  const module = new vm.SyntheticModule(names, fill, { context, identifier: url });
  return module;
}

function make(name) {
  return isBuiltin(name) ? builtin(name) : name.endsWith(".cjs") ? commonJs(name) : source(name);
}

/** One module for each name, so that all see the same. */
function load(specifier, parent) {
  const name = isBuiltin(specifier) ? specifier : (PACKAGES[specifier] ?? new URL(specifier, parent.identifier).href);
  if (!modules.has(name)) modules.set(name, make(name));
  return modules.get(name);
}

const main = source(
  import.meta.url,
  `
  import * as fs from "node:fs";
  import { Worker } from "node:worker_threads";
  import { assign, isShmError, listRegions, snapshot } from "@shmgen/runtime";
  import { Telemetry } from "../../../examples/dist/telemetry/generated/telemetry.js";
  const code = (call) => { try { call(); return "none"; } catch (error) { return isShmError(error) ? error.code : String(error); } };
  let foreign = false;
  try { fs.openSync("/nowhere"); } catch (error) { foreign = !(error instanceof Error); }
  export const seen = { foreign };
  for (const mapping of ["wasm", "view"]) {
    const region = Telemetry.createOrOpen("realm", { mapping });
    assign(region.data, { samples: 5n, position: new Float64Array([1, 2, 3]), driver: "Ada" });
    const { samples, position, driver } = snapshot(region.data);
    const reader = Telemetry.openReadOnly("realm", { mapping });
    seen[mapping] = [region.outcome, Number(samples), position, driver, reader.data.samples === 5n,
      listRegions().map(({ state }) => state).join(), code(() => (reader.data.samples = 1n)), code(() => Telemetry.create("realm")),
      region.data.$samples.wait(5n, 10)];
    reader.close();
    region.close();
  }
  seen.absent = code(() => Telemetry.open("absent"));
  const region = Telemetry.createOrOpen("posted", { mapping: "wasm" });
  const worker = new Worker(new URL("./realm-worker.mjs", import.meta.url), { workerData: region.share() });
  const posted = await new Promise((resolve, reject) => { worker.once("message", resolve); worker.once("error", reject); });
  const again = Telemetry.fromShared(posted);
  seen.shared = [region.data.samples === 1n, again.data.samples === 1n, posted.buffer instanceof SharedArrayBuffer];
  again.close();
  await worker.terminate();
  // As compilers write \`using\`.
  region[Symbol.dispose || Symbol.for("Symbol.dispose")]();
  seen.disposed = region.closed;
`,
);
await main.link(load);
await main.evaluate();
console.log(JSON.stringify(main.namespace.seen));
