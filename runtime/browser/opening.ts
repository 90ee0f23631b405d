/**
 * {@link file://../opening.ts} for browsers: what is made of memory of one page is there, and everything that needs memory between processes
 * refuses. bundle.mjs proves that the two export the same names.
 */
import { type ShmError, refusal } from "../errors.js";
import type { RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { isSharedLocal, localFromShared } from "../local/from-shared.js";
import { notShared } from "../mapping/refusals.js";
import { LOCAL_KIND, type SharedRegion } from "../mapping/shared-form.js";
import type { FromSharedOptions } from "../open/options.js";
import type { Region } from "../region/region.js";

export { createLocalRegion } from "../local/create-local.js";
export { stable } from "../region/stable.js";

export function regionFromShared<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  shared: SharedRegion,
  options?: FromSharedOptions,
): Region<T> {
  if (isSharedLocal(shared)) return localFromShared(definition, shared, options);
  const { kind } = Object(shared) as { readonly kind?: unknown };
  throw notShared(shared, "kind", LOCAL_KIND, kind);
}

export const attachForeign = withoutProcesses("attach");
export const attachForeignDescriptor = withoutProcesses("attachFd");
export const attachForeignSegment = withoutProcesses("attachSystemV");
export const attachRegion = withoutProcesses("attachFd");
export const createAnonymousRegion = withoutProcesses("createAnonymous");
export const createOrOpenRegion = withoutProcesses("createOrOpen");
export const createRegion = withoutProcesses("create");
export const createUniqueRegion = withoutProcesses("createUnique");
export const dotnetLocation = withoutProcesses("dotnetLocation");
export const migration = withoutProcesses("migration");
export const openRegion = withoutProcesses("open");
export const openRegionReadOnly = withoutProcesses("openReadOnly");
export const regionFromToken = withoutProcesses("fromToken");
export const sendRegion = withoutProcesses("sendRegion");
export const receiveRegion = rejects("receiveRegion");
export const whenForeignAttached = rejects("whenAttached");
export const whenRegionReady = rejects("whenReady");

function withoutProcesses(name: string): () => never {
  return () => {
    throw notHere(name);
  };
}

/** What returns a promise refuses by it. */
function rejects(name: string): () => Promise<never> {
  return () => Promise.reject(notHere(name));
}

function notHere(name: string): ShmError {
  const remedy = "createLocal() makes the same region for the threads of a page";
  return refusal("ERR_SHM_UNSUPPORTED", `${name}() needs memory between processes, which no browser has`, {}, remedy);
}
