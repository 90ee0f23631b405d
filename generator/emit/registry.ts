/**
 * The languages that shmgen generates: one row each, by the name that configs and `--target` use. An emitter is loaded when
 * its target is asked for. A new language is a folder beside this file and a row.
 */
import type { Emitter, Target } from "./common/options.js";

export type { ModuleForm, OutputModule } from "./common/options.js";

interface TargetRow {
  /** Endings of its files, in the order of the emitter's texts. */
  readonly extensions: readonly string[];
  /** Whether it is modules of JavaScript or TypeScript. Of those, accessors of published versions are generated as well, for migrations. */
  readonly modules: boolean;
  load(): Promise<Emitter>;
}

const ROWS = {
  ts: { extensions: [".ts"], modules: true, load: async () => (await import("./ts/emit.js")).emitTs },
  js: {
    extensions: [".js", ".d.ts", ".d.ts.map"],
    modules: true,
    load: async () => (await import("./ts/emit.js")).emitJs,
  },
  c: { extensions: [".h"], modules: false, load: async () => (await import("./c/emit.js")).emitC },
} satisfies Readonly<Record<string, TargetRow>>;

/** A target of the generator: TypeScript, JavaScript with declarations, or a C header. */
export type TargetName = keyof typeof ROWS;

/** All targets, in the order in which they are told. */
export const TARGET_NAMES = Object.keys(ROWS) as readonly TargetName[] as readonly [TargetName, ...TargetName[]];

/** What is generated when nothing is said. */
export const DEFAULT_TARGETS: readonly TargetName[] = ["ts", "c"];

/** Endings of the files of all targets. */
export const ALL_EXTENSIONS: readonly string[] = Object.values(ROWS).flatMap(({ extensions }) => extensions);

/** Whether accessors of published versions are generated in a target. */
export function hasOlderVersions(name: TargetName): boolean {
  return ROWS[name].modules;
}

/** The targets of these names, ready to emit. */
export function loadTargets(names: readonly TargetName[]): Promise<Target[]> {
  return Promise.all(
    TARGET_NAMES.filter((name) => names.includes(name)).map(async (name) => {
      const { extensions, modules, load }: TargetRow = ROWS[name];
      return { name, extensions, modules, emit: await load() };
    }),
  );
}
