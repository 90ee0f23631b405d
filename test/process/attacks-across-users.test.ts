import { expect, it } from "vitest";
import { canIsolate, isolated } from "../support/users/isolated.js";

const title = canIsolate ? "" : " (skipped: needs root, unshare and setpriv)";

/** One line of attacks.mjs. */
interface Trial {
  readonly kind: "attack" | "control";
  readonly name: string;
  readonly result: unknown;
  readonly ms: number;
}

it.skipIf(!canIsolate)(
  `attacks of one user on another: none succeeds, none makes anybody hang${title} [faults 26 27 28 29 30 31 87 88, figure 14]`,
  () => {
    const { stdout, stderr } = isolated('exec "$1" /mnt/checkout/test/support/users/attacks.mjs /mnt/checkout');
    const trials = stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Trial);
    const attacks = trials.filter(({ kind }) => kind === "attack");
    expect(stderr).toBe("");
    expect(trials.filter(({ result }) => result !== true)).toEqual([]);
    expect(trials.filter(({ ms }) => ms > 20_000)).toEqual([]);
    expect(attacks.length).toBeGreaterThanOrEqual(20);
    expect(trials.length - attacks.length).toBeGreaterThanOrEqual(9);
    console.log(
      `figure 14: ${attacks.length} attacks tried, 0 succeeded; ${trials.length - attacks.length} controls work`,
    );
  },
);
