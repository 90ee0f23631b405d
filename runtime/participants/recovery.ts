/** All containers of a region, one by one: given back by somebody, or in words. */
import type { RawMemory } from "../access/memory-view.js";
import type { Death, PlacedContainer } from "../access/placed.js";
import type { RegionParticipant } from "./describe.js";
import type { ParticipantTable } from "./table.js";

/** Calls `visit` for every container, in the order of the layout; `offset` is bytes from the start of the payload. */
export function forEachContainer(
  placed: readonly PlacedContainer[],
  visit: (container: PlacedContainer, offset: number) => void,
): void {
  for (const container of placed) {
    const { offset, repeat = [] } = container;
    const walk = (at: number, depth: number): void => {
      const array = repeat[depth];
      if (array === undefined) return visit(container, at);
      const [count, stride] = array;
      for (let index = 0; index < count; index += 1) walk(at + index * stride, depth + 1);
    };
    walk(offset, 0);
  }
}

/** The path of one of a container's places: `"rooms[2].door"`. */
export function nameOf({ name, offset, repeat = [] }: PlacedContainer, at: number): string {
  let rest = at - offset;
  return repeat.reduce((shown, [, stride]) => {
    const index = Math.floor(rest / stride);
    rest -= index * stride;
    return shown.replace("[]", `[${index}]`);
  }, name);
}

/** The path of the container at a place, bytes from the start of the payload, unless it stands in no other struct. */
export function pathAt(placed: readonly PlacedContainer[], at: number): string | undefined {
  const found = placed.find(({ offset, repeat = [] }) => {
    let rest = at - offset;
    for (const [count, stride] of repeat) rest -= Math.min(Math.max(0, Math.floor(rest / stride)), count - 1) * stride;
    return rest === 0;
  });
  const path = found && nameOf(found, at);
  return path?.includes(".") === true || path?.includes("[") === true ? path : undefined;
}

/** Frees what a participant had, in all containers, also in those behind one that throws. @throws what the first of them throws */
export function recoverContainers(
  memory: RawMemory,
  payload: number,
  placed: readonly PlacedContainer[],
  death: Death,
): void {
  const failures: unknown[] = [];
  forEachContainer(placed, ({ type, shape }, offset) => {
    try {
      // Steps recover.containers and release.containers.
      type.recover(memory, payload + offset, shape, death);
    } catch (error) {
      failures.push(error);
    }
  });
  if (failures.length > 0) throw failures[0];
}

/** Where a region's containers lie. */
interface Region {
  readonly memory: RawMemory;
  /** Where the payload begins, bytes. */
  readonly payload: number;
  readonly placed: readonly PlacedContainer[];
}

/** All who have a number, and what they have in the containers. */
export function listed(
  table: ParticipantTable,
  region: Region,
  isAlive: (number: number) => boolean,
): RegionParticipant[] {
  return table.taken().map((number) => ({
    number,
    pid: table.pid(number),
    thread: table.thread(number),
    alive: isAlive(number),
    holds: holdingsOf(number, region),
  }));
}

/** `"rooms[2].door: locked"` */
function holdingsOf(number: number, { memory, payload, placed }: Region): string[] {
  const holds: string[] = [];
  forEachContainer(placed, (container, offset) => {
    const held = container.type.holdings?.(memory, payload + offset, container.shape, number);
    if (held !== undefined) holds.push(`${nameOf(container, offset)}: ${held}`);
  });
  return holds;
}
