/** Users and groups by name, as the system knows them: most are in no file. @see getpwnam(3), getgrnam(3) */
import { STRUCTS } from "./headers.js";
import { darwinCalls } from "./libc.js";

/** Undefined when there is none. */
export function userId(name: string): number | undefined {
  return idAt(darwinCalls().getpwnam(name), STRUCTS["struct passwd"].pw_uid);
}

/** As {@link userId}. */
export function groupId(name: string): number | undefined {
  return idAt(darwinCalls().getgrnam(name), STRUCTS["struct group"].gr_gid);
}

function idAt(entry: number | bigint | null, offset: number): number | undefined {
  const address = Number(entry);
  return address === 0 ? undefined : darwinCalls().wordAt(address + offset);
}

/** There are no user namespaces: every number is that of one user. */
export function isAmbiguousUser(): boolean {
  return false;
}

/** As {@link isAmbiguousUser}. */
export function isAmbiguousGroup(): boolean {
  return false;
}
