/** Where shmgen is tried: what docs/environments.md says, and the tests that say it read. */

/** What probe.mjs does, and what users call it. */
export const FEATURES = {
  regions:
    "regions shared with Node: opened, read, written, closed; the last one removes the file, also after a SIGKILL",
  containers: "containers: a `ring` from Node",
  growth: "tails that grow",
  anonymous: "anonymous regions",
  wait: "`wait()`, woken by Node",
  waitAsync: "`waitAsync()`, woken by Node",
  workers: "regions shared with workers (`node:worker_threads`)",
  local: "regions of one process (`createLocal()`), shared with workers",
  foreign: "memory of other programs: `attach()`, reads at any offset, and `stable()` beside a writer in Node",
  owners: "owners are shown by the script, as in `shmgen list`",
  doctor: "`checkEnvironment()` finds no problem",
} as const;

export type Feature = keyof typeof FEATURES;

export interface Engine {
  readonly name: string;
  /** The one that the tests install; the first two numbers. */
  readonly version: string;
  /** Words between the program and the script. */
  readonly words: readonly string[];
  /** What is to be known of a feature that works. */
  readonly notes: Partial<Record<Feature, string>>;
  /** What cannot be tried there, and why. */
  readonly untried?: Partial<Record<Feature, string>>;
}

/** Node itself is what all other tests run on. */
export const ENGINES: Readonly<Record<"bun" | "deno" | "arm64", Engine>> = {
  bun: {
    name: "Bun",
    version: "1.4",
    words: ["run"],
    notes: {
      regions: 'but for `access: "read-only"`',
      foreign: 'where no field is atomic, or with `access: "read-write"`',
      waitAsync: "by a thread, which takes about three times as long",
    },
  },
  deno: { name: "Deno", version: "2.9", words: ["run", "-A"], notes: {} },
  arm64: {
    name: "Node on arm64 (qemu-user)",
    version: "22",
    words: [],
    notes: {},
    untried: { doctor: "it starts processes, which the emulator does not emulate" },
  },
};

export type TypeScript = "5.9" | "6" | "7";
export type CompilerRow = readonly [version: TypeScript, options: Readonly<Record<string, string | boolean>>];

/** TypeScript in packages of CommonJS. The first of them stands for the rest in short runs. */
export const COMMON_JS: readonly CompilerRow[] = [
  ["7", { module: "nodenext" }],
  ["7", { module: "commonjs" }],
  ["6", { module: "node20" }],
  ["6", { module: "commonjs", moduleResolution: "bundler" }],
  ["6", { module: "commonjs", moduleResolution: "node10", ignoreDeprecations: "6.0" }],
  ["5.9", { module: "node16" }],
  ["5.9", { module: "commonjs", moduleResolution: "node10" }],
];
/** And in packages of ES modules. */
export const ES_MODULES: readonly CompilerRow[] = [
  ["7", { module: "nodenext", verbatimModuleSyntax: true }],
  ["6", { module: "esnext", moduleResolution: "bundler" }],
  ["5.9", { module: "node16" }],
];

/** The tables of docs/environments.md. */
export function environmentTables(): string {
  const engines = Object.values(ENGINES);
  const features = Object.entries(FEATURES) as [Feature, string][];
  const head = ["", "Node 20.19, 22, 24, 26", ...engines.map(({ name, version }) => `${name} ${version}`)];
  const works = (note: string | undefined, untried?: string): string =>
    untried === undefined ? (note === undefined ? "works" : `works, ${note}`) : `not tried: ${untried}`;
  const rows = features.map(([feature, words]) =>
    [words, works(undefined)].concat(engines.map(({ notes, untried }) => works(notes[feature], untried?.[feature]))),
  );
  const compilers = [
    ...COMMON_JS.map(([version, options]) => [version, "CommonJS", optionText(options)]),
    ...ES_MODULES.map(([version, options]) => [version, "ES modules", optionText(options)]),
  ];
  return [table(head, rows), table(["TypeScript", "package", "options that compile and run"], compilers)].join("\n\n");
}

const optionText = (options: CompilerRow[1]): string =>
  Object.entries(options)
    .map(([key, value]) => `\`${key}: ${value}\``)
    .join(", ");

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "-")), ...rows.map(line)].join("\n");
}
