/** C over containers whose every word is anything: results, no hang, and nothing read or written outside. */
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { build } from "../support/c/containers/peers.js";
import { type Compiler, COMPILERS, withoutCompilers } from "../support/c/gcc.js";
import { regionDirectory } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { runSeed } from "../support/run/random.js";

const directory = regionDirectory();
const ROUNDS = byDepth(300, 2000, 20_000);
/** What C does not define ends the program. */
const SANITIZER = ["-fsanitize=undefined", "-fno-sanitize-recover=all"];

async function held(compiler: Compiler, change?: (header: string) => string): Promise<string> {
  const built = await build(["c"], change);
  try {
    const program = built.program("hostile", compiler, SANITIZER);
    const env = { ...process.env, SHMGEN_DIR: directory };
    const argv = [randomUUID(), `${runSeed("c-container-hostile")}`, `${ROUNDS}`];
    const { stdout, stderr, status, signal } = spawnSync(program, argv, { env, encoding: "utf8" });
    return stdout === "" ? `ended with ${status ?? signal}: ${stderr}` : stdout;
  } finally {
    built.remove();
  }
}

it.skipIf(withoutCompilers !== undefined).each(COMPILERS)(
  `${ROUNDS} times random bytes in all words: every function of $name returns, and touches nothing else ${withoutCompilers ?? ""}`,
  async (compiler) => {
    expect(await held(compiler)).toMatch(
      /^held: ok \d+ busy \d+ timeout \d+ abandoned \d+ .*damaged \d+ .*stale \d+ .*no-key \d+\n$/,
    );
  },
);

it.skipIf(withoutCompilers !== undefined)(
  `a slot that is not masked is found by that ${withoutCompilers ?? ""}`,
  async () => {
    const unmasked = (header: string): string => header.replaceAll("producer->tail & 15u", "producer->tail");
    expect(await held(COMPILERS[0] as Compiler, unmasked)).toMatch(/^ended with (SIG|1:)/);
  },
);
