/**
 * Whether this environment allows regions, and how well: what `shmgen doctor` prints, as data.
 * @packageDocumentation
 */
export { checkEnvironment } from "./doctor/examine.js";
export type { Check, CheckId, CheckOptions, CheckStatus } from "./doctor/check.js";
