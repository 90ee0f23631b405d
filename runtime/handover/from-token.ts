/** Opening what a token names. Nothing is ever made, and everything that holds for a name holds here as well. */
import * as fs from "node:fs";
import type { RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { refusal } from "../errors.js";
import { startTimeOf } from "../os/linux/processes.js";
import { attempt, attemptUnless, closeQuietly } from "../os/linux/syscall.js";
import { accessOf, attachOpen, flagsFor, notThere } from "./attach-fd.js";
import { checkOptions } from "../arguments/check-options.js";
import { deadlineIn } from "../wait/clock.js";
import { openIdentified } from "../open/open.js";
import type { FromTokenOptions } from "../open/options.js";
import { placeFound } from "../place/place.js";
import { type Plan, planOf } from "../format/plan.js";
import type { Region } from "../region/region.js";
import { type TokenFacts, type TokenLocation, decodeToken } from "../format/token.js";

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
  const path = `/proc/${location.pid}/fd/${location.descriptor}`;
  const access = accessOf(options, path);
  const deadline = deadlineIn(options.timeoutMs);
  const own = openOf(facts, location, flagsFor(access));
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

/**
 * Opens what another process has open. The kernel lets only those do so who may look into that process.
 * @see proc_pid_fd(5), ptrace(2) "Ptrace access mode checking"
 */
function openOf(facts: TokenFacts, location: TokenLocation & { readonly kind: "descriptor" }, flags: number): number {
  const { pid, descriptor, startTime } = location;
  const path = `/proc/${pid}/fd/${descriptor}`;
  if (!fs.existsSync("/proc/self/fd")) {
    const remedy = "have the descriptor itself handed over";
    throw refusal("ERR_SHM_UNSUPPORTED", "without /proc, memory without a name cannot be reopened", { path }, remedy);
  }
  const fd = attemptUnless(path, ["ENOENT", "ESRCH", "EACCES", "ENXIO"], () =>
    fs.openSync(path, flags | fs.constants.O_NONBLOCK),
  );
  // Asked after opening: whoever lives now under this number since then had it all the time.
  const found = startTimeOf(pid);
  if (found !== startTime) {
    if (fd !== undefined) closeQuietly(fd);
    throw notThere("the process that had the memory open has ended", { pid, path });
  }
  if (fd === undefined) throw closedToUs(pid, path);
  try {
    const { dev, ino } = attempt(path, () => fs.fstatSync(fd));
    if (dev === facts.dev && ino === facts.ino) return fd;
  } catch (error) {
    closeQuietly(fd);
    throw error;
  }
  closeQuietly(fd);
  throw notThere("the process has closed the memory, and has something else open there", { pid, path });
}

function closedToUs(pid: number, path: string): Error {
  const isThere = attemptUnless(path, ["ENOENT", "ESRCH", "EACCES"], () => fs.readlinkSync(path));
  const isListed = attemptUnless(path, ["ENOENT", "ESRCH", "EACCES"], () => fs.readdirSync(`/proc/${pid}/fd`));
  if (isThere === undefined && isListed !== undefined)
    return notThere("the process has closed the memory", { pid, path });
  const remedy = "use a process of the same user, or have the descriptor itself handed over";
  const facts = { pid, path, errno: "EACCES" };
  return refusal(
    "ERR_SHM_PERMISSION",
    "this process may not look into the one that has the memory open",
    facts,
    remedy,
  );
}
