/**
 * What opens regions is loaded when the first is opened: most of the runtime, which a process that only imports generated code
 * has no use for. Used by the doors that `bundle.mjs` makes for this, `later-*.js`.
 *
 *   in   the file, a function of what it needs: the exports of the file that this module is in
 *   out  what that function makes, by a call that loads the file the first time
 *
 * Opening is synchronous, so the file is loaded by `require`: those doors are for a Node that can require modules, by the condition
 * "module-sync". Others have doors that import everything: older Node, Jest, and bundlers, which find nothing by `require` here.
 * The file imports nothing of ours, because not every `require` gives it the modules that are there: that of tsx makes new ones.
 */
import { errorMessage, refusal } from "./errors.js";
import { inWorker } from "./loading.js";

type Make = (access: object) => object;

let made: object | undefined;

/** Made once, whichever door asks first: from the function, or from the file that has it. */
export function later(source: string | Make, access: object): () => object {
  const load = (): object => (made ??= (typeof source === "string" ? required(source) : source)(access));
  if (inWorker) loadEarly(load);
  return load;
}

/** Workers load everything while they start, before anybody can have heard of them and think of ending them. */
function loadEarly(load: () => unknown): void {
  try {
    load();
  } catch {
    // Said to whoever opens a region.
  }
}

/** @throws ShmError ERR_SHM_UNSUPPORTED when the file is not there, or cannot be loaded. */
function required(file: string): Make {
  try {
    const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);
    return (require(file) as { readonly make: Make }).make;
  } catch (cause) {
    throw refusal(
      "ERR_SHM_UNSUPPORTED",
      "the part of @shmgen/runtime that opens regions cannot be loaded",
      { found: file, cause },
      "install all files of the package; keep it out of bundles, or have it bundled without the condition module-sync",
      { reason: errorMessage(cause).split("\n", 1)[0] },
    );
  }
}
