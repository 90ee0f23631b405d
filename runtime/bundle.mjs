/**
 * Makes what `@shmgen/runtime` ships, `runtime/lib`, from what tsc has made of the sources, `runtime/dist`: one file of code
 * for each door and thread, one of types for each door. Few files load faster than many, and nothing that no door reaches
 * ships. The code keeps its names and shape, because it stands in users' stack traces and its readers have to trust it.
 *
 * Each door is made twice. `index.js` imports all that it needs, by `common-opening.js`. `later-index.js` has in the place of LATER's
 * functions others that load `opening.mjs` when one is called first (later.ts). That imports no file of ours but is given what
 * it needs of `common-access.js`, so that there is one of each class and state, however it was loaded.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";

const here = import.meta.dirname;
const lib = join(here, "lib");
const dist = join(here, "dist/runtime");
const external = ["koffi", /^node:/];
const DOORS = ["index", "codegen-v1", "doctor"];
/** Needs no region to be opened: made once. */
const ACCESS_DOORS = { "containers-v1": "containers-v1" };
/** Modules that later doors do not import. All that they export is functions. */
const LATER = ["opening", "managing", "doctor/examine"];
/** Started as a worker or process by its file name, which stands beside the code that starts it. */
const THREADS = { "wait-worker": "wait/wait-worker", "partner-worker": "doctor/linux/partner-worker" };
/** Loaded by its file name as well, by the first wait that needs it. */
const PARTS = { "wait-ring": "os/linux/wait-ring" };
/** Of paths relative to `dist`: what importing generated code, or a thread, needs. One file, because each costs as much as 30 kB of code. */
const ACCESS = [
  /^schema\/(printable|suggest)\.js$/,
  /^schema\/containers\/(container|owner|seqlock)\.js$/,
  /^runtime\/(access|arguments)\//,
  /^runtime\/(errors|later|loading|monotonic)\.js$/,
  /^runtime\/(os\/linux\/(futex|libc|memory|node|syscall)|wait\/wait-protocol)\.js$/,
];
/** What opening and managing regions needs besides. */
const OPENING = [
  /^schema\//,
  /^runtime\/(file|format|handover|mapping|open|os|participants|place|region|scope|wait)\/.*(?<!worker|ring)\.js$/,
];

const ACCESS_FILE = "./common-access.js";
/** Not ".js", because Yarn before 4.6 refuses to require modules of this name (Plug'n'Play). */
const OPENING_FILE = "./opening.mjs";
const DOCTOR_FILE = "./doctor.js";

/** As rolldown writes a chunk. */
const CHUNK_TEXT =
  /^import \{(?<imported>.*)\} from "\.\/common-access\.js";\n(?<builtins>(?:import .* from "node:.*";\n)*)(?<body>[^]*)^export \{(?<exported>.*)\};\n$/m;

const inputs = (extension, names) =>
  Object.fromEntries(Object.entries(names).map(([name, path]) => [name, join(dist, path + extension)]));
const doors = Object.fromEntries(DOORS.map((name) => [name, name]));
const laterDoors = Object.fromEntries(DOORS.map((name) => [`later-${name}`, join(dist, `${name}.js?later-${name}`)]));

rmSync(lib, { recursive: true, force: true });
mkdirSync(lib);
await bundle(
  {
    input: { ...inputs(".js", { ...doors, ...ACCESS_DOORS, ...THREADS, ...PARTS }), ...laterDoors },
    platform: "node",
    plugins: [loadLater()],
  },
  { codeSplitting: { groups: [chunk("access", 2, ACCESS), chunk("opening", 1, OPENING)] } },
);
giveAccess(join(lib, "common-opening.js"));
await bundle({ input: inputs(".d.ts", { ...doors, ...ACCESS_DOORS }), plugins: [dts({ dtsInput: true })] });

function chunk(name, priority, paths) {
  const test = (id) => paths.some((path) => path.test(relative(join(here, "dist"), id)));
  return { name, priority, test };
}

async function bundle(options, output) {
  // How long plugins took on this machine is nobody's concern.
  const build = await rolldown({ ...options, external, checks: { pluginTimings: false } });
  const names = { entryFileNames: "[name].js", chunkFileNames: "common-[name].js", minifyInternalExports: false };
  await build.write({ ...output, ...names, dir: lib, format: "esm" });
  await build.close();
}

/**
 * The modules of a door that loads later: the door, what it imports as far down as LATER, and in the place of each of those a
 * module of functions that load. They have the door's name behind their paths, because each door has its own: shared ones would be
 * one more file.
 */
function loadLater() {
  const later = new Set(LATER.map((name) => join(dist, `${name}.js`)));
  const above = new Set([...DOORS, "region-class"].map((name) => join(dist, `${name}.js`)));
  return {
    name: "load-later",
    resolveId(source, importer) {
      if (source === ACCESS_FILE || source === DOCTOR_FILE) return { id: source, external: true };
      if (source.includes("?later-")) return source;
      const [from, door] = importer?.split("?") ?? [];
      if (door === undefined) return undefined;
      const path = resolve(dirname(from), source);
      return later.has(path) || above.has(path) ? `${path}?${door}` : undefined;
    },
    async load(id) {
      const [path, door] = id.split("?");
      if (door === undefined) return undefined;
      return later.has(path) ? functionsThatLoad(await import(path), door) : readFileSync(path, "utf8");
    },
  };
}

function functionsThatLoad(exports, door) {
  const values = Object.keys(exports).filter((key) => typeof exports[key] !== "function");
  if (values.length > 0) throw new Error(`no functions, which alone can be loaded later: ${values.join(", ")}`);
  return [
    `import { later } from ${JSON.stringify(join(dist, "later.js"))};`,
    `import * as access from "${ACCESS_FILE}";`,
    `const opening = later("${OPENING_FILE}", access);`,
    ...Object.keys(exports).map(door === "later-doctor" ? inDoctor : inOpening),
  ].join("\n");
}

function inOpening(name) {
  return `export function ${name}(...values) { return opening().${name}(...values); }`;
}

/**
 * All functions of that door are asynchronous. It imports what opens regions, and a file whose import is under way cannot be required:
 * so that is loaded first.
 */
function inDoctor(name) {
  return `export async function ${name}(...values) {
    opening();
    return (await import("${DOCTOR_FILE}")).${name}(...values);
  }`;
}

/**
 * Makes `opening.mjs` of the chunk: a function that is given what the chunk imports of ours. It stands in parentheses, because V8 would
 * read it once to skip it, and then again to compile it. The chunk imports that file and exports what it did.
 *
 * Not its default export: for one that has that, and no other, `require` makes a second module, and there Node aborts the process
 * when a worker is being ended just then (ModuleWrap::CreateRequiredModuleFacade asserts that it was instantiated).
 */
function giveAccess(path) {
  const text = CHUNK_TEXT.exec(readFileSync(path, "utf8"))?.groups;
  if (text === undefined)
    throw new Error(`${path} does not have the form of a chunk that imports ${ACCESS_FILE} alone`);
  const given = text.imported.replaceAll(/(\S+) as ([^\s,]+)/g, "$1: $2");
  const made = text.exported.replaceAll(/(\S+) as ([^\s,]+)/g, "$2: $1");
  const names = text.exported.replaceAll(/\S+ as ([^\s,]+)/g, "$1");
  const opening = `${text.builtins}export const make = (function ({${given}}) {\n${text.body}return {${made}};\n});\n`;
  const chunk = `import * as access from "${ACCESS_FILE}";
import { later } from "${ACCESS_FILE}";
import { make } from "${OPENING_FILE}";
const {${names}} = later(make, access)();
export {${names}};
`;
  writeFileSync(join(lib, OPENING_FILE), opening);
  writeFileSync(path, chunk);
}
