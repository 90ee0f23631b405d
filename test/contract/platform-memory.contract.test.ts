/** See platform.contract.test.ts. */
import { describe, expect, it, onTestFinished } from "vitest";
import { startPeer } from "./peers.js";
import { codeOf, freshPath, newFile, platform, until, url } from "./platform-under-test.js";
import { A_KIND, IS_WINDOWS, KINDS } from "../support/run/system.js";

describe("blocks", () => {
  it("space that is allocated is there, reads as zeros and makes the file that long", () => {
    const { fd, path } = newFile(1 << 20);
    expect(platform.sizeOf(fd, path)).toBe(1 << 20);
    expect(platform.searchData({ fd, from: 0, to: 1 << 20, path })).toBe("zeros");
    platform.closeQuietly(fd);
  });

  it("more space than there is refuses to be allocated, and no store meets a signal", () => {
    const { fd, path } = newFile();
    // More than a file of Windows may have is another error there.
    expect(codeOf(() => platform.allocate(fd, 2 ** 52, path))).toMatch(
      IS_WINDOWS ? /^ERR_SHM_(NO_SPACE|SYSCALL)$/ : /^ERR_SHM_NO_SPACE$/,
    );
    platform.closeQuietly(fd);
  });

  it("what is given back or zeroed reads as zeros, and the length stays", () => {
    const { fd, path } = newFile(1 << 20, 9);
    expect(platform.searchData({ fd, from: 0, to: 1 << 20, path })).toBe("data");
    platform.zeroFile({ fd, from: 4096, to: 1 << 20, path });
    expect(platform.sizeOf(fd, path)).toBe(1 << 20);
    expect(platform.searchData({ fd, from: 4096, to: 1 << 20, path })).toBe("zeros");
    expect(platform.readAt(fd, 4095, 2, path)).toEqual(Uint8Array.of(9, 0));
    platform.freeBlocks(fd, 0, 4096, path);
    expect(platform.sizeOf(fd, path)).toBe(1 << 20);
    platform.closeQuietly(fd);
  });

  it("a search that is given up says that it does not know", () => {
    const { fd, path } = newFile(1 << 20);
    platform.writeAt(fd, 0, new Uint8Array(1 << 20), path);
    const search = { fd, from: 0, to: 1 << 20, path, goesOn: () => false };
    expect(["unknown", "zeros"]).toContain(platform.searchData(search));
    platform.writeAt(fd, (1 << 20) - 1, Uint8Array.of(1), path);
    expect(platform.searchData({ fd, from: 0, to: 1 << 20, path })).toBe("data");
    platform.closeQuietly(fd);
  });
});

describe("mappings", () => {
  for (const kind of KINDS) {
    it(`a store into a mapping of kind ${kind} is seen by another process, and in the file`, async () => {
      const { fd, path } = newFile();
      const { buffer, range } = platform.mapFile({ fd, size: 4096, access: "read-write", kind, path });
      const words = new Int32Array(buffer, 0, 4);
      const peer = await startPeer(url);
      const theirs = await peer.call<number>("openFile", path, "read-write", path);
      await peer.call("map", "m", { fd: theirs, size: 4096, access: "read-write", kind: "auto", path });
      Atomics.store(words, 1, 17);
      expect(await peer.call("load", "m", 1)).toBe(17);
      await peer.call("store", "m", 2, 23);
      expect(Atomics.load(words, 2)).toBe(23);
      expect(platform.readAt(fd, 4, 1, path)).toEqual(Uint8Array.of(17));
      platform.discard(range);
      platform.closeQuietly(fd);
    });

    it(`a mapping of kind ${kind} that is discarded reads zeros, while another process still maps the file`, async () => {
      const { fd, path } = newFile();
      const { buffer, range } = platform.mapFile({ fd, size: 4096, access: "read-write", kind, path });
      const words = new Int32Array(buffer, 0, 4);
      const peer = await startPeer(url);
      const theirs = await peer.call<number>("openFile", path, "read-write", path);
      await peer.call("map", "m", { fd: theirs, size: 4096, access: "read-write", kind: "auto", path });
      Atomics.store(words, 0, 99);
      platform.discard(range);
      expect(Atomics.load(words, 0)).toBe(0);
      Atomics.store(words, 0, 5);
      expect(await peer.call("load", "m", 0)).toBe(99);
      await peer.call("discardMapping", "m");
      expect(await peer.call("load", "m", 0)).toBe(0);
      expect(platform.readAt(fd, 0, 1, path)).toEqual(Uint8Array.of(99));
      platform.closeQuietly(fd);
    });
  }

  it("private stores stay with the one who made them", () => {
    const { fd, path } = newFile(4096, 1);
    const { buffer, range } = platform.mapFile({ fd, size: 4096, access: "private", kind: A_KIND, path });
    new Uint8Array(buffer)[0] = 200;
    expect(platform.readAt(fd, 0, 1, path)).toEqual(Uint8Array.of(1));
    platform.discard(range);
    platform.closeQuietly(fd);
  });

  // Only a Wasm memory keeps addresses for more.
  it.skipIf(IS_WINDOWS)("a mapping is extended behind what it shows, and what was there stays", () => {
    const { fd, path } = newFile(65536, 4);
    const request = { fd, size: 65536, reserve: 131072, access: "read-write", kind: "wasm", path } as const;
    const { buffer, range } = platform.mapFile(request);
    const bytes = new Uint8Array(buffer);
    platform.allocate(fd, 131072, path);
    platform.writeAt(fd, 65536, Uint8Array.of(8), path);
    platform.extendMapping(range, 65536, 131072, request);
    expect([bytes[0], bytes[65536]]).toEqual([4, 8]);
    expect(platform.isMappedAt(range.address, platform.identify(fd, path).ino, path)).toBe(true);
    platform.discard(range);
    expect([bytes[0], bytes[65536]]).toEqual([0, 0]);
    expect(platform.isMappedAt(range.address, platform.identify(fd, path).ino, path)).toBe(false);
    platform.closeQuietly(fd);
  });

  it("what allocate promises for a mapping is in the file when it is mapped", () => {
    const path = freshPath();
    const fd = platform.createFile(path, path);
    const { buffer, range } = platform.mapFile({
      fd,
      size: 8192,
      access: "read-write",
      kind: "auto",
      path,
      allocate: true,
    });
    new Uint8Array(buffer)[8191] = 1;
    expect(platform.readAt(fd, 8191, 2, path)).toEqual(Uint8Array.of(1));
    platform.discard(range);
    platform.closeQuietly(fd);
  });

  it("what is too large for a kind of mapping is refused by its size alone", () => {
    // How long the buffer of a view may be depends on the version of Node, and newer ones know no limit.
    const request = { size: 2 ** 53 - 1, kind: "wasm", path: "nowhere" } as const;
    expect(codeOf(() => platform.checkMappable(request))).toBe("ERR_SHM_UNSUPPORTED");
  });
});

/** Words of a file, all 0 and mapped until the test ends: on Windows no others can be slept on. */
function mappedWords(): { readonly address: number } {
  const { fd, path } = newFile();
  const { range } = platform.mapFile({ fd, size: 4096, access: "read-write", kind: A_KIND, path });
  onTestFinished(() => {
    platform.discard(range);
    platform.closeQuietly(fd);
  });
  return { address: range.address };
}

describe("waiting", () => {
  it("a process that sleeps on a word is woken by another one", async () => {
    const { fd, path } = newFile();
    const { buffer, range } = platform.mapFile({ fd, size: 4096, access: "read-write", kind: A_KIND, path });
    const words = new Int32Array(buffer, 0, 4);
    const peer = await startPeer(url);
    const theirs = await peer.call<number>("openFile", path, "read-write", path);
    await peer.call("map", "m", { fd: theirs, size: 4096, access: "read-write", kind: "view", path });
    const woken = peer.call("sleepAt", "m", 3, 0);
    await peer.event("sleeping");
    // It says so a little before it sleeps. Nothing is stored, so only a wake-up ends its sleep.
    await until(() => platform.wake(range.address + 12, 1) === 1);
    expect(await woken).toBe("ok");
    Atomics.store(words, 3, 1);
    expect(await peer.call("sleepAt", "m", 3, 0)).toBe("not-equal");
    platform.discard(range);
    platform.closeQuietly(fd);
  });

  it("a word that has changed already is not slept on, and time ends a sleep", () => {
    const { address } = mappedWords();
    expect(platform.wait({ address, expected: 1 }, 10_000)).toBe("not-equal");
    let result = platform.wait({ address, expected: 0 }, 1);
    while (result === "interrupted") result = platform.wait({ address, expected: 0 }, 1);
    expect(result).toBe("timed-out");
    expect(platform.wake(address, 1)).toBe(0);
  });

  it("a wait on several words ends at once when one of them has changed", () => {
    const { address } = mappedWords();
    expect(platform.WAIT_ANY_MAX).toBeGreaterThanOrEqual(1);
    const found = platform.waitAny(
      [
        { address, expected: 0 },
        { address: address + 4, expected: 1 },
      ],
      10_000,
    );
    expect([-1, undefined]).toContain(found);
  });

  it("sleeps that end as events are found at once, end once, and take nothing when they are cancelled", async () => {
    const { address } = mappedWords();
    const ended: [number, unknown][] = [];
    const sleeps = platform.openEventWaits({
      ended: (id, result) => ended.push([id, result]),
      lost: (error) => ended.push([0, error]),
    });
    // Where the platform has none, waitAny serves.
    if (sleeps === undefined) return;
    sleeps.keepAlive(true);
    sleeps.start(1, { address, expected: 0 }, Infinity);
    sleeps.start(2, { address: address + 4, expected: 1 }, Infinity);
    sleeps.start(3, { address: address + 8, expected: 0 }, 1);
    sleeps.start(4, { address: address + 12, expected: 0 }, Infinity);
    sleeps.start(5, { address: 4096, expected: 0 }, Infinity);
    sleeps.cancel([4]);
    expect([platform.wake(address, 10), platform.wake(address + 12, 10)]).toEqual([1, 0]);
    await until(() => ended.filter(([id]) => id !== 4).length === 4);
    const others = ended.filter(([id]) => id !== 4).sort(([a], [b]) => a - b);
    expect(others).toEqual([
      [1, "ok"],
      [2, "ok"],
      [3, "timed-out"],
      [5, "gone"],
    ]);
    sleeps.keepAlive(false);
  });

  it("a wait where nothing is mapped says that it is gone", () => {
    expect(platform.wait({ address: 4096, expected: 0 }, 0)).toBe("gone");
  });
});
