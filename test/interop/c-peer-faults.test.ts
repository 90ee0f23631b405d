/** A peer in C and one in Node, side by side: what is inherited, what is judged, who wakes whom. */
import { execFileSync } from "node:child_process";
import { chmodSync, linkSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { crc32c } from "../../schema/dist/crc32c.js";
import { CRC_COVERS, HEADER_OFFSET, HEADER_SIZE } from "../../schema/dist/region-format.js";
import { byDepth } from "../support/run/depth.js";
import { type Peer, buildPeers, startNodePeer, startServer, withoutGcc } from "../support/c/peer/peers.mjs";
import { regionDirectory, stateOf } from "../support/processes/processes.js";
import { Random, runSeed } from "../support/run/random.js";

const directory = regionDirectory();
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

/** One peer of each language, gone afterwards. */
async function both(work: (c: Peer, node: Peer) => Promise<void>): Promise<void> {
  const { module = "" } = built ?? {};
  if (server === undefined) throw new Error("not started");
  const peers = [await server.start(), await startNodePeer(module, directory)] as const;
  try {
    await work(...peers);
  } finally {
    await Promise.all(peers.map((peer) => peer.kill()));
  }
}

it.skipIf(withoutGcc !== undefined)(
  `a process that C forked inherits the lock: the region lives until both are dead ${withoutGcc ?? ""} [fault 18]`,
  () =>
    both(async (c, node) => {
      expect(await c.ask("open forked createOrOpen reinitialise 1000 7000 last-close")).toMatch(/^created 1 /);
      const child = Number(await c.ask("fork"));
      await c.kill();
      expect(await node.ask("open forked create reinitialise 1000 8000 last-close")).toBe("ERR_SHM_EXISTS");
      expect(await node.ask("open forked open throw 1000 8000 keep")).toBe("opened 1 7000 0 whole current");
      expect(await node.ask("close")).toBe("ok");
      process.kill(child, "SIGKILL");
      // It is not our child: gone when its locks are.
      while (stateOf(child) === "S" || stateOf(child) === "R") await new Promise((resolve) => setTimeout(resolve, 1));
      expect(await node.ask("open forked open throw 1000 8000 keep")).toBe("ERR_SHM_STALE");
      expect(await node.ask("open forked createOrOpen reinitialise 1000 9000 last-close")).toMatch(
        /^reinitialised 2 9000 /,
      );
      expect(await node.ask("close")).toBe("ok");
    }),
);

const HEADERS = byDepth(40, 500);
const BOUNCES = byDepth(5000, 20_000, 10_000_000);

it.skipIf(withoutGcc !== undefined)(
  `${BOUNCES.toLocaleString("en")} ping-pongs between C and Node lose no wake-up ${withoutGcc ?? ""} [fault 66, figure 11]`,
  () =>
    both(async (c, node) => {
      expect(await c.ask("open ball createOrOpen reinitialise 1000 7000 last-close")).toMatch(/^created 1 /);
      expect(await node.ask("open ball createOrOpen reinitialise 1000 8000 last-close")).toMatch(/^opened 1 /);
      const start = performance.now();
      // A wake-up that is lost leaves both asleep: C without a timeout, Node for a minute, and then it says so.
      expect(await Promise.all([c.ask(`bounce ${BOUNCES}`), node.ask(`bounce ${BOUNCES}`)])).toEqual(["ok", "ok"]);
      const us = ((performance.now() - start) * 1000) / BOUNCES;
      console.log(`${BOUNCES} ping-pongs between C and Node: ${us.toFixed(1)} us each`);
      expect(await c.ask("close")).toBe("ok");
      expect(await node.ask("close")).toBe("ok");
    }),
  1_800_000,
);

/** What there is to answer to a damaged header. */
const KINDS = ["created", "opened", "reinitialised", "ERR_SHM_FOREIGN", "ERR_SHM_FORMAT", "ERR_SHM_STALE"];

/** A header with some of it changed, as crashes, strangers and bad memory leave it. */
function damaged(whole: Uint8Array, random: Random): Uint8Array {
  const bytes = Uint8Array.from(whole);
  const view = new DataView(bytes.buffer);
  for (let times = random.integer(1, 3); times > 0; times -= 1) {
    const at = random.chance(0.5) ? random.pick(Object.values(HEADER_OFFSET)) : random.integer(0, HEADER_SIZE - 1);
    const change = random.integer(0, 5);
    if (change === 0) bytes[at] = random.bits();
    else if (change === 1) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
    else if (change === 2) bytes.fill(0, at, Math.min(HEADER_SIZE, at + 2 ** random.integer(0, 6)));
    else if (change === 3) bytes.fill(0, at);
    else if (change === 4) bytes.subarray(0, 8).reverse();
    else view.setUint32(HEADER_OFFSET.state, random.integer(0, 3), true);
  }
  if (random.chance(0.5)) view.setUint32(HEADER_OFFSET.crc, crc32c(bytes.subarray(0, CRC_COVERS)), true);
  if (random.chance(0.1)) return new Uint8Array(4096);
  return random.chance(0.1) ? bytes.subarray(0, random.integer(0, bytes.length)) : bytes;
}

it.skipIf(withoutGcc !== undefined)(
  `C and Node judge ${HEADERS} damaged headers alike, and go on alike ${withoutGcc ?? ""} [faults 4 47 48 51 52]`,
  () =>
    both(async (c, node) => {
      const random = new Random(runSeed("judge"));
      const path = join(directory, "judged");
      expect(await node.ask("open judged createOrOpen reinitialise 1000 7000 keep")).toMatch(/^created /);
      expect(await node.ask("close")).toBe("ok");
      const whole = Uint8Array.from(readFileSync(path));
      const seen: Record<string, number> = {};
      const lacks = () => KINDS.some((kind) => seen[kind] === undefined);
      // Rare kinds may need some more.
      for (let round = 0; round < HEADERS || (lacks() && round < 20 * HEADERS); round += 1) {
        const bytes = damaged(whole, random);
        const how = `${random.pick(["createOrOpen", "create", "open"])} ${random.pick(["reinitialise", "keep", "throw"])}`;
        const answers: string[] = [];
        for (const peer of [c, node]) {
          writeFileSync(path, bytes, { mode: 0o600 });
          const answer = await peer.ask(`open judged ${how} 1000 8000 keep`);
          answers.push(answer);
          if (!answer.startsWith("ERR_")) expect(await peer.ask("close")).toBe("ok");
          else expect(Uint8Array.from(readFileSync(path)), "refused, so not written to").toEqual(bytes);
        }
        expect(
          answers[0],
          `${how} of ${Buffer.from(bytes.subarray(0, 128)).toString("hex")}, size ${bytes.length}`,
        ).toBe(answers[1]);
        const kind = answers[0]?.split(" ")[0] ?? "";
        seen[kind] = (seen[kind] ?? 0) + 1;
      }
      console.log(`answers to damaged headers: ${JSON.stringify(seen)}`);
      expect(Object.keys(seen)).toEqual(expect.arrayContaining(KINDS));
      rmSync(path);
    }),
);

it.skipIf(withoutGcc !== undefined)(
  `C and Node refuse the same names and files, and leave them as they are ${withoutGcc ?? ""} [faults 26 28 29 31 42]`,
  () =>
    both(async (c, node) => {
      const names = ["-a", ".a", "a/b", "..", "session-1", "session-", "session-1x", "a".repeat(200), "a".repeat(201)];
      for (const name of names) {
        const answers = [];
        for (const peer of [c, node]) {
          answers.push(await peer.ask(`open ${name} createOrOpen throw 1000 8000 last-close`));
          if (!answers.at(-1)?.startsWith("ERR_")) expect(await peer.ask("close")).toBe("ok");
        }
        expect(answers[0], name).toBe(answers[1]);
      }
      const path = join(directory, "odd");
      const files: readonly (readonly [what: string, make: () => void])[] = [
        ["a symbolic link", () => symlinkSync(join(directory, "nothing"), path)],
        ["a FIFO", () => execFileSync("mkfifo", ["-m", "600", path])],
        ["a hard link", () => (writeFileSync(`${path}.other`, "", { mode: 0o600 }), linkSync(`${path}.other`, path))],
        ["a directory", () => mkdirSync(path, { mode: 0o700 })],
        ["a file that others may write", () => (writeFileSync(path, ""), chmodSync(path, 0o622))],
        ["a file that others may read", () => (writeFileSync(path, ""), chmodSync(path, 0o644))],
        ["text", () => writeFileSync(path, "not a region".repeat(100), { mode: 0o600 })],
        ["data behind zeros", () => writeFileSync(path, `${"\0".repeat(100_000)}x`, { mode: 0o600 })],
      ];
      for (const [what, make] of files) {
        make();
        const before = lstatSync(path);
        const answers = [];
        for (const peer of [c, node]) answers.push(await peer.ask("open odd createOrOpen reinitialise 1000 8000 keep"));
        expect(answers[0], what).toMatch(/^ERR_SHM_/);
        expect(answers[0], what).toBe(answers[1]);
        const { ino, size, mode, mtimeMs } = lstatSync(path);
        expect({ ino, size, mode, mtimeMs }, what).toEqual({
          ino: before.ino,
          size: before.size,
          mode: before.mode,
          mtimeMs: before.mtimeMs,
        });
        rmSync(path, { recursive: true });
        rmSync(`${path}.other`, { force: true });
      }
    }),
);
