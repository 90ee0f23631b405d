/** What was seen of the stores into the files of a directory. */
export interface Report {
  /** Moments at which the process could have died. */
  readonly points: number;
  /** Changes of the files that no store accounts for. */
  readonly uncounted: readonly string[];
}
/** From now on each store is seen before it is made; at point `dieAt`, from 1, the process dies by SIGKILL. */
export declare function watchStores(directory: string, dieAt?: number): { report(): Report };
