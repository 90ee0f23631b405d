/** How long containers let somebody sleep. */

/** Default of every `timeoutMs`. */
export const TIMEOUT_MS = 5000;
/** Who sleeps looks again this often, because whoever should wake it may have died. */
export const SLICE_MS = 100;
/** To wake all who sleep. */
export const EVERYBODY = 0x7fff_ffff;
