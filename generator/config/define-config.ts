/** What a configuration may say, as its author writes it. */
import type { TargetName } from "../emit/registry.js";

/** A target of your own. */
export interface CustomTargetConfig {
  /** Folder with `module.hbs`, which is rendered for each schema file, and `partials/`. */
  readonly folder: string;
  /** Ending of the output, e.g. `".md"`. */
  readonly extension: string;
  /** What `--target` calls it. Default: the name of the folder. */
  readonly name?: string | undefined;
}

/** What a `shmgen.config.*` file, or the key `shmgen` of a package.json, may say. Paths are relative to that file. */
export interface ShmgenConfig {
  /** Schemas, folders or globs; a leading `!` excludes. Default: every `**\/*.shm.ts` except in node_modules, dist and dot folders. */
  readonly files?: string | readonly string[] | undefined;
  /** Folder of the output. `{dir}` in it stands for the folder of the schema. Default: `{dir}/generated`. */
  readonly out?: string | undefined;
  /** What to generate. Default: `["ts", "c"]`. */
  readonly targets?: readonly TargetName[] | undefined;
  /**
   * Modules that generated TypeScript and JavaScript are made for. `"auto"`: what the nearest package.json of the output says, ES modules
   * for `"type": "module"` or where there is no package.json, else CommonJS. Where the other one is asked for, files say so by their
   * endings: `.mts`, `.mjs`, `.cts`, `.cjs`. Default: `"auto"`.
   */
  readonly module?: "esm" | "commonjs" | "auto" | undefined;
  /**
   * Ending of import paths between generated TypeScript files. Default: `"none"` in CommonJS, where ts-jest and others look for
   * files by their names, else `"js"`.
   */
  readonly importExtension?: "js" | "ts" | "none" | undefined;
  /** Published versions whose accessors are generated as well, from shmgen.lock.json: `car.v2.ts` beside `car.ts`. */
  readonly versions?: readonly number[] | undefined;
  /** Targets of your own: folders of templates. */
  readonly customTargets?: readonly CustomTargetConfig[] | undefined;
}

/**
 * Types the default export of a `shmgen.config.ts`; returns what it is given.
 * @example
 * export default defineConfig({ files: ["schemas/*.shm.ts"], out: "src/generated", targets: ["ts", "c"] });
 */
export function defineConfig(config: ShmgenConfig): ShmgenConfig {
  return config;
}
