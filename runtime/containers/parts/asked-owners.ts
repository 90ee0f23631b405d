/** Words of a list that say who has what, asked one after the other whether their owners live, when there is nothing else to be had. */
import { OWNER } from "../../../schema/containers/owner.js";
import { damagedWord } from "./refusals.js";
import type { TakingPart } from "./taking-part.js";

/** Owners that are asked for at a time; the others have their turn at the next slice. */
const ASKED_MAX = 64;
/** Owners that an error names. */
const NAMED_MAX = 5;

/** The words. */
export interface OwnerList {
  readonly part: TakingPart;
  readonly length: number;
  ownerAt(index: number): number;
  /** What stands in the place of an owner where there is none, besides 0. */
  readonly nobody?: number;
  readonly path: string;
  readonly field: string;
}

export class AskedOwners {
  readonly #list: OwnerList;
  /** Where to go on. */
  #asked = 0;

  constructor(list: OwnerList) {
    this.#list = list;
  }

  /** Recovers what the dead have. Whether there were any, or whether everything is this thread's, whose number is `me`. */
  ask(me: number): "recovered" | "own" | "alive" {
    const { part, length, ownerAt, nobody = OWNER.free, path, field } = this.#list;
    const asked = new Set<number>([OWNER.free, nobody, me]);
    let isRecovered = false;
    let isOwn = true;
    for (let count = 0; count < length && asked.size < ASKED_MAX; count += 1) {
      this.#asked = this.#asked + 1 >= length ? 0 : this.#asked + 1;
      const owner = ownerAt(this.#asked);
      isOwn &&= owner === me;
      if (asked.has(owner)) continue;
      asked.add(owner);
      if (owner > OWNER.most) throw damagedWord(path, field, owner);
      // Step owners.isAlive
      if (part.hasRecovered(owner, () => ownerAt(this.#asked) === owner)) isRecovered = true;
    }
    return isOwn ? "own" : isRecovered ? "recovered" : "alive";
  }

  /** Some of those who have something, for an error. */
  names(): string {
    const { part, length, ownerAt, nobody } = this.#list;
    const owners = new Set<number>();
    for (let index = 0; index < length && owners.size < NAMED_MAX; index += 1) {
      const owner = ownerAt(index);
      if (owner !== OWNER.free && owner !== nobody && owner <= OWNER.most) owners.add(owner);
    }
    return [...owners].map((owner) => part.port.describe(owner)).join(", ");
  }
}
