/** What everything that waits can be told, and how a wait hears that it is to end. */

/** Options of what waits. */
export interface WaitOptions {
  /** Longest wait, ms; `Infinity` waits for ever. Default: 5000, and for ever where an atomic field is waited for. */
  readonly timeoutMs?: number;
}

/** Options of what can be ended from outside. */
export interface AbortOptions {
  /** Ends the wait or watch. A promise rejects with its reason; one that is aborted already does so before anything is done. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of what waits without blocking. */
export interface WaitAsyncOptions extends WaitOptions, AbortOptions {}

/**
 * By signal, who is to hear of it. The signal itself has one listener for all of them: Node 20 warns of more than ten, takes as long to
 * remove one as there are, and a server has one signal for thousands of waits.
 */
const heard = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `listener` when the signal is aborted, once. Returns what ends that; then the signal has nothing of it any more. Never throws. */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return nothing;
  // An entry of its own for each, also where two have the same listener.
  const one = (): void => listener();
  const all = heard.get(signal) ?? listened(signal);
  all.add(one);
  return () => {
    all.delete(one);
    if (all.size === 0) ended.get(all)?.();
  };
}

const ended = new WeakMap<Set<() => void>, () => void>();

function nothing(): void {
  // There is no signal.
}

function listened(signal: AbortSignal): Set<() => void> {
  const all = new Set<() => void>();
  const end = (): void => {
    signal.removeEventListener("abort", tell);
    if (heard.get(signal) === all) heard.delete(signal);
  };
  const tell = (): void => {
    end();
    for (const one of all) if (all.delete(one)) one();
  };
  heard.set(signal, all);
  ended.set(all, end);
  signal.addEventListener("abort", tell);
  return all;
}
