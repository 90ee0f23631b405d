/** Keeps the compiled code of what a command loads between runs, where Node can do so (22.8 and later). */
import { lstatSync, mkdirSync, statSync, type Stats } from "node:fs";
import module from "node:module";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * Turns Node's compile cache on. Without a folder that is safe, or with a Node that lacks it, code is compiled as usual. A cache
 * that the user has turned on (NODE_COMPILE_CACHE) or off (NODE_DISABLE_COMPILE_CACHE) stays as it is.
 */
export function enableCompileCache(): void {
  // The types are those of Node 20.
  const { getCompileCacheDir, enableCompileCache: enable } = module as {
    getCompileCacheDir?: () => string | undefined;
    enableCompileCache?: (folder: string) => unknown;
  };
  if (enable === undefined || getCompileCacheDir?.() !== undefined) return;
  if (process.env["NODE_DISABLE_COMPILE_CACHE"] !== undefined) return;
  const folder = cacheFolder();
  if (folder !== undefined) enable(folder);
}

/**
 * `$XDG_CACHE_HOME/shmgen`, else `~/.cache/shmgen`; undefined when it cannot be made, or when others could write into it. V8 runs
 * what the cache holds without proof that it came from the source, so whoever can write there runs code as this user. That is why
 * Node's own default will not do: a folder in /tmp, which belongs to the user who came first.
 */
function cacheFolder(): string | undefined {
  const { XDG_CACHE_HOME: given } = process.env;
  try {
    const home = given !== undefined && isAbsolute(given) ? given : homedir();
    const caches = home === given ? home : join(home, ".cache");
    const folder = join(caches, "shmgen");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Whoever owns one of the folders above could put another folder in the place of ours after this look.
    return isOurs(statSync(home)) && isOurs(lstatSync(caches)) && isOurs(lstatSync(folder)) ? folder : undefined;
  } catch {
    // No home, no space, no permission: none of them concerns the command.
    return undefined;
  }
}

function isOurs(stats: Stats): boolean {
  return stats.isDirectory() && stats.uid === process.geteuid?.() && (stats.mode & 0o022) === 0;
}
