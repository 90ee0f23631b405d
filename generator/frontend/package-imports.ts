/** Imports by the name of a package, of a workspace or installed, resolved as TypeScript resolves them. */
import { posix } from "node:path";
import { ts } from "./typescript.js";

/** What the front end asks of the disk. Paths are relative to the root, with forward slashes, or absolute. */
export interface Disk {
  /** The path of a file without links, and in the case that it has on disk, relative to the root; undefined without a file. */
  realPath(path: string): string | undefined;
  /** Text of a file, `package.json` of a package for instance; undefined when there is none. */
  readText(path: string): string | undefined;
}

/** As bundlers and Node's imports: `exports` and `imports` of package.json count, and a `.js` may stand for its source. */
const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  allowImportingTsExtensions: true,
  customConditions: ["node"],
};

/**
 * Gives a function from a specifier and the file that has it to the schema it leads to; undefined when it leads to none. Without a
 * disk, or a root that is an absolute path, nothing is found.
 */
export function packageImports(
  root: string,
  disk: Disk | undefined,
): (specifier: string, from: string) => string | undefined {
  if (disk === undefined || !/^(?:\/|[A-Za-z]:\/)/.test(root)) return () => undefined;
  const host: ts.ModuleResolutionHost = {
    fileExists: (path) => disk.realPath(path) !== undefined,
    readFile: (path) => disk.readText(path),
  };
  const found = new Map<string, string | undefined>();
  return (specifier, from) => {
    if (specifier.startsWith(".")) return undefined;
    const containing = `${root}/${from}`;
    const key = JSON.stringify([posix.dirname(containing), specifier]);
    if (!found.has(key)) {
      const { resolvedModule } = ts.resolveModuleName(specifier, containing, OPTIONS, host);
      const path = resolvedModule?.resolvedFileName;
      found.set(key, path?.endsWith(".shm.ts") === true ? path : undefined);
    }
    return found.get(key);
  };
}
