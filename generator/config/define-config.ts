/** A target of the generator: TypeScript, JavaScript with declarations, or a C header. */
export type TargetName = "ts" | "js" | "c";

/** What a `shmgen.config.*` file, or the key `shmgen` of a package.json, may say. Paths are relative to that file. */
export interface ShmgenConfig {
  /** Schemas, folders or globs; a leading `!` excludes. Default: every `**\/*.shm.ts` except in node_modules, dist and dot folders. */
  readonly files?: string | readonly string[] | undefined;
  /** Folder of the output. `{dir}` in it stands for the folder of the schema. Default: `{dir}/generated`. */
  readonly out?: string | undefined;
  /** What to generate. Default: `["ts", "c"]`. */
  readonly targets?: readonly TargetName[] | undefined;
  /** Ending of import paths between generated TypeScript files. Default: `"js"`. */
  readonly importExtension?: "js" | "ts" | "none" | undefined;
  /** Folders of templates, each a target of your own. */
  readonly customTargets?: readonly string[] | undefined;
}

/**
 * Types the default export of a `shmgen.config.ts`; returns what it is given.
 * @example
 * export default defineConfig({ files: ["schemas/*.shm.ts"], out: "src/generated", targets: ["ts", "c"] });
 */
export function defineConfig(config: ShmgenConfig): ShmgenConfig {
  return config;
}
