/** The libraries that the loader finds, as `ldconfig -p` lists them. */
import { CacheAbi, LoaderCache } from "./generated/ld-cache.js";

/** One library. */
export interface Library {
  readonly name: string;
  readonly path: string;
  readonly is64: boolean;
}

/** All libraries of a cache, in its order. */
export function libraries(path = "/etc/ld.so.cache"): Library[] {
  using region = LoaderCache.attach(path);
  const { memory, data } = region;
  return Array.from(data.entries, (entry) => ({
    name: memory.text(entry.name),
    path: memory.text(entry.path),
    is64: entry.abi === CacheAbi.x86_64 || entry.abi === CacheAbi.aarch64,
  }));
}

/** Lines for people. */
export function* lines(path: string): Generator<string> {
  for (const { name, path: found } of libraries(path)) yield `${name} => ${found}`;
}
