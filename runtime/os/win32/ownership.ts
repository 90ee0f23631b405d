/**
 * Who may use a region. Windows has access lists in the place of modes, which files take from their directory: so the directory is judged, once,
 * and what is in it is what its owner and administrators have put there. The default one lies in the user's own profile.
 */
import type { FileStatus, OpenDirectory, Rights, RightsOptions } from "../contract.js";
import { tryCreateFile } from "./files.js";
import { directoryOfAnother, directoryOpenToOthers, machineScope, optionOfPosix, placesOfDotnet } from "./refusals.js";
import { fileHasLinks, notAFile } from "../words.js";
import { accessOf, ownSid } from "./security.js";
import { kindOf } from "./status.js";

const RIGHTS: Rights = {
  uid: -1,
  kind: "private",
  file: 0o600,
  directory: 0o700,
  gid: undefined,
  owner: undefined,
  mends: false,
};
const OWN: Rights = { ...RIGHTS, kind: "own" };

/** Windows knows users by other means than numbers. */
export function ownUser(): number {
  return -1;
}

/** @throws ShmError ERR_SHM_UNSUPPORTED for what Windows cannot say */
export function rightsOf(options: RightsOptions, machine: boolean, isDefault: boolean): Rights {
  if (machine) throw machineScope();
  for (const field of ["mode", "group", "owner"] as const) {
    const found = options[field];
    if (found !== undefined) throw optionOfPosix(field, found);
  }
  return isDefault ? RIGHTS : OWN;
}

export function dotnetRights(): Rights {
  throw placesOfDotnet();
}

export function isSame(a: Rights, b: Rights): boolean {
  return a.kind === b.kind;
}

/** @throws ShmError ERR_SHM_FOREIGN */
export function checkFile(_rights: Rights, status: FileStatus, path: string): void {
  if (!status.isFile()) throw notAFile(path, kindOf(status));
  if (status.nlink > 1) throw fileHasLinks(path, status.nlink);
}

/** Files have what their directory gives them. */
export function applyFileRights(): void {
  // See above.
}

export function renewFileRights(): void {
  // See above.
}

export function regainFile(): boolean {
  return false;
}

/** Whoever may remove a file there was judged with the directory. */
export function ownershipObstacle(): undefined {
  return undefined;
}

/** "taken" when somebody else was faster, or the directory has gone. @throws ShmError */
export function makeFile({ file }: OpenDirectory, _rights: Rights, path: string): number | "taken" {
  return tryCreateFile(file, path, ["EEXIST", "ENOENT"]) ?? "taken";
}

/** Those that can do everything anyway, and who stands for the owner of what is made. @see https://learn.microsoft.com/windows/win32/secauthz/well-known-sids */
const TRUSTED = new Set([
  // As SDDL abbreviates them: the system, administrators, owner rights and the creator.
  "SY",
  "BA",
  "LA",
  "OW",
  "CO",
  "S-1-5-18",
  "S-1-5-32-544",
  "S-1-3-0",
  "S-1-3-4",
  // TrustedInstaller
  "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
]);

/** @throws ShmError ERR_SHM_PERMISSION when somebody could put files there who may not */
export function checkOwnership(path: string): void {
  const { owner, writers } = accessOf(path);
  const own = ownSid();
  // What an elevated process makes belongs to the administrators.
  if (owner !== own && !TRUSTED.has(owner)) throw directoryOfAnother(path, own, owner);
  const others = writers.filter((sid) => sid !== own && !TRUSTED.has(sid));
  if (others.length > 0) throw directoryOpenToOthers(path, others.join(", "));
}
