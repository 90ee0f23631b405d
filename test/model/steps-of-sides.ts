/** Names of steps in the comments of containers that have sides. */
import { readFileSync } from "node:fs";

/** The files of their parts. */
export const OF_SIDES = ["parts/side", "parts/role", "parts/flag-waits"] as const;

/** In order, each once. */
export function namedSteps(...files: readonly string[]): string[] {
  const named = files.flatMap((file) => {
    const text = readFileSync(new URL(`../../runtime/containers/${file}.ts`, import.meta.url), "utf8");
    return [...text.matchAll(/\/\/ .*\bSteps? .*/g)].join(" ").match(/\b[a-z]+\.[a-z]\w+/gi) ?? [];
  });
  return [...new Set(named)].sort();
}
