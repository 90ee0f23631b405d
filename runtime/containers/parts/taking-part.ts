/** This thread, as containers see it: who it is in the region, and what it finds out about others. */
import type { MemoryView, ParticipantsPort } from "../../access/memory-view.js";
import { rawMemory } from "../../access/memory-view.js";
import { closed } from "../../access/refusals.js";
import { noParticipants, readOnlyContainer } from "./refusals.js";

export class TakingPart {
  readonly #view: MemoryView;
  readonly #field: string;

  constructor(view: MemoryView, field: string) {
    this.#view = view;
    this.#field = field;
  }

  /** @throws ShmError ERR_SHM_UNSUPPORTED for memory without participants */
  get port(): ParticipantsPort {
    const { participants } = rawMemory(this.#view);
    if (participants === undefined) throw noParticipants(this.#view.label, this.#field);
    return participants;
  }

  /** This thread's number. @throws ShmError ERR_SHM_CLOSED, ERR_SHM_READ_ONLY, ERR_SHM_UNSUPPORTED; ERR_SHM_BUSY when all are taken */
  claim(): number {
    const { closed: isClosed, readOnly, label } = this.#view;
    if (isClosed) throw closed(label, this.#field);
    if (readOnly) throw readOnlyContainer(label, this.#field);
    return this.port.self();
  }

  /**
   * Whether who is named by a word was dead, and has been recovered, this word at least. False as well when somebody else is at it just
   * now. @throws what keeps the word from being recovered
   */
  hasRecovered(owner: number, isStillNamed: () => boolean): boolean {
    const { port } = this;
    try {
      return !port.isAlive(owner) && port.recover(owner);
    } catch (error) {
      // Another container of the region could not be.
      if (isStillNamed()) throw error;
      return true;
    }
  }

  /**
   * What is thrown at who ends a turn after its handle was closed. When the thread has other handles it would have it until the last of
   * them is closed, so `letGo` is called. Who sleeps looks again: nobody can be woken through a handle that was closed.
   */
  endAfterClose(number: number, letGo: () => void): Error {
    try {
      if (this.port.isAlive(number)) letGo();
    } catch {
      // All handles are closed.
    }
    return closed(this.#view.label, this.#field);
  }
}
