/** The user that this process acts for. */
export function ownUser(): number {
  return process.geteuid?.() ?? -1;
}
