/** Peers in C say in the header that a region is to stay, at the same place and at the same steps as Node; and each heeds what the other says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cleanStale, listRegions } from "@shmgen/runtime";
import { buildPeers, type Peer, startServer, withoutGcc } from "../support/c/peer/peers.mjs";
import { regionDirectory } from "../support/processes/processes.js";

const directory = regionDirectory();
const kept = (name: string): boolean | undefined => listRegions().find((region) => region.name === name)?.kept;
const cleaned = (includeKept = false): string[] => cleanStale({ includeKept }).removed.map(({ name }) => name);

describe.skipIf(withoutGcc !== undefined)(`a C peer ${withoutGcc ?? ""}`, () => {
  let peers: Awaited<ReturnType<typeof buildPeers>>;
  let server: ReturnType<typeof startServer>;
  beforeAll(async () => {
    peers = await buildPeers();
    server = startServer(peers.program("serve"), directory);
  });
  afterAll(async () => {
    await server?.stop();
    peers?.remove();
  });
  const start = (): Promise<Peer> => server.start();

  it("that opens a region to stay and is killed leaves it to nobody who cleans", async () => {
    const [stays, goes] = [await start(), await start()];
    expect(await stays.ask("open stays createOrOpen reinitialise 5000 1000 stay")).toBe(
      "created 1 1000 0 whole current",
    );
    expect(await goes.ask("open goes createOrOpen reinitialise 5000 2000 last-close")).toContain("created");
    expect(["stays", "goes"].map(kept)).toEqual([true, false]);
    await stays.kill();
    await goes.kill();
    expect(cleaned()).toEqual(["goes"]);
    expect(cleaned(true)).toEqual(["stays"]);
  });

  it("marks a region that it joins by one store, and dies before it without a trace", async () => {
    const [first, second] = [await start(), await start()];
    await first.ask("open one createOrOpen reinitialise 5000 1000 last-close");
    const before = readFileSync(join(directory, "one"));
    await second.ask("at open.markKept kill");
    void second.ask("open one open reinitialise 5000 0 stay").catch(() => undefined);
    await second.reap();
    expect(readFileSync(join(directory, "one")).equals(before)).toBe(true);
    const third = await start();
    await third.ask("open one open reinitialise 5000 0 stay");
    const after = readFileSync(join(directory, "one"));
    expect([...before.keys()].filter((at) => before[at] !== after[at])).toEqual([119]);
    await third.kill();
    await first.kill();
    expect(cleaned()).toEqual([]);
    // Whoever makes it anew decides anew.
    const fourth = await start();
    expect(await fourth.ask("open one createOrOpen keep 5000 0 last-close")).toContain("opened 1 1000");
    expect(kept("one")).toBe(true);
    await fourth.kill();
    const fifth = await start();
    expect(await fifth.ask("open one createOrOpen reinitialise 5000 3000 last-close")).toContain(
      "reinitialised 2 3000",
    );
    expect(kept("one")).toBe(false);
    await fifth.ask("close");
    await fifth.kill();
    expect(listRegions()).toEqual([]);
  });

  it("that says it when it closes marks it before it lets go", async () => {
    const [peer, dies] = [await start(), await start()];
    await dies.ask("open closed createOrOpen reinitialise 5000 1000 keep");
    expect(kept("closed")).toBe(false);
    await dies.ask("at close.markKept kill");
    void dies.ask("close").catch(() => undefined);
    await dies.reap();
    expect(cleaned()).toEqual(["closed"]);
    await peer.ask("open closed createOrOpen reinitialise 5000 1000 keep");
    await peer.ask("close");
    expect(kept("closed")).toBe(true);
    expect(cleaned(true)).toEqual(["closed"]);
    await peer.kill();
  });
});
