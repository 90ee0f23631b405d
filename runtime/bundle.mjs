/**
 * Makes what `@shmgen/runtime` ships, `runtime/lib`, from what tsc has made of the sources, `runtime/dist`: few files, because few load
 * faster than many, and nothing that no door reaches. The code keeps its names and shape: it stands in users' stack traces, and its
 * readers have to trust it.
 *
 *   <door>.cjs          the door for `require`: what it shares with others lies in `common-access.cjs`
 *   <door>.js           the door for `import`: it names what the one for `require` has, so that there is one of each class and
 *                       state in a process, however its parts were loaded
 *   <door>.d.cts, .d.ts the same for types
 *   opening.cjs         what opens and manages regions. The doors have functions in its place that load it when one is called first
 *   <thread>.cjs        started by its name, or loaded by it
 *   browser/<door>.js   the doors for browsers, without anything of Node: `browser/` in the sources says what stands in whose place
 *
 * CommonJS, because only that can be loaded late and at once by every Node, Jest and bundler. rolldown writes modules, since their form
 * is the one of our sources; `toCommonJs` gives each its imports and exports. What Node has comes by `process.getBuiltinModule`, because
 * bundlers that make a module of CommonJS refuse `require` in it.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";

const here = import.meta.dirname;
const lib = join(here, "lib");
const dist = join(here, "dist/runtime");
const external = ["koffi", /^node:/];
/** What users and generated code import. */
const DOORS = ["index", "codegen-v1", "containers-v1", "doctor"];
/** Those that are for browsers, too. */
const BROWSER_DOORS = ["index", "codegen-v1", "containers-v1"];
/** Modules of which browsers have others, by the same name in `browser/`. */
const HOST = ["host", "managing", "monotonic", "opening"];
/** Modules that doors do not import, but load. All that they export is functions. */
const LATER = ["opening", "managing"];
/** Started as a worker or process, or loaded, by a file name that stands in the code. */
const BY_NAME = {
  "wait-worker": "wait/wait-worker",
  "partner-worker": "doctor/posix/partner-worker",
  "wait-ring": "os/linux/wait-ring",
};
/** Of paths relative to `dist`: what importing generated code, or a thread, needs. One file, because each costs as much as 30 kB of code. */
const ACCESS = [
  /^schema\/(encodings|printable|suggest)\.js$/,
  /^schema\/containers\/(container|owner|seqlock)\.js$/,
  /^runtime\/(access|arguments)\//,
  /^runtime\/(errors|host|later|loading|monotonic|region-class)\.js$/,
  /\?later$/,
  /^runtime\/os\/posix\/(address-of|libc|prototypes|syscall|system)\.js$/,
  /^runtime\/os\/linux\/(flags|futex|libc|numbers|proc)\.js$/,
  /^runtime\/os\/darwin\/(headers|libc|numbers|waits)\.js$/,
  /^runtime\/(os\/(attempts|koffi|node|waiting)|wait\/wait-protocol)\.js$/,
];
/** What opening and managing regions needs besides. */
const OPENING = [
  /^schema\//,
  /^runtime\/(file|format|handover|local|mapping|open|os|participants|place|region|scope|wait)\/.*(?<!worker|ring)\.js$/,
  /^runtime\/(opening|managing)\.js$/,
];
/** The modules of LATER as they are. */
const LATER_CALLS = join(dist, "later.js");
const OPENING_ENTRY = "opening?all";
const ENTRY = "opening-entry";
const OPENING_FILE = "./common-opening.cjs";
const ACCESS_CHUNK = "common-access";
/** After all exports, since the file that is loaded takes some of them. */
const LOAD_IN_WORKERS = "loadInWorkers();\n";
const MODULE =
  /^(?<imports>(?:import .*;\n)*)(?<body>[^]*?)^export \{(?<exported>.*)\}(?: from "(?<source>[^"]+)")?;\n(?:import ".*";\n)*$/m;
/** In a program that was bundled to a module there is no `__filename`, and what is not in it is found from there. */
const HERE = `const here = process.getBuiltinModule("node:url").pathToFileURL(
	typeof __filename === "string" ? __filename : process.argv[1] ?? process.execPath
).href;
`;

rmSync(lib, { recursive: true, force: true });
mkdirSync(lib);
const doors = Object.fromEntries(DOORS.map((name) => [name, join(dist, name)]));
const byName = Object.fromEntries(Object.entries(BY_NAME).map(([name, path]) => [name, join(dist, path)]));
await bundle(
  {
    input: { ...withEnding(".js", { ...doors, ...byName }), [ENTRY]: OPENING_ENTRY },
    platform: "node",
    plugins: [loadLater()],
  },
  { codeSplitting: { groups: [chunk("access", 2, ACCESS), chunk("opening", 1, OPENING)] } },
);
// Its chunk has the same names, and is loaded as it is.
rmSync(join(lib, `${ENTRY}.js`));
for (const name of readdirSync(lib)) toCommonJs(name.replace(/\.js$/, ""));
await bundle({ input: withEnding(".d.ts", doors), plugins: [dts({ dtsInput: true })] });
const browserDoors = Object.fromEntries(BROWSER_DOORS.map((name) => [name, doors[name]]));
await proveSameNames();
await bundle(
  { input: withEnding(".js", browserDoors), platform: "browser", external: [], plugins: [forBrowsers()] },
  { dir: join(lib, "browser") },
);
for (const name of readdirSync(lib).filter((file) => file.endsWith(".d.ts")))
  typesForBoth(name.replace(/\.d\.ts$/, ""));

function withEnding(ending, names) {
  return Object.fromEntries(Object.entries(names).map(([name, path]) => [name, path + ending]));
}

function chunk(name, priority, paths) {
  const test = (id) => paths.some((path) => path.test(relative(join(here, "dist"), id)));
  return { name, priority, test };
}

async function bundle(options, output) {
  // How long plugins took on this machine is nobody's concern.
  const build = await rolldown({ external, ...options, checks: { pluginTimings: false } });
  const names = { entryFileNames: "[name].js", chunkFileNames: "common-[name].js", minifyInternalExports: false };
  await build.write({ dir: lib, ...output, ...names, format: "esm" });
  await build.close();
}

/** Gives the doors functions that load in the place of each module of LATER; they have a path of their own. */
function loadLater() {
  const later = new Set(LATER.map((name) => join(dist, `${name}.js`)));
  return {
    name: "load-later",
    resolveId(source, importer) {
      if (source === OPENING_ENTRY) return source;
      if (importer === undefined || importer === OPENING_ENTRY) return undefined;
      const path = resolve(dirname(importer), source);
      return later.has(path) ? `${path}?later` : undefined;
    },
    async load(id) {
      // What is called at the end of the first file is kept, too.
      if (id === OPENING_ENTRY)
        return [...later, LATER_CALLS].map((path) => `export * from ${JSON.stringify(path)};`).join("\n");
      return id.endsWith("?later") ? functionsThatLoad(await import(id.split("?")[0])) : undefined;
    },
  };
}

/** Takes what browsers have, and refuses what they do not have. */
function forBrowsers() {
  const own = join(dist, "browser");
  const places = new Map(HOST.map((name) => [join(dist, `${name}.js`), join(own, `${name}.js`)]));
  return {
    name: "for-browsers",
    resolveId(source, importer) {
      if (importer === undefined) return undefined;
      if (source === "node:buffer") return join(own, "buffer.js");
      const path = resolve(dirname(importer), source);
      if (!source.startsWith(".") || relative(dist, path).startsWith("os/"))
        throw new Error(`${relative(dist, importer)} imports ${source}, which browsers do not have`);
      return places.get(path);
    },
  };
}

/** What stands in the place of a module exports what that does. */
async function proveSameNames() {
  for (const name of HOST) {
    const [there, here] = [await import(join(dist, `${name}.js`)), await import(join(dist, "browser", `${name}.js`))];
    const missing = Object.keys(there).filter((key) => !(key in here));
    if (missing.length > 0) throw new Error(`browser/${name} lacks ${missing.join(", ")}`);
  }
}

function functionsThatLoad(exports) {
  const values = Object.keys(exports).filter((key) => typeof exports[key] !== "function");
  if (values.length > 0) throw new Error(`no functions, which alone can be loaded later: ${values.join(", ")}`);
  return [
    `import { later } from ${JSON.stringify(LATER_CALLS)};`,
    `const opening = later("${OPENING_FILE}", () => require_("${OPENING_FILE}"));`,
    ...Object.keys(exports).map(
      (name) => `export function ${name}(...values) { return opening().${name}(...values); }`,
    ),
  ].join("\n");
}

/**
 * Makes CommonJS of a module that rolldown has written: imports at the beginning and one export at the end. What is exported
 * is what it is once the file has run, since importers take it then. Of a door it makes the one for `import` as well, which names everything.
 */
function toCommonJs(name) {
  const from = join(lib, `${name}.js`);
  const { imports, body, exported, source } = MODULE.exec(readFileSync(from, "utf8"))?.groups ?? {};
  if (imports === undefined) throw new Error(`${from} does not have the form of a module that rolldown writes`);
  rmSync(from);
  const names = namesOf(exported);
  const given = source === undefined ? "" : "given.";
  const text = [
    '"use strict";\n',
    ...imports.split("\n").filter(Boolean).map(toRequire),
    source === undefined ? "" : `const given = ${requireOf(source)};\n`,
    body.includes("import.meta") ? HERE : "",
    placesOfFiles(body),
    ...names.map(({ local, as }) => `exports.${as} = ${given}${local};\n`),
    name === ACCESS_CHUNK ? LOAD_IN_WORKERS : "",
  ];
  writeFileSync(join(lib, `${name}.cjs`), text.join(""));
  if (!DOORS.includes(name)) return;
  writeFileSync(from, `export { ${names.map(({ as }) => as).join(", ")} } from "./${name}.cjs";\n`);
}

/** Of `a, b as c`. */
function namesOf(exported) {
  return [...exported.matchAll(/([^\s,]+)(?: as ([^\s,]+))?/g)].map(([, local, as = local]) => ({ local, as }));
}

/** An import statement as CommonJS has it. */
function toRequire(statement) {
  const { what, file } = /^import (?:(?<what>.+) from )?"(?<file>[^"]+)";$/.exec(statement).groups;
  // A door that another one imports, of which nothing is left but what both have in common.
  if (what === undefined) return "";
  const place = what.startsWith("* as ")
    ? what.slice("* as ".length)
    : what.replaceAll(/(\S+) as ([^\s,]+)/g, "$1: $2");
  return `const ${place} = ${requireOf(file)};\n`;
}

function requireOf(file) {
  return file.startsWith("node:")
    ? `process.getBuiltinModule("${file}")`
    : `require("${file.replace(/\.js$/, ".cjs")}")`;
}

/** Files that stand beside the code are called as they ship. */
function placesOfFiles(body) {
  const text = body
    // Bundlers look for calls with a file's name.
    .replaceAll('createRequire(import.meta.url)("./', 'require("./')
    .replaceAll("import.meta.url", "here")
    .replaceAll("require_(", "require(");
  return text.replaceAll(/"\.\/([\w-]+)\.js"/g, (whole, name) => (name in BY_NAME ? `"./${name}.cjs"` : whole));
}

/**
 * One file of types for `require`, and one for `import` that has the same ones: classes with private members are other types for
 * TypeScript where they are declared twice.
 */
function typesForBoth(name) {
  const from = join(lib, `${name}.d.ts`);
  writeFileSync(
    join(lib, `${name}.d.cts`),
    readFileSync(from, "utf8").replaceAll(/(from "\.\/[\w-]+)\.js"/g, '$1.cjs"'),
  );
  rmSync(from);
  if (DOORS.includes(name)) writeFileSync(from, `export * from "./${name}.cjs";\n`);
}
