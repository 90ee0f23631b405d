/**
 * The watch behind {@link Region.onGrow}: sleeps on the header's word of the tail's length, and looks again when it has changed.
 *
 * Whoever may write the region may write that word, and whoever follows a growth needs memory, addresses and descriptors for it.
 * So nothing that goes wrong here may reach the process as an exception without a catcher: it is told, once, and tried again.
 */
import { HEADER_OFFSET as AT } from "../../schema/region-format.js";
import { type MemoryView, rawMemory } from "../access/memory-view.js";
import { onAbort } from "../arguments/wait-options.js";
import { errorCode } from "../errors.js";
import { sleep } from "../host.js";
import { noTail } from "../mapping/refusals.js";
import { Failures, type WatchOptions, callListener } from "../wait/watches.js";

/** Options of {@link Region.onGrow}. */
export interface OnGrowOptions extends WatchOptions {
  /**
   * Is told why a growth could not be followed: ERR_SHM_FORMAT when somebody has damaged the header, ERR_SHM_SYSCALL, _UNSUPPORTED or
   * _RANGE when this process lacks the memory, addresses, descriptors or a buffer of that length. Once, until it has worked again: the watch goes on, and tries
   * again each second and whenever the length changes. Default: one warning (`process.emitWarning`, code SHM_GROWTH_MISSED).
   */
  readonly onError?: (error: unknown) => void;
}

/** A watch looks this often of its own accord, so that one that ended does not wait for ever. */
const WATCH_MS = 1000;

/** What is watched: a region, as far as its tail goes. */
export interface WatchedTail {
  readonly memory: MemoryView;
  /** Elements, by the newest look at the header. */
  readonly tailLength: number;
  readonly path: string;
  refresh(): unknown;
}

/** See {@link Region.onGrow}. */
export function watchTail(
  region: WatchedTail,
  listener: (tailLength: number) => void,
  { signal: given, onError }: OnGrowOptions = {},
): () => void {
  const { memory, path } = region;
  const { growing } = memory;
  const port = rawMemory(memory).futex;
  if (growing === undefined || port?.watch === undefined) throw noTail(path);
  // What keeps a thread from waiting at all is said here, to the caller.
  port.prepare?.();
  const ended = new AbortController();
  const { signal } = ended;
  if (given?.aborted === true) return () => undefined;
  const unheard = onAbort(given, () => ended.abort());
  const what = "the tail of an open region has grown, which cannot be followed";
  const failures = new Failures(onError, { what, path, code: "SHM_GROWTH_MISSED" });
  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      let hasSlept = false;
      try {
        const length = growing.lengthNow();
        if (failures.isFailing || length === region.tailLength) {
          // The low half changes with every growth but one by a multiple of 2^32 elements, which no memory has room for.
          hasSlept = (await port.watch?.(AT.tailLength, length % 2 ** 32, WATCH_MS, signal)) !== "not-equal";
        }
        if (signal.aborted) return;
        const hasGrown = region.refresh();
        failures.worked();
        if (hasGrown) callListener(() => listener(region.tailLength));
      } catch (error) {
        // Closing the region ends the watch.
        if (signal.aborted || errorCode(error) === "ERR_SHM_CLOSED") return;
        // Where the kernel could not make us sleep, this must not run in circles either.
        if (failures.isFailing && !hasSlept) await sleep(WATCH_MS, undefined, { ref: false });
        failures.tell(error);
      }
    }
  };
  void watch().finally(unheard);
  return () => ended.abort();
}
