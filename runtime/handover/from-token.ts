/** Opening what a token names. Nothing is ever made, and everything that holds for a name holds here as well. */
import type { RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import type { FileAccess, ForeignDescriptor } from "../os/contract.js";
import { foreignPath, openForeignDescriptor } from "../os/index.js";
import { accessOf, attachOpen, fileAccess } from "./attach-fd.js";
import {
  type TokenContrast,
  ownerClosedMemory,
  ownerEnded,
  ownerOpenedAnother,
  ownerOutOfReach,
  tokenOfOtherLayout,
  tokenOfOtherStruct,
} from "./refusals.js";
import { checkOptions } from "../arguments/check-options.js";
import { deadlineIn } from "../wait/clock.js";
import { openIdentified } from "../open/open.js";
import type { FromTokenOptions } from "../open/options.js";
import { placeFound } from "../place/place.js";
import { type Plan, planOf } from "../format/plan.js";
import type { Region } from "../region/region.js";
import { type TokenFacts, decodeToken } from "../format/token.js";

/**
 * Opens the region that a token names, with the rights of this process. Makes nothing.
 * @throws ShmError ERR_SHM_FOREIGN for what is no token; _FORMAT for one that is damaged, newer or for another struct;
 * _VERSION, _LAYOUT; _NOT_FOUND when the region is gone; _STALE when it was left behind, replaced or made anew; _PERMISSION,
 * _NOT_READY, _BUSY
 */
export function regionFromToken<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  token: string,
  options: FromTokenOptions & { readonly access: "read-only" },
): Region<R>;
export function regionFromToken<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  token: string,
  options?: FromTokenOptions & { readonly access?: "read-write" | "private" },
): Region<T>;
export function regionFromToken<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  token: string,
  options: FromTokenOptions = {},
): Region<T | R> {
  checkOptions(options, "fromToken");
  const facts = decodeToken(token);
  checkMeant(facts, planOf(definition));
  const { location } = facts;
  if (location.kind === "file") {
    return openIdentified(definition, placeFound(location, options), options, facts);
  }
  const access = accessOf(options, foreignPath(location));
  const deadline = deadlineIn(options.timeoutMs);
  const own = openOf(facts, location, fileAccess(access));
  return attachOpen({ definition, options, access, deadline, own, identity: facts });
}

/** @throws ShmError ERR_SHM_FORMAT, _LAYOUT when a token is for another struct */
export function checkMeant(facts: TokenFacts, plan: Plan): void {
  const { struct } = facts;
  const structs = { struct: plan.name, tokenIsFor: struct === "" ? "unknown" : struct };
  const contrast = (key: "typeId" | "header" | "fingerprint"): TokenContrast => ({
    field: key === "typeId" ? "type" : key,
    expected: plan[key],
    found: facts[key],
  });
  if (facts.typeId !== plan.typeId) throw tokenOfOtherStruct(contrast("typeId"), structs);
  if (facts.header !== plan.header) throw tokenOfOtherStruct(contrast("header"), structs);
  // Whether code of one version can use a region of another one, the region itself says.
  if (facts.version !== plan.version) return;
  if (facts.fingerprint !== plan.fingerprint) throw tokenOfOtherLayout(contrast("fingerprint"), structs);
}

/** Opens what another process has open. @throws ShmError */
function openOf(facts: TokenFacts, location: ForeignDescriptor, access: FileAccess): number {
  const owner = { pid: location.pid, path: foreignPath(location) };
  const opened = openForeignDescriptor(location, facts, access);
  if (typeof opened === "number") return opened;
  if (opened === "ended") throw ownerEnded(owner);
  if (opened === "closed") throw ownerClosedMemory(owner);
  throw opened === "replaced" ? ownerOpenedAnother(owner) : ownerOutOfReach(owner);
}
