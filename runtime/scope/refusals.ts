/** What listing and removing regions refuse, one function per situation. */
import { type ShmError, refusal } from "../errors.js";
import { type RegionOwner, ownersText } from "../wait/owners.js";

export function denied(path: string): ShmError {
  return refusal("ERR_SHM_PERMISSION", "access is denied", { path }, "check owner and mode");
}

export function missing(path: string): ShmError {
  return refusal("ERR_SHM_NOT_FOUND", "there is no region of this name", { path }, "listRegions shows what there is");
}

export function inUse(path: string, owners: readonly RegionOwner[]): ShmError {
  return occupied("the region is in use", path, owners);
}

export function beingInitialised(path: string, owners: readonly RegionOwner[]): ShmError {
  return occupied("the region is being initialised", path, owners);
}

function occupied(what: string, path: string, owners: readonly RegionOwner[]): ShmError {
  const [pid] = owners.map((owner) => owner.pid);
  const remedy = "end these processes, or use force: true, which takes the name away and leaves them the memory";
  const facts = { path, ...(pid !== undefined && { pid }) };
  return refusal("ERR_SHM_BUSY", what, facts, remedy, { owners: ownersText(owners) });
}
