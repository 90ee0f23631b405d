/** What a test has done, in numbers: printed, and kept for the soak, which sums up many runs of tests that are tagged with "soak". */
import { appendFileSync } from "node:fs";

/** The soak has a column for each of these, and shows others behind them. */
interface Counts {
  readonly operations: number;
  readonly kills: number;
  readonly stops?: number;
  /** As the documents allow it for each death; anything beyond has failed the test. */
  readonly lost?: number;
  readonly twice?: number;
  readonly torn?: number;
  readonly [other: string]: number | undefined;
}

/** The soak names the file by SHMGEN_TALLY. */
export function tally(what: string, counts: Counts): void {
  console.log(
    `${what}: ${Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ")}`,
  );
  const file = process.env["SHMGEN_TALLY"];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ what, counts })}\n`);
}
