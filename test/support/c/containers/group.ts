/** Peers of one test after the other: built once for a file, and gone after each test. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import type { TargetName } from "../../../../generator/dist/emit/registry.js";
import type { Compiler } from "../gcc.js";
import { type Built, build, type Peer, startPeer } from "./peers.js";

const NODE_PEER = join(import.meta.dirname, "peer.mjs");

/** What a test file does with its peers. */
export interface PeerGroup {
  /** Name of the region that peers open. */
  readonly region: string;
  readonly built: Built;
  /** The next peers open a new region. */
  renew(): void;
  /** One more in the region. It does not take part yet. */
  start(language: "C" | "Node"): Promise<Peer>;
}

/** To be called where hooks may be. `directory`: of the regions. */
export function peerGroup(directory: string, compiler: Compiler, targets: readonly TargetName[] = ["c"]): PeerGroup {
  let built: Built | undefined;
  let program = "";
  let region = randomUUID() as string;
  const peers = new Set<Peer>();

  beforeAll(async () => {
    built = await build(targets);
    program = built.program("peer", compiler);
  });
  afterEach(async () => {
    await Promise.all([...peers].map((peer) => peer.kill()));
    peers.clear();
  });
  afterAll(() => built?.remove());

  return {
    get region() {
      return region;
    },
    get built() {
      if (built === undefined) throw new Error("nothing is built before the tests");
      return built;
    },
    renew() {
      region = randomUUID();
    },
    async start(language) {
      const argv = language === "C" ? [program] : [process.execPath, NODE_PEER, this.built.module];
      const peer = await startPeer([...argv, region], directory);
      peers.add(peer);
      return peer;
    },
  };
}
