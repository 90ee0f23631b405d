/** A region's file, as its handles see it: {@link RegionMapping}, and all that is asked of the file beside it. */
import type { StructLayout } from "../access/layout.js";
import { isNameless, pathLeadsTo } from "../file/entry.js";
import type { Extent, Plan } from "../format/plan.js";
import { sizeOf } from "../os/index.js";
import type { MappingKind } from "../os/contract.js";
import type { RegionParticipant } from "../participants/describe.js";
import { watchDeaths } from "../participants/watch-deaths.js";
import type { Deadline } from "../wait/clock.js";
import { type RegionOwner, ownersOf } from "../wait/owners.js";
import { growTail, liveExtent } from "./grow.js";
import { tokenOf } from "./identity.js";
import { deathsNotSeen, memoryWithoutDescriptor } from "./refusals.js";
import type { RegionMapping } from "./region-mapping.js";
import type { KnownTail, RegionMemory } from "./region-memory.js";
import { sharedFormOf } from "./share.js";
import type { SharedFacts, SharedMapping } from "./shared-form.js";
import { type OnPeerDeathOptions, type PeerDeath, watchHolders } from "./watch-holders.js";
import { type OnRemovedOptions, type RegionRemoval, watchName } from "./watch-name.js";

export class FileMemory implements RegionMemory {
  readonly source: RegionMapping;

  constructor(mapping: RegionMapping) {
    this.source = mapping;
  }

  get kind(): MappingKind {
    return this.source.current.kind;
  }
  get sealed(): boolean {
    return this.source.lease?.sealed === true;
  }
  get descriptor(): number {
    const { lease, path } = this.source;
    if (lease === undefined) throw memoryWithoutDescriptor(path);
    return lease.fd;
  }

  retain(keep: boolean): void {
    this.source.retain(keep);
  }
  release(keep: boolean): void {
    this.source.release(keep);
  }

  token(plan: Plan | undefined, generation: number): string {
    return tokenOf({ mapping: this.source, plan, generation });
  }

  isCurrent(): boolean {
    const { lease, path, file } = this.source;
    // What never had a name cannot be replaced.
    return (lease !== undefined && isNameless(lease)) || pathLeadsTo(path, file);
  }

  isCutShort(size: number): boolean {
    const { lease, path } = this.source;
    return lease !== undefined && !(sizeOf(lease.fd, path) >= size);
  }

  owners(): RegionOwner[] {
    return ownersOf(this.source.file);
  }
  listParticipants(): RegionParticipant[] {
    return this.source.participants?.list() ?? [];
  }
  recoverAll(): number[] {
    return this.source.participants?.recoverAll() ?? [];
  }

  onPeerDeath(listener: (death: PeerDeath) => void, options: OnPeerDeathOptions): () => void {
    const { participants, lease, file, path } = this.source;
    if (participants !== undefined) {
      return watchDeaths(participants, (number, pid) => listener({ number, pid }), options);
    }
    if (lease === undefined || isNameless(lease)) throw deathsNotSeen(path);
    return watchHolders(file, path, (pid) => listener({ number: 0, pid }), options);
  }

  onRemoved(listener: (removal: RegionRemoval) => void, options: OnRemovedOptions): () => void {
    const { lease, file, path } = this.source;
    if (lease !== undefined && isNameless(lease)) return () => undefined;
    return watchName(file, path, listener, options);
  }

  growTail(tail: KnownTail, length: number, deadline: Deadline): void {
    growTail({ ...tail, mapping: this.source }, length, deadline);
  }

  follow(tail: KnownTail, _layout: StructLayout): Extent | undefined {
    const mapping = this.source;
    const extent = liveExtent({ ...tail, mapping });
    if (extent === undefined) return undefined;
    mapping.extendTo(extent.size);
    mapping.tailLength = extent.tailLength;
    return extent;
  }

  share(facts: SharedFacts): SharedMapping {
    return sharedFormOf(this.source, facts);
  }
}
