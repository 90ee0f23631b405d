/** Where the words of a container lie that has two sides: one produces, one consumes, and each says that it sleeps. */
import type { MemoryView, RawMemory } from "../../access/memory-view.js";

export type RoleName = "producer" | "consumer";

/** A container with two sides, in memory. */
export interface SidePlace {
  readonly view: MemoryView;
  readonly memory: RawMemory;
  readonly words: Uint32Array;
  /** Of the first word in `words`. */
  readonly base: number;
  readonly field: string;
}

/** Words of one side, counted from the container's first. */
export interface SideWords {
  readonly name: RoleName;
  /** Who has it. */
  readonly role: number;
  /** Who has the other one. */
  readonly other: number;
  /** 1: it sleeps. */
  readonly sleeps: number;
  /** 1: the other one sleeps. */
  readonly othersSleep: number;
}
export type Sides = Readonly<Record<RoleName, SideWords>>;

/** `at`: where they lie, bytes from the container's start (schema/containers). */
export function sidesOf(at: Readonly<Record<RoleName | `${RoleName}Sleeps`, number>>): Sides {
  const [producer, consumer] = [at.producer / 4, at.consumer / 4];
  const [producerSleeps, consumerSleeps] = [at.producerSleeps / 4, at.consumerSleeps / 4];
  return {
    producer: {
      name: "producer",
      role: producer,
      other: consumer,
      sleeps: producerSleeps,
      othersSleep: consumerSleeps,
    },
    consumer: {
      name: "consumer",
      role: consumer,
      other: producer,
      sleeps: consumerSleeps,
      othersSleep: producerSleeps,
    },
  };
}
