/** What a region's file is refused for, one function per situation. */
import { type MessageFacts, type ShmError, type ShmErrorFacts, refusal } from "../errors.js";
import type { Mismatch } from "../format/verdict.js";

/** Somebody has it open although it never became ready. */
export function neverReady(path: string): ShmError {
  const what = "the region is held open, but its initialisation was never completed";
  return refusal("ERR_SHM_NOT_READY", what, { path }, "end the processes that hold it");
}

const ANOTHER_NAME = "it is left untouched; remove it if nobody needs it, or choose another name";

export function foreign(path: string): ShmError {
  return refusal("ERR_SHM_FOREIGN", "the file is not a shmgen region", { path }, ANOTHER_NAME);
}

/** What begins like a region of zeros is looked through before it is taken for one, but not for ever. */
export function tooManyZeros(path: string, size: number): ShmError {
  const what = "the file begins with zeros and is too long to be looked through, so it is not taken for a region";
  return refusal("ERR_SHM_FOREIGN", what, { path }, ANOTHER_NAME, { size });
}

const MISMATCH_REMEDIES: Readonly<Record<Mismatch["code"], string>> = {
  ERR_SHM_FORMAT: "it is left untouched; use the software that wrote it, or choose another name",
  ERR_SHM_VERSION:
    'run one version of the schema everywhere, end the processes that use the other one, or let the versions meet in regions of their own (name: "versioned")',
  ERR_SHM_LAYOUT: "give the changed schema a new version, or generate and deploy all programs from the same one",
};

/** The region is of another format, version or layout than the code; the verdict on its header says so in its own words. */
export function mismatched(
  { code, what }: Pick<Mismatch, "code" | "what">,
  facts: ShmErrorFacts,
  numbers: MessageFacts,
): ShmError {
  return refusal(code, what, facts, MISMATCH_REMEDIES[code], numbers);
}
