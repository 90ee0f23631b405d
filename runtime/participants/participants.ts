/**
 * Who takes part in a region, and who of them is alive. CONTAINERS: participants.
 *
 *   in   what a thread has mapped of a region, and the containers of its definition
 *   out  the port `participants` of its views: this thread's number, claimed at the first use; liveness of others, by locks that the
 *        kernel drops at any death; recovery of what the dead had
 *
 * A number is free, or its owner is alive, or it is dead and somebody has to recover it before it is free again. So no word of a container
 * ever holds a number of an earlier life. Nothing here runs before a container asks for it. Proof: test/model/participants.ts.
 *
 *   handles, mappings       one object for each mapping; one open file and number for each thread and file (open-file.ts)
 *   growth                  the table lies before everything that moves, so the mapping of the first use does for ever
 *   workers, descriptors    the file is opened again, through whichever descriptor the thread has
 *   memory without a name   the same: its open file is found again through the descriptor
 *   migration               a new file, with a table of zeros; numbers of the old one end with it
 *   private maps            have none: what they store nobody sees
 */
import { OWNER } from "../../schema/containers/owner.js";
import { MemoryView, type ParticipantsPort, type RawMemory, rawMemory } from "../access/memory-view.js";
import type { Death } from "../access/placed.js";
import type { KnownContainers } from "../format/plan.js";
import type { FileId, MapRequest, Mapping } from "../os/contract.js";
import { ownStamp } from "../os/index.js";
import { type Deadline, deadlineIn, pause } from "../wait/clock.js";
import { closedRegion } from "../wait/refusals.js";
import { RegionFutex } from "../wait/region-futex.js";
import { claimNumber } from "./claim.js";
import { type RegionParticipant, describeParticipant } from "./describe.js";
import { ParticipantFile, RECOVERERS, isLocked } from "./open-file.js";
import { listed, pathAt, recoverContainers } from "./recovery.js";
import { allNumbersTaken, readOnlyParticipant } from "./refusals.js";
import { ParticipantTable } from "./table.js";

/** What a thread has mapped: a RegionMapping. */
export interface Mapped {
  readonly request: MapRequest;
  readonly file: FileId;
  readonly current: Mapping;
  /** Bytes of the file that the mapping shows. */
  readonly mapped: number;
}

/** Recoverers need microseconds. One who is stopped holds up recovery, and nobody is to wait for him who could do something else. */
const RECOVERERS_MS = 10;

export class Participants implements ParticipantsPort {
  readonly #mapped: Mapped;
  readonly #containers: KnownContainers;
  /** Where the payload begins, bytes. */
  readonly #payload: number;
  /** That of the file, once this object has asked for it. */
  #number = 0;
  #file: ParticipantFile | undefined;
  /** All that is mapped: a view that asks may show a part of it. */
  #view: MemoryView | undefined;
  #table: ParticipantTable | undefined;
  #closed = false;

  constructor(mapped: Mapped, containers: KnownContainers, payload: number) {
    this.#mapped = mapped;
    this.#containers = containers;
    this.#payload = payload;
  }

  get closed(): boolean {
    return this.#closed;
  }
  get readOnly(): boolean {
    return this.#mapped.request.access === "read-only";
  }
  get path(): string {
    return this.#mapped.request.path;
  }

  self(): number {
    return this.#number === 0 ? this.#claim() : this.#number;
  }

  isAlive(number: number): boolean {
    if (number === this.#number) return number !== 0 && !this.#closed;
    return this.table().has(number) && this.#isLocked(number);
  }

  recover(number: number): boolean {
    const file = this.#join();
    // Also a number that nobody can have: a word with it is of no use to anybody.
    if (!(Number.isInteger(number) && number >= 1 && number <= OWNER.most) || number === file.number) return false;
    return this.#asRecoverer(file, () => {
      // Step recover.lock: with it in hand nobody lives by this number, and nobody can claim it.
      if (!file.tryLock(number)) return false;
      try {
        this.#recoverDead(number);
      } finally {
        // Step recover.unlock.
        file.unlock(number);
      }
      return true;
    });
  }

  isRecovering(): boolean {
    return isLocked(this.#file?.fd ?? this.#mapped.request.fd, RECOVERERS, this.path);
  }

  describe(number: number): string {
    return describeParticipant(this.table(), number);
  }

  nameOf(place: number): string | undefined {
    return pathAt(this.#containers.placed, place - this.#payload);
  }

  pidOf(number: number): number | undefined {
    return this.table().pidOf(number);
  }

  /** All that have a number, alive or dead. */
  list(): RegionParticipant[] {
    const region = { memory: this.#memory(), payload: this.#payload, placed: this.#containers.placed };
    return listed(this.table(), region, (number) => this.#isOwn(number) || this.#isLocked(number));
  }

  /** Numbers that are taken. */
  numbers(): number[] {
    return this.table().taken();
  }

  /** Recovers all that the dead have, and tells whose numbers those were. @throws what the first container throws that cannot be recovered */
  recoverAll(): number[] {
    if (this.readOnly) throw readOnlyParticipant(this.path);
    return this.numbers().filter((number) => !this.#isOwn(number) && !this.#isLocked(number) && this.recover(number));
  }

  /** @throws ShmError ERR_SHM_CLOSED */
  table(): ParticipantTable {
    return (this.#table ??= new ParticipantTable(this.#memory(), this.#payload, this.#containers.participants));
  }

  /**
   * Before the memory goes. The last object of this thread for the file gives the number back, and all that it has in the containers.
   * Never throws: who cannot do that counts as dead from then on.
   */
  close(): void {
    if (this.#closed) return;
    const file = this.#file;
    try {
      if (file?.leave() === true) {
        try {
          if (file.number !== 0) this.#asRecoverer(file, () => this.#release(file));
        } finally {
          // Step release.unlock.
          file.close();
        }
      }
    } catch {
      // See above.
    }
    this.#closed = true;
    this.#number = 0;
    this.#table = undefined;
    this.#view?.retire();
  }

  /** @throws ShmError as {@link ParticipantsPort.self} */
  #claim(): number {
    const file = this.#join();
    const table = this.table();
    // A number from before the region was made anew, of a handle that nobody has closed.
    if (file.number !== 0 && !table.isTaken(file.number)) file.forget();
    if (file.number === 0) {
      file.number = claimNumber({ table, file, recover: (number) => this.#tryRecover(number) }) ?? this.#refuse(table);
      this.#recoverOthers(file.number);
    }
    return (this.#number = file.number);
  }

  /** So that what the dead had is free by the time that somebody new comes. */
  #recoverOthers(own: number): void {
    for (const number of this.numbers()) if (number !== own && !this.#isLocked(number)) this.#tryRecover(number);
  }

  /** What of a dead participant cannot be recovered stays as it is: whoever meets that is told, and nobody else. */
  #tryRecover(number: number): boolean {
    try {
      return this.recover(number);
    } catch {
      return true;
    }
  }

  /** With the recoverers' lock; false where another recoverer has it. */
  #asRecoverer(file: ParticipantFile, work: () => boolean): boolean {
    let deadline: Deadline | undefined;
    // Steps recover.lockRecoverers and release.lockRecoverers.
    for (let round = 0; !file.tryLock(RECOVERERS); round += 1) {
      if (!pause(round, (deadline ??= deadlineIn(RECOVERERS_MS)), "holding")) return false;
    }
    try {
      return work();
    } finally {
      // Steps recover.unlockRecoverers and release.unlockRecoverers.
      file.unlock(RECOVERERS);
    }
  }

  /** With both locks. Idempotent: who dies in it is recovered from by the next one. */
  #recoverDead(number: number): void {
    const table = this.table();
    // Step recover.load.
    const isTaken = table.has(number) && table.isTaken(number);
    this.#recoverContainers({ number, pid: table.has(number) ? table.pid(number) : 0, at: Date.now() });
    if (!isTaken) return;
    // Step recover.lose.
    table.lose(number);
    // Step recover.free. In a container that we do not know the number would be taken for that of its next owner.
    if (this.#containers.hasOthers !== true) table.free(number);
  }

  /** With the recoverers' lock, so that nobody works on the same containers. */
  #release({ number, containers }: ParticipantFile): boolean {
    // All lists by which this thread's code may have taken something: by no other can the number be in any word.
    for (const known of containers) this.#recoverContainers({ number, pid: ownStamp().pid, at: Date.now() }, known);
    // Step release.free.
    this.table().free(number);
    return true;
  }

  #recoverContainers(death: Death, { placed }: KnownContainers = this.#containers): void {
    recoverContainers(this.#memory(), this.#payload, placed, death);
  }

  #isOwn(number: number): boolean {
    return number === this.#number || number === this.#file?.number;
  }

  #isLocked(number: number): boolean {
    const { fd, path } = this.#mapped.request;
    // Step claim.isLocked. Through whatever the thread has open of the file: only asking needs no open file of its own.
    return this.#isOwn(number) || isLocked(this.#file?.fd ?? fd, number, path);
  }

  /** @throws ShmError ERR_SHM_CLOSED, ERR_SHM_READ_ONLY, and those of opening a file */
  #join(): ParticipantFile {
    if (this.#file !== undefined && !this.#closed) return this.#file;
    const { request, file } = this.#mapped;
    this.#memory();
    if (this.readOnly) throw readOnlyParticipant(request.path);
    this.#file = ParticipantFile.join(file, request.fd, request.path);
    this.#file.containers.add(this.#containers);
    return this.#file;
  }

  #memory(): RawMemory {
    if (this.#closed) throw closedRegion(this.path);
    if (this.#view === undefined) {
      const { current, mapped, request } = this.#mapped;
      const { buffer, range } = current;
      this.#view = new MemoryView({
        buffer,
        byteLength: mapped,
        readOnly: this.readOnly,
        label: request.path,
        futex: new RegionFutex({ address: range.address, size: mapped }, buffer, request.path),
        participants: this,
      });
    }
    return rawMemory(this.#view);
  }

  #refuse(table: ParticipantTable): never {
    throw allNumbersTaken(table, (number) => this.describe(number), this.path);
  }
}
