/** What a test has done, in numbers: printed, and kept for the soak, which sums up many runs of tests that are tagged with "soak". */
import { appendFileSync } from "node:fs";

/** `counts` has `kills`, among what was done. The soak names the file by SHMGEN_TALLY. */
export function tally(what: string, counts: Readonly<Record<string, number>>): void {
  console.log(
    `${what}: ${Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ")}`,
  );
  const file = process.env["SHMGEN_TALLY"];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ what, counts })}\n`);
}
