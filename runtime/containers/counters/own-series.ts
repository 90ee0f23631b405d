/**
 * Series of this thread by their places, whatever handles of the region they were asked for by: each handle has an object of its own for a place,
 * and when that is given back none of them may count there any more, since it may be another series' by then.
 */
import type { ParticipantsPort } from "../../access/memory-view.js";
import { endOf, type Series } from "./series.js";

const all = new WeakMap<ParticipantsPort, Map<number, WeakRef<Series>[]>>();

/** `index`: of the state of its place, from the start of the memory. */
export function addSeries(port: ParticipantsPort, index: number, series: Series): void {
  let places = all.get(port);
  if (places === undefined) all.set(port, (places = new Map()));
  const others = (places.get(index) ?? []).filter((other) => other.deref() !== undefined);
  places.set(index, [...others, new WeakRef(series)]);
}

/** Every use of those that this place has throws from now on. */
export function endSeries(port: ParticipantsPort, index: number): void {
  const places = all.get(port);
  const ended = places?.get(index) ?? [];
  places?.delete(index);
  for (const one of ended) {
    const series = one.deref();
    if (series !== undefined) endOf(series);
  }
}
