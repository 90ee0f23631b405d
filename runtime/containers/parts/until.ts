/** Waiting at a gate for what is found elsewhere: an element, room, a free slot. */
import { monotonicMs } from "../../monotonic.js";
import type { Gate } from "./gate.js";
import { LOOK_TURNS } from "./looking.js";
import { rest, SLICE_MS } from "./sleeping.js";

/** Turns between two looks: 0.1 us. */
const REST_TURNS = 128;

/** What somebody waits for. */
export interface Wanted<R> {
  readonly gate: Gate;
  /** One try, which may wait for somebody's lock as long as is left, ms. Undefined when it is not there. */
  attempt(leftMs: number): R | undefined;
  /** Whether a try may find it, by a look that takes nothing from others. */
  mayBeThere(): boolean;
  /** The error of who waited in vain. */
  busy(timeoutMs: number): Error;
}

/** Blocks this thread until it is there, which an attempt before has not found. @throws the error of who waited in vain */
export function until<R>({ gate, attempt, mayBeThere, busy }: Wanted<R>, timeoutMs: number): R {
  const deadline = monotonicMs() + timeoutMs;
  const left = (): number => Math.max(0, Math.ceil(deadline - monotonicMs()));
  for (;;) {
    for (let turns = 0; turns < LOOK_TURNS && !mayBeThere(); turns += REST_TURNS) rest(REST_TURNS);
    let found = attempt(left());
    if (found !== undefined) return found;
    const word = gate.announce();
    found = attempt(left());
    if (found !== undefined) return found;
    const leftMs = left();
    if (leftMs === 0) throw busy(timeoutMs);
    gate.sleep(word, Math.min(leftMs, SLICE_MS));
  }
}
