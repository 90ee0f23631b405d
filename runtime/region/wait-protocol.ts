/** What the waits of a thread and their worker say to each other. */
import { hrtime } from "node:process";

/** Handed to the worker when it starts. */
export interface WaitSetup {
  /** One word that is changed and woken whenever there is a new message, because the worker sleeps in the kernel. */
  readonly control: Int32Array;
}

/** To the worker. */
export type WaitMessage =
  | {
      readonly kind: "wait";
      readonly id: number;
      readonly address: number;
      readonly expected: number;
      /** `process.hrtime` in milliseconds: one clock for all threads. */
      readonly deadlineMs: number;
    }
  | { readonly kind: "cancel"; readonly ids: readonly number[] };

/** From the worker. */
export interface WaitSettled {
  readonly id: number;
  readonly result: "ok" | "timed-out" | "gone";
}

/** The clock of `deadlineMs`. Not `process.hrtime`, in whose place test frameworks put one that stands still. */
export function monotonicMs(): number {
  return Number(hrtime.bigint()) / 1e6;
}
