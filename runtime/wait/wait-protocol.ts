/** What the waits of a thread and their worker say to each other. */

/** Handed to the worker when it starts. */
export interface WaitSetup {
  /** Two words, see {@link CONTROL}. */
  readonly control: Int32Array;
}

/** The words that both share. */
export const CONTROL = {
  /** Changed and woken whenever there is a new message, because the worker sleeps in the kernel. */
  changes: 0,
  /** 1, and woken: the worker has loaded the C library. */
  loaded: 1,
} as const;

/** To the worker. */
export type WaitMessage =
  | {
      readonly kind: "wait";
      readonly id: number;
      readonly address: number;
      readonly expected: number;
      /** By the monotonic clock, which is one for all threads. */
      readonly deadlineMs: number;
    }
  | { readonly kind: "cancel"; readonly ids: readonly number[] };

/** From the worker. */
export interface WaitSettled {
  readonly id: number;
  readonly result: "ok" | "timed-out" | "gone";
}
