/** shm-region.h on Windows: peers that MinGW has built, against each other and against Node for Windows, under wine. */
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Peer, type Server, buildPeers, startServerOf } from "../support/c/peer/peers.mjs";
import { dieAtEveryStep, losesLifecycle, play } from "../support/c/peer/play.js";
import { byDepth } from "../support/run/depth.js";
import { moduleOnWindows, startNodeOnWindows } from "../support/windows/node-peer.js";
import { type WindowsFolder, spawnOnWindows, windowsFolder, withoutWindows } from "../support/windows/programs.js";

const ROUNDS = byDepth(60, 300, 1000);
const NODE = 22;
const RACERS = 8;
const RACES = byDepth(10, 50);
const TURNS = byDepth(100, 1000);

describe.skipIf(withoutWindows !== undefined)(`peers in C on Windows ${withoutWindows ?? ""}`, () => {
  let built: Awaited<ReturnType<typeof buildPeers>> | undefined;
  let server: Server;
  let folder: WindowsFolder;
  let module: string;

  beforeAll(async () => {
    built = await buildPeers(undefined, "x86_64-w64-mingw32-gcc");
    folder = windowsFolder();
    mkdirSync(join(folder.path, "regions"), { mode: 0o700 });
    const serve = built.program("serve.exe", join(import.meta.dirname, "../support/c/peer/serve.c"));
    copyFileSync(serve, join(folder.path, "serve.exe"));
    module = moduleOnWindows(built.module, folder);
    server = startServerOf(
      spawnOnWindows(`${folder.windows}\\serve.exe`, [], {
        stdio: ["pipe", "pipe", "ignore"],
        env: { SHMGEN_DIR: `${folder.windows}\\regions` },
      }),
    );
  });

  afterAll(async () => {
    await server?.stop();
    built?.remove();
    folder?.remove();
  });

  const regions = (): string => join(folder.path, "regions");

  it(
    `${ROUNDS} rounds of opening, dying before every step, waiting and removing, among themselves [faults 1 2 3 4 6 7]`,
    () =>
      play({
        name: "c-peer-windows",
        rounds: ROUNDS,
        directory: regions(),
        start: { C: server.start },
        isWindows: true,
      }),
    600_000,
  );

  it("die before every step, one after the other, and leave what the protocol says [faults 1 2 3 4]", async () => {
    expect(await dieAtEveryStep(server.start)).toBeGreaterThan(45);
  }, 600_000);

  it(`open a region at once: one of ${RACERS} makes it, ${RACES} times [fault 1]`, async () => {
    const racers = await Promise.all(Array.from({ length: RACERS }, () => server.start()));
    for (let race = 1; race <= RACES; race += 1) {
      const all = racers.map((peer, at) =>
        peer.ask(`open race createOrOpen reinitialise 20000 ${race * 1000 + at} last-close`),
      );
      const answers = await Promise.all(all);
      const [made = "", ...others] = answers.filter((answer) => answer.startsWith("created"));
      expect({ made, others }).toEqual({ made: expect.stringMatching(/^created 1 \d+ 0 whole current$/), others: [] });
      const seen = made.replace("created", "opened");
      expect(answers.filter((answer) => answer === seen).length).toBe(RACERS - 1);
      expect(await Promise.all(racers.map((peer) => peer.ask("close")))).toEqual(racers.map(() => "ok"));
      expect(readdirSync(regions())).not.toContain("race");
    }
    await Promise.all(racers.map((peer) => peer.kill()));
  }, 600_000);

  /** Node's peers, as long as `work` takes. */
  async function withNode(work: (start: () => Promise<Peer>) => Promise<void>): Promise<void> {
    const watcher = await server.start();
    const onceGone = async (pid: number): Promise<void> => void (await watcher.ask(`await ${pid}`));
    await work(() => startNodeOnWindows(NODE, module, folder, onceGone));
    await watcher.kill();
  }

  it(
    `${ROUNDS} rounds of the same with Node ${NODE} [faults 1 2 3 4 6 7]`,
    () =>
      withNode((Node) =>
        play({
          name: "c-peer-windows-node",
          rounds: ROUNDS,
          directory: regions(),
          start: { C: server.start, Node },
          isWindows: true,
        }),
      ),
    600_000,
  );

  it("whose lifecycle lock goes before their other locks are not taken for users [faults 1 2 3 4]", async () => {
    await withNode(async (startNode) => {
      const openers = [await server.start(), await startNode()] as const;
      for (const opener of openers) await losesLifecycle(server.start, opener);
      for (const opener of openers) await opener.kill();
    });
  }, 600_000);

  it("say how they have a file: alone while they initialise it, and with others afterwards", async () => {
    const [c, other] = [await server.start(), await server.start()];
    const pid = await c.ask("pid");
    await c.ask("at initialise.payload hang");
    const open = "open marked createOrOpen reinitialise 20000 1000 last-close";
    expect(await c.ask(open)).toBe("at initialise.payload");
    expect(await other.ask(`mark marked ${pid}`)).toBe("exclusive");
    await c.kill();
    expect(await other.ask(`mark marked ${pid}`)).toBe("none");
    expect(await other.ask(open)).toMatch(/^reinitialised 2 /);
    const user = await server.start();
    expect(await user.ask(open)).toMatch(/^opened /);
    for (const peer of [other, user]) expect(await other.ask(`mark marked ${await peer.ask("pid")}`)).toBe("shared");
    expect(await user.ask("close")).toBe("ok");
    expect(await other.ask(`mark marked ${await user.ask("pid")}`)).toBe("none");
    await Promise.all([other.kill(), user.kill()]);
  }, 60_000);

  it(
    `and Node see every change of each other's in ${TURNS.toLocaleString("en")} turns, and who lives [fault 1]`,
    () =>
      withNode(async (startNode) => {
        const [c, node] = [await server.start(), await startNode()];
        for (let turn = 1; turn <= TURNS; turn += 1) {
          const [first, second] = turn % 2 === 0 ? [c, node] : [node, c];
          const cleanup = turn % 3 === 0 ? "keep" : "last-close";
          const stale = (turn - 1) % 3 === 0 && turn > 1;
          const [made, generation] = stale ? ["reinitialised", 2] : ["created", 1];
          const facts = (sum: number): string => `${generation} ${turn * 1000} ${sum} whole current`;
          expect(await first.ask(`open turns createOrOpen reinitialise 20000 ${turn * 1000} ${cleanup}`)).toBe(
            `${made} ${facts(0)}`,
          );
          expect(await first.ask(`add ${turn}`)).toBe("ok");
          expect(await second.ask("open turns create reinitialise 20000 1 keep")).toBe("ERR_SHM_EXISTS");
          expect(await second.ask(`open turns open throw 20000 1 ${cleanup}`)).toBe(`opened ${facts(turn)}`);
          expect(await second.ask("add 7")).toBe("ok");
          expect(await first.ask("see")).toBe(`seen ${facts(turn + 7)}`);
          expect(await Promise.all([first.ask("close"), second.ask("close")])).toEqual(["ok", "ok"]);
        }
        await Promise.all([c.kill(), node.kill()]);
      }),
    600_000,
  );
});
