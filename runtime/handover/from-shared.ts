/**
 * A region that another thread of this process has open, over the same mapping. This thread takes a descriptor and a lock of
 * its own: the kernel counts the locks, and a thread that is terminated loses its own and nobody else's.
 */
import type { FlyweightClass, RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import type { FileId } from "../os/contract.js";
import {
  addressOf,
  closeQuietly,
  discard,
  identify,
  identifyIfOpen,
  isMappedAt,
  readAt,
  sizeOf,
  tryOpenFile,
  tryReopen,
  tryShared,
} from "../os/index.js";
import { checkOptions } from "../arguments/check-options.js";
import { isSharedArrayBuffer } from "../arguments/kinds-of-memory.js";
import { type Deadline, deadlineIn } from "../wait/clock.js";
import { type FileLease, releaseLease } from "../file/entry.js";
import { FileMemory } from "../mapping/file-memory.js";
import { RegionMapping, type OpenedFacts, findMappingAt, canShare } from "../mapping/region-mapping.js";
import { isSharedLocal, localFromShared } from "../local/from-shared.js";
import { underLifecycleLock } from "../place/lifecycle.js";
import { judgeVersions } from "../format/other-version-plan.js";
import { mismatchError } from "../file/mismatch.js";
import type { FromSharedOptions } from "../open/options.js";
import { type Extent, type Plan, planOf } from "../format/plan.js";
import { closedBeforeOpened, sharedReadOnly } from "./refusals.js";
import { sharedForWriting } from "../mapping/refusals.js";
import { unknownAccess } from "../region/refusals.js";
import { Region } from "../region/region.js";
import { checkShared } from "../mapping/share.js";
import type { SharedMapping, SharedRegion } from "../mapping/shared-form.js";
import { createView } from "../mapping/region-view.js";
import { claimSlot, releaseSlot as leaveSeat } from "../mapping/thread-slots.js";

/**
 * Opens what another thread, or this one, gave away with `region.share()`. Same mapping, own lock: closing it here does not
 * close it there. @throws ShmError ERR_SHM_CLOSED when nobody has it open any more; _LAYOUT, _VERSION, _FORMAT for a region of
 * another struct; _READ_ONLY, _BUSY, _PERMISSION, _SYSCALL; ShmRangeError for a value that share() did not give
 */
export function regionFromShared<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  shared: SharedRegion,
  options: FromSharedOptions & { readonly access: "read-only" },
): Region<R>;
export function regionFromShared<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  shared: SharedRegion,
  options?: FromSharedOptions & { readonly access?: "read-write" },
): Region<T>;
export function regionFromShared<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  shared: SharedRegion,
  options: FromSharedOptions = {},
): Region<T | R> {
  if (isSharedLocal(shared)) return localFromShared(definition, shared, options);
  checkShared(shared);
  checkOptions(options, "fromShared");
  checkRights(shared, options.access);
  const plan = planOf(definition);
  const accessor: FlyweightClass<T | R> = shared.access === "read-only" ? definition.reader : definition.accessor;
  const address = addressOf(shared.buffer);
  const known = findMappingAt(address);
  if (known?.facts !== undefined && canShare(known.facts, plan)) {
    const region = handle(shared, accessor, known, known.facts);
    region.refresh();
    return region;
  }
  const deadline = deadlineIn(options.timeoutMs);
  // From here on nobody puts zero pages over the mapping.
  const slot = claimSlot(shared.threads);
  if (slot === undefined) throw closedBeforeOpened(shared.path);
  const range = { address, size: shared.buffer.byteLength };
  let joined: Joined;
  try {
    joined = join(shared, plan, deadline);
  } catch (error) {
    // What was said to be shared may be any memory.
    if (leaveSeat(slot) && isMappedAt(address, shared.ino, shared.path)) discard(range);
    throw error;
  }
  const { lease, extent, facts } = joined;
  const { mapped, access, path, buffer } = shared;
  const { dev, ino } = lease;
  const mapping = new RegionMapping({
    request: { fd: lease.fd, size: mapped, reserve: range.size, access, kind: "wasm", path },
    lease,
    file: { dev, ino },
    tailLength: extent.tailLength,
    shared: { mapping: { kind: "wasm", buffer, range, memory: memoryOf(shared, address) }, mapped, slot },
  });
  try {
    mapping.extendTo(extent.size);
    const region = handle(shared, accessor, mapping, facts);
    mapping.register(facts);
    return region;
  } catch (error) {
    mapping.discard();
    releaseLease(lease, !shared.keep, deadline);
    throw error;
  }
}

/** The memory that the buffer is of, if that is what was given. */
function memoryOf({ memory }: SharedMapping, address: number): object | undefined {
  const { buffer } = Object(memory) as { readonly buffer?: unknown };
  return isSharedArrayBuffer(buffer) && addressOf(buffer) === address ? memory : undefined;
}

function handle<D extends Flyweight>(
  { name, keep }: SharedMapping,
  accessor: FlyweightClass<D>,
  mapping: RegionMapping,
  facts: OpenedFacts,
): Region<D> {
  const { plan } = facts;
  const { mapped: size, tailLength } = mapping;
  const hasHeader = plan.header === "standard";
  const viewRequest = {
    source: mapping,
    accessor,
    offset: plan.headerSize,
    size,
    tailLength,
    hasHeader,
    otherVersion: plan.otherVersion,
    containers: plan.containers,
  };
  const memory = new FileMemory(mapping);
  return new Region({ name, outcome: "opened", memory, view: createView(viewRequest), accessor, ...facts, keep });
}

/** The pages are as they are: nobody writes where the opener could not, and who may write is no reader. */
function checkRights({ access, path }: SharedMapping, wanted: FromSharedOptions["access"] = "read-write"): void {
  if (wanted === access) return;
  if (wanted === "read-write") throw sharedReadOnly(wanted, access, path);
  if (wanted !== "read-only") throw unknownAccess(["read-write", "read-only"], wanted, path);
  throw sharedForWriting(wanted, access, path);
}

/** This thread's own descriptor and lock, and what the header says under it. */
interface Joined {
  readonly lease: FileLease;
  readonly extent: Extent;
  readonly facts: OpenedFacts;
}

function join(shared: SharedMapping, plan: Plan, deadline: Deadline): Joined {
  const { place } = shared;
  if (place === undefined) return joinFile(shared, plan, openAgain(shared));
  return underLifecycleLock(place, { create: false, deadline, check: false }, ({ file }) =>
    joinFile(shared, plan, openAgain(shared) ?? openNamed(shared, file)),
  );
}

/** Locks, proves and judges an open file; closes it when it is not the region that was shared. */
function joinFile(shared: SharedMapping, plan: Plan, fd: number | undefined): Joined {
  const { path, dev, ino, place, sealed, outOfReach } = shared;
  if (fd === undefined) throw closedBeforeOpened(path);
  try {
    // Memory without a name is locked by nobody for long: only growing locks it.
    if ((place !== undefined || outOfReach) && !tryShared(fd, path)) throw closedBeforeOpened(path);
    const size = sizeOf(fd, path);
    const copy = readAt(fd, 0, plan.headerSize, path);
    const verdict = judgeVersions({ fd, copy, fileSize: size, plan, readAt });
    if (verdict.kind !== "ready") throw mismatchError(verdict, fd, plan, path);
    const { generation, extent } = verdict;
    // Somebody else's by now, who made it anew after all had closed it.
    if (generation !== shared.generation || !showsFile(shared, copy)) throw closedBeforeOpened(path);
    const headerCopy = plan.header === "standard" ? copy : undefined;
    return {
      lease: { fd, dev, ino, place, sealed, outOfReach },
      extent,
      facts: { plan: verdict.plan, generation, headerCopy },
    };
  } catch (error) {
    closeQuietly(fd);
    throw error;
  }
}

/** Whether the buffer begins as the file does: any other memory would have been taken for the mapping. */
function showsFile({ buffer }: SharedMapping, copy: Uint8Array): boolean {
  const bytes = new Uint8Array(buffer, 0, Math.min(copy.length, IDENTITY));
  return bytes.every((byte, index) => byte === copy[index]);
}

/** Line 0 of the header, which does not change while the region is open. */
const IDENTITY = 64;

/** Through the descriptor of the thread that shared it, if it is still that. Its number may be another file's by now. */
function openAgain(shared: SharedMapping): number | undefined {
  const { fd, path, access } = shared;
  const stat = fd < 0 ? undefined : identifyIfOpen(fd, path);
  if (stat === undefined || !isFile(shared, stat)) return undefined;
  return proven(shared, tryReopen(fd, access, path, REPLACED));
}

/** Through its name, if that still names it. */
function openNamed(shared: SharedMapping, file: string): number | undefined {
  return proven(shared, tryOpenFile(file, shared.access, shared.path, REPLACED));
}

/** Something else is there by now, or nothing. */
const REPLACED = ["ENOENT", "ELOOP"];

function proven(shared: SharedMapping, fd: number | undefined): number | undefined {
  if (fd === undefined) return undefined;
  if (isFile(shared, identify(fd, shared.path))) return fd;
  closeQuietly(fd);
  return undefined;
}

function isFile({ dev, ino }: SharedMapping, file: FileId): boolean {
  return file.dev === dev && file.ino === ino;
}
