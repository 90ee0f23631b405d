/** What an opener decides under the lifecycle lock, from the locks that he got and one copy of the header. */
import type { Flyweight } from "../access/flyweight.js";
import { closeQuietly, readAt, tryShared } from "../os/index.js";
import { judgeVersions } from "../format/other-version-plan.js";
import { hasDataNearStart } from "../file/blank.js";
import type { Entry } from "../file/entry.js";
import { checkIdentity } from "../mapping/identity.js";
import type { Migration } from "./migration.js";
import { mismatchError } from "../file/mismatch.js";
import { planOf } from "../format/plan.js";
import { foreign } from "../file/refusals.js";
import { lockedByOthers } from "../mapping/refusals.js";
import { exists, stale } from "./refusals.js";
import type { Request } from "./request.js";
import { type HeaderVerdict, judge } from "../format/verdict.js";

/** The one copy of the header that everything is decided by. */
function readCopy(
  entry: Entry,
  { plan, place: { path } }: Pick<Request<Flyweight, Flyweight>, "plan" | "place">,
): Uint8Array {
  return readAt(entry.fd, 0, Math.min(plan.headerSize, entry.size), path);
}

export type ReadyVerdict = HeaderVerdict & { readonly kind: "ready" };

/** How an opener goes on when it has left the lifecycle lock. */
export type Decision =
  | { readonly kind: "wait"; readonly entry: Entry }
  | {
      readonly kind: "join";
      readonly entry: Entry;
      readonly verdict: ReadyVerdict;
      readonly copy: Uint8Array;
      readonly adopted: boolean;
    }
  | { readonly kind: "initialise"; readonly entry: Entry; readonly verdict: HeaderVerdict }
  | {
      readonly kind: "migrate";
      readonly entry: Entry;
      readonly migration: Migration<never>;
      /** Of the old region, as its own version sees it. */
      readonly verdict: ReadyVerdict;
    }
  /** It could be migrated, if others had not got it open. Closed already. */
  | { readonly kind: "occupied"; readonly entry: Entry; readonly found: number };

/** Runs under the lifecycle lock. What it refuses is closed there: nobody else ever meets a lock of one who gave up. */
export function decide<T extends Flyweight, R extends Flyweight>(request: Request<T, R>, entry: Entry): Decision {
  const { plan, place, mode, options } = request;
  const { path } = place;
  const { fd, lock, size } = entry;
  if (lock !== "exclusive" && mode === "create") throw exists(path);
  if (lock === "none") return { kind: "wait", entry };
  // Step open.readHeader.
  const copy = readCopy(entry, request);
  const verdict = judgeVersions({ fd, copy, fileSize: size, plan, padded: place.lockedWhileInitialising, readAt });
  const { kind } = verdict;
  if (request.identity !== undefined) checkIdentity(request.identity, entry, verdict, path);
  // Somebody else has it open: change nothing.
  if (lock === "shared" && kind === "ready") return { kind: "join", entry, verdict, copy, adopted: false };
  const { onStale = "reinitialise" } = options;
  const way = mode === "open" ? undefined : wayFrom(copy, size, options.migrate ?? []);
  if (way !== undefined && lock === "shared") {
    closeQuietly(fd);
    return { kind: "occupied", entry, found: way.verdict.plan.version };
  }
  if (way !== undefined && onStale !== "throw") return { kind: "migrate", entry, ...way };
  const refused = kind === "mismatch" && (!verdict.replaceable || onStale === "keep");
  if (lock === "shared" || kind === "foreign" || refused) throw mismatchError(verdict, fd, plan, path);
  if (hasDataNearStart(verdict, { fd, size, path })) throw foreign(path);
  // Nobody else has it open, and while we hold the exclusive lock nobody can.
  if (mode === "open") throw stale(path, "start the process that creates it, or use createOrOpen");
  if (kind !== "blank" && onStale === "throw")
    throw stale(path, 'use onStale: "reinitialise" to make it anew, or "keep" to go on with it');
  if (kind !== "ready" || onStale !== "keep") return { kind: "initialise", entry, verdict };
  // Step open.keepShared.
  if (!tryShared(fd, path)) throw lockedByOthers(path);
  return { kind: "join", entry, verdict, copy, adopted: true };
}

/** The migration for a complete region of the version that it comes from. */
function wayFrom(
  copy: Uint8Array,
  size: number,
  migrations: readonly Migration<never>[],
): Pick<Decision & { readonly kind: "migrate" }, "migration" | "verdict"> | undefined {
  for (const migration of migrations) {
    const verdict = judge(copy, size, planOf(migration.from));
    if (verdict.kind === "ready") return { migration, verdict };
  }
  return undefined;
}
