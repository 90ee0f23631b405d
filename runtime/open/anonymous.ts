/**
 * Regions without a name. Nobody finds them but who is handed the descriptor or a token, so there is no lock and no race, and
 * nothing to clean up: the kernel frees them with the last process that has them.
 */
import type { RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { rawMemory } from "../access/memory-view.js";
import type { NamelessMemory } from "../os/contract.js";
import {
  checkMappable,
  closeQuietly,
  createMemory,
  createTemporary,
  identify,
  openDirectory,
  ownStamp,
  sealMemory,
} from "../os/index.js";
import { checkOptions } from "../arguments/check-options.js";
import { FileMemory } from "../mapping/file-memory.js";
import { RegionMapping } from "../mapping/region-mapping.js";
import { beginInitialisation, markReady } from "../format/initialise.js";
import { callInitialise } from "./make.js";
import { type Opened, firstView } from "./opened.js";
import type { AnonymousOptions } from "./options.js";
import { notFound } from "../place/refusals.js";
import { type Place, placeOf } from "../place/place.js";
import { tailLengthNeeded } from "../format/refusals.js";
import { extentOf, planOf, reserveOf } from "../format/plan.js";
import { Region } from "../region/region.js";

/**
 * Makes a region without a name, in memory that nobody can shorten (F_SEAL_SHRINK) nor, without `maxTail`, lengthen. Hand it
 * on with `region.descriptor`, `region.token()` or `sendRegion()`.
 * @throws ShmError ERR_SHM_NAME for the label, _NO_SPACE, _UNSUPPORTED, _SYSCALL; ShmRangeError for a length out of range
 * @see memfd_create(2)
 */
export function createAnonymousRegion<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  options: AnonymousOptions<T> = {},
): Region<T> {
  checkOptions(options, "createAnonymous");
  const plan = planOf(definition);
  const { label = plan.name, tailLength, maxTail } = options;
  const place = placeOf(label, options);
  const shown = `memfd:${label}`;
  // Refused before any system call.
  const extent = extentOf(plan, tailLength, shown);
  const reserve = Math.max(extent.size, reserveOf(plan, maxTail, shown));
  if (plan.tailStride > 0 && tailLength === undefined) throw tailLengthNeeded(plan.name, shown);
  const kind = options.mapping ?? "auto";
  checkMappable({ size: extent.size, reserve, kind, path: shown });
  const { fd, path, sealed } = makeMemory(place);
  let mapping: RegionMapping | undefined;
  let opened: Opened<T> | undefined;
  try {
    const { dev, ino } = identify(fd, path);
    const { size, tailLength: length } = extent;
    const request = { fd, size, reserve, access: "read-write", kind, path, allocate: true } as const;
    const lease = { fd, dev, ino, place: undefined, sealed };
    mapping = new RegionMapping({ request, lease, file: { dev, ino }, tailLength: length });
    // Before anybody can have heard of it.
    if (sealed) sealMemory(fd, maxTail !== undefined, path);
    opened = firstView({ mapping, accessor: definition.accessor, plan, size, tailLength: length });
    const { accessor, view } = opened;
    const { memory, data } = view;
    const generation = plan.header === "dotnet" ? 0 : 1;
    beginInitialisation(memory, { plan, extent, generation, blank: true, kept: false, creator: ownStamp() });
    callInitialise(options, data, path);
    markReady(memory, plan, extent);
    const headerCopy = plan.header === "standard" ? rawMemory(memory).u8.slice(0, plan.headerSize) : undefined;
    const facts = { plan, generation, headerCopy };
    mapping.facts = facts;
    const parts = { ...facts, name: label, outcome: "created", keep: false } as const;
    return new Region({ ...parts, memory: new FileMemory(mapping), accessor, view });
  } catch (error) {
    const memory = opened?.view.memory;
    if (memory !== undefined) rawMemory(memory).futex?.close?.();
    mapping?.discard();
    closeQuietly(fd);
    // Last, because it throws where the initialiser has put an accessor on a prototype without a class.
    memory?.retire();
    throw error;
  }
}

/** Where the system has no memory that can be sealed: a file that never had a name. */
function makeMemory(place: Place): NamelessMemory {
  const memory = createMemory(place.name, `memfd:${place.name}`);
  if (memory !== undefined) return memory;
  const directory = openDirectory(place, true);
  if (directory === undefined) throw notFound(place.path);
  try {
    return createTemporary(directory, place.directory);
  } finally {
    closeQuietly(directory.fd);
  }
}
