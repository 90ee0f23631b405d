/** The package that calls functions of the system's libraries, loaded when the first is needed. */
import { createRequire } from "node:module";
import type * as Koffi from "koffi";
import { errorMessage, refusal } from "../errors.js";

/** @throws ShmError ERR_SHM_UNSUPPORTED when it cannot be loaded. `machine` is for people. */
export function loadKoffi(machine: string): typeof Koffi {
  try {
    return createRequire(import.meta.url)("koffi") as typeof Koffi;
  } catch (cause) {
    throw refusal(
      "ERR_SHM_UNSUPPORTED",
      "koffi, which calls the system's libraries, cannot be loaded",
      { found: machine, cause },
      "install it with its optional dependencies (`npm install koffi` without --omit=optional), keep it out of bundles, " +
        "and with Node's --permission allow addons (--allow-addons)",
      { reason: errorMessage(cause).split("\n", 1)[0] },
    );
  }
}
