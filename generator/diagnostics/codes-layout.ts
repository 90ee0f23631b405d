/** SHM3xxx: what only offsets and sizes show. */
import { error } from "./code-row.js";

export const layoutCodes = {};
