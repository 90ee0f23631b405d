/** What the system that tests run on has, for those that need it. */

export const IS_WINDOWS = process.platform === "win32";

/** test/support/windows/node.sh says so. Where wine does something else than Windows, tests cannot ask it. */
export const IS_WINE = process.env["SHMGEN_WINDOWS_TOOLS"] !== undefined;

/** Links to files and folders. On Windows they need a right of their own, and wine 10 makes none. */
export const HAS_LINKS = !IS_WINDOWS;

/** Programs that a Unix has: sh, git, mkfifo and others. */
export const HAS_UNIX_TOOLS = !IS_WINDOWS;

/** Signals between processes that one may hear, or be stopped by. */
export const HAS_SIGNALS = !IS_WINDOWS;

/** The kinds of mappings that there are. */
export const KINDS: readonly ("wasm" | "view")[] = IS_WINDOWS ? ["view"] : ["wasm", "view"];

/** One of them: "wasm" where that is there, which lies over addresses that are ours. */
export const A_KIND: "wasm" | "view" = IS_WINDOWS ? "view" : "wasm";

/** Regions that are a SharedArrayBuffer, which threads can be handed. */
export const CAN_SHARE = !IS_WINDOWS;
