/** Programs of engines by their ids in environments.ts: `SHMGEN_TEST_ENGINES=bun=/path/to/bun:arm64=/path/to/node`, which .ci/run sets. */
export const givenEngines: ReadonlyMap<string, string> = new Map(
  (process.env["SHMGEN_TEST_ENGINES"] ?? "").split(":").flatMap((entry) => {
    const [name = "", program] = entry.split("=");
    return program === undefined ? [] : [[name, program] as const];
  }),
);
