/** How processes of tests end. */

/** Of who ends itself on Windows by kill-itself.mjs; shells have the same for SIGKILL. */
export const KILLED_CODE = 137;

/** What became of a process, in the same words on all systems: Windows knows no signals, and has a code instead. */
export function endOf(code, signal) {
  return code === KILLED_CODE ? { code: null, signal: "SIGKILL" } : { code, signal };
}
