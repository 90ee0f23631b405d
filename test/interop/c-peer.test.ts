/**
 * A peer in C that was written after docs/PROTOCOL.md against Node: 1,000 seeded rounds, each one change of a region by one of
 * them, and all that they say compared with a model of what must be.
 */
import { afterAll, beforeAll, it } from "vitest";
import { buildPeers, startNodePeer, startServer, withoutGcc } from "../support/c/peer/peers.mjs";
import { play } from "../support/c/peer/play.js";
import { regionDirectory } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";

const directory = regionDirectory();
const ROUNDS = byDepth(100, 500, 1000);

let built: Awaited<ReturnType<typeof buildPeers>> | undefined;
let server: ReturnType<typeof startServer> | undefined;

beforeAll(async () => {
  if (withoutGcc !== undefined) return;
  built = await buildPeers();
  server = startServer(built.program("serve"), directory);
});

afterAll(async () => {
  await server?.stop();
  built?.remove();
});

it.skipIf(withoutGcc !== undefined)(
  `a C peer after docs/PROTOCOL.md and Node: ${ROUNDS} rounds of opening, dying, waiting and removing ${withoutGcc ?? ""} [faults 1 2 3 4 6 7]`,
  async () => {
    const { module = "" } = built ?? {};
    const C = server?.start;
    await play({
      name: "c-peer",
      rounds: ROUNDS,
      directory,
      start: { ...(C === undefined ? {} : { C }), Node: () => startNodePeer(module, directory) },
      isWindows: false,
    });
  },
);
