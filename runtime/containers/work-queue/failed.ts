/** Jobs that fail again and again: how often one is leased at most, and where it goes then. */
import type { Snapshot } from "../../access/plain.js";
import { checkOptions } from "../../arguments/check-options.js";
import type { Taker } from "../../arguments/option-names.js";
import type { ShmErrorFacts } from "../../errors.js";
import type { Job } from "./job.js";
import { failedIsFull, needsBoth } from "./refusals.js";

/** What jobs that fail again and again are moved to. */
export interface FailedJobs<T> {
  push(value: Snapshot<T>): boolean;
}

/** Options of leases. */
export interface LeaseOptions<T> {
  /** Times that a job is leased at most; then it is moved to `failed` instead. Only together with that. */
  readonly maxAttempts?: number | undefined;
  /** A queue of the same type. A job is pushed to it, and then it is done here: killed between the two, this thread leaves it in both. */
  readonly failed?: FailedJobs<T> | undefined;
}

/** Undefined: jobs are leased as often as need be. @throws ShmRangeError for one option without the other */
export function whenFailed<T>(
  options: LeaseOptions<T>,
  field: string,
  taker: Taker,
): Required<LeaseOptions<T>> | undefined {
  checkOptions(options, taker);
  const { maxAttempts, failed } = options;
  if ((maxAttempts === undefined) !== (failed === undefined)) throw needsBoth(field, { maxAttempts, failed });
  return maxAttempts === undefined ? undefined : { maxAttempts, failed };
}

/**
 * Whether a job that was just leased has failed too often, and was moved. `copy`: of what it holds.
 * @throws ShmError ERR_SHM_BUSY when there is no room for it, and then it is ready again
 */
export function hasFailed<T>(
  job: Job<T>,
  { maxAttempts, failed }: Required<LeaseOptions<T>>,
  copy: (job: Job<T>) => Snapshot<T>,
  facts: ShmErrorFacts,
): boolean {
  if (job.attempts <= (maxAttempts ?? Infinity)) return false;
  if (failed?.push(copy(job)) !== true) {
    job.retry();
    throw failedIsFull(facts);
  }
  job.done();
  return true;
}
