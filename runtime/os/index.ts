/**
 * The platform that the runtime runs on. in: a folder for each platform. out: the functions of contract.ts, bound when modules are linked,
 * so that a call of one is a call of the platform's own function.
 *
 * There is one folder. On any other system the first call that needs the C library is refused with ERR_SHM_UNSUPPORTED (libc.ts
 * there), and importing works: generated types can be used where no region can be opened.
 */
import type { Platform } from "./contract.js";
import type * as linux from "./linux/index.js";

export { randomHex } from "./random.js";
export * from "./linux/index.js";

/** Does not compile where a folder lacks a guarantee. */
type Fulfilling<P extends Platform> = P;
export type ChosenPlatform = Fulfilling<typeof linux>;
