/** Waiting for memory that another program makes when it starts. */
import type { ForeignDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { checkOptions } from "../arguments/check-options.js";
import { isShmError, type ShmError } from "../errors.js";
import type { Region } from "../region/region.js";
import { deadlineIn, rest } from "../wait/clock.js";
import { attachForeign, type NamedMapping } from "./attach.js";
import { mayPass } from "./attach-memory.js";
import { attachForeignSegment, type SegmentId } from "./attach-segment.js";
import type { WhenAttachedOptions } from "./options.js";
import { notAttachedInTime } from "./refusals.js";

/** What `attach` and `attachSystemV` take: a path, `{ mapping }`, and the key of a segment, or its `{ id }`. */
export type ForeignPlace = string | NamedMapping | number | SegmentId;

/**
 * Longest time between two looks, ms. Some events would tell of a file, but they come for each file of its directory, of which there may be thousands, and of a directory
 * that is missing, and of names, there are none.
 */
const LOOK_MAX_MS = 200;

/**
 * Waits until another program has made its memory, made it long enough, and written what is expected of it, and attaches it. Never blocks the event loop, and keeps the process alive.
 * What no later look can find otherwise is refused at once: a name or options that are wrong, a right that is missing, and what was written and is not as expected.
 * @throws ShmError ERR_SHM_NOT_READY at the timeout, with the last reason as its cause; the signal's reason when aborted; else as `attach` and `attachSystemV`
 */
export async function whenForeignAttached<T extends Flyweight, R extends Flyweight>(
  definition: ForeignDefinition<T, R>,
  where: ForeignPlace,
  options: WhenAttachedOptions & { readonly access: "read-write" },
): Promise<Region<T>>;
export async function whenForeignAttached<T extends Flyweight, R extends Flyweight>(
  definition: ForeignDefinition<T, R>,
  where: ForeignPlace,
  options?: WhenAttachedOptions & { readonly access?: "read-only" },
): Promise<Region<R>>;
export async function whenForeignAttached<T extends Flyweight, R extends Flyweight>(
  definition: ForeignDefinition<T, R>,
  where: ForeignPlace,
  options: WhenAttachedOptions = {},
): Promise<Region<T | R>> {
  checkOptions(options, "whenAttached");
  const { timeoutMs, signal, ...attached } = options;
  const deadline = deadlineIn(timeoutMs);
  signal?.throwIfAborted();
  let last = "";
  for (let round = 1; ; round += 1) {
    try {
      return attach(definition, where, attached as typeof options & { readonly access: "read-write" });
    } catch (cause) {
      if (!isShmError(cause) || !isWorthWaiting(cause, last)) throw cause;
      if (!(await rest(round, { deadline, signal }, LOOK_MAX_MS))) throw notAttachedInTime(cause, deadline);
      last = cause.message;
    }
  }
}

function attach<T extends Flyweight, R extends Flyweight>(
  definition: ForeignDefinition<T, R>,
  where: ForeignPlace,
  options: WhenAttachedOptions & { readonly access: "read-write" },
): Region<T | R> {
  return typeof where === "number" || Object.hasOwn(Object(where) as object, "id")
    ? attachForeignSegment(definition, where as number | SegmentId, options)
    : attachForeign(definition, where as string | NamedMapping, options);
}

/** A value may be written at this very moment, so what is not as expected is looked at twice. */
function isWorthWaiting(cause: ShmError, last: string): boolean {
  if (cause.code === "ERR_SHM_NOT_FOUND" || cause.code === "ERR_SHM_BUSY" || mayPass(cause)) return true;
  return cause.code === "ERR_SHM_FORMAT" && cause.message !== last;
}
