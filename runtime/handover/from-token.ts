/** Opening what a token names. Nothing is ever made, and everything that holds for a name holds here as well. */
import type { RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { refusal } from "../errors.js";
import type { FileAccess, ForeignDescriptor } from "../os/contract.js";
import { foreignPath, openForeignDescriptor } from "../os/index.js";
import { accessOf, attachOpen, fileAccess, notThere } from "./attach-fd.js";
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
  checkOptions(options);
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
  const numbers = { struct: plan.name, tokenIsFor: struct === "" ? "unknown" : struct };
  const differs = (code: "FORMAT" | "LAYOUT", what: string, field: "typeId" | "header" | "fingerprint") => {
    const named = { field: field === "typeId" ? "type" : field, expected: plan[field], found: facts[field] };
    return refusal(`ERR_SHM_${code}`, `the token is for ${what}`, named, undefined, numbers);
  };
  if (facts.typeId !== plan.typeId) throw differs("FORMAT", "a region of another struct", "typeId");
  if (facts.header !== plan.header) throw differs("FORMAT", "a region of another struct", "header");
  // Whether code of one version can use a region of another one, the region itself says.
  if (facts.version !== plan.version) return;
  if (facts.fingerprint !== plan.fingerprint) throw differs("LAYOUT", "another layout", "fingerprint");
}

/** Opens what another process has open. @throws ShmError */
function openOf(facts: TokenFacts, location: ForeignDescriptor, access: FileAccess): number {
  const { pid } = location;
  const path = foreignPath(location);
  const own = openForeignDescriptor(location, facts, access);
  if (typeof own === "number") return own;
  if (own === "ended") throw notThere("the process that had the memory open has ended", { pid, path });
  if (own === "closed") throw notThere("the process has closed the memory", { pid, path });
  if (own === "replaced") {
    throw notThere("the process has closed the memory, and has something else open there", { pid, path });
  }
  const remedy = "use a process of the same user, or have the descriptor itself handed over";
  const what = "this process may not look into the one that has the memory open";
  throw refusal("ERR_SHM_PERMISSION", what, { pid, path, errno: "EACCES" }, remedy);
}
