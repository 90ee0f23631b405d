/** SHM4xxx: what a target cannot express. */
import { error } from "./code-row.js";

export const emitCodes = {};
