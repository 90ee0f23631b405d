/**
 * What every platform has to guarantee (runtime/os/contract.ts), asked of the one that os/index.ts has chosen. A platform is only asked
 * through its contract, so the folder of another one passes the same suite, platform*.contract.test.ts, on its own system.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startPeer } from "./peers.js";
import { codeOf, directory, freshPath, newFile, platform, rights, url } from "./platform-under-test.js";
import { A_KIND, HAS_LINKS, HAS_UNIX_TOOLS, IS_WINE } from "../support/run/system.js";

describe("file locks", () => {
  it("many may have a file shared, and then nobody exclusively", async () => {
    const { fd, path } = newFile();
    const peer = await startPeer(url);
    const theirs = await peer.call<number>("openFile", path, "read-write", path);
    expect(platform.tryShared(fd, path)).toBe(true);
    expect(await peer.call("tryShared", theirs, path)).toBe(true);
    expect(await peer.call("tryExclusive", theirs, path)).toBe(false);
    expect(await peer.call("tryShared", theirs, path)).toBe(true);
    expect(platform.tryExclusive(fd, path)).toBe(false);
    platform.closeQuietly(fd);
  });

  it("one who has a file exclusively keeps everybody else out until it unlocks", async () => {
    const { fd, path } = newFile();
    const peer = await startPeer(url);
    const theirs = await peer.call<number>("openFile", path, "read-write", path);
    expect(await peer.call("tryExclusive", theirs, path)).toBe(true);
    expect([platform.tryShared(fd, path), platform.tryExclusive(fd, path)]).toEqual([false, false]);
    await peer.call("unlock", theirs, path);
    expect(platform.tryExclusive(fd, path)).toBe(true);
    platform.closeQuietly(fd);
  });

  it("a lock belongs to the open file, so two opens of one process exclude each other", () => {
    const { fd, path } = newFile();
    const other = platform.reopen(fd, "read-write", path);
    expect(platform.tryExclusive(fd, path)).toBe(true);
    expect(platform.tryShared(other, path)).toBe(false);
    platform.closeQuietly(fd);
    expect(platform.tryShared(other, path)).toBe(true);
    platform.closeQuietly(other);
  });

  it("a reader's descriptor takes the exclusive lock as well", () => {
    const { fd, path } = newFile();
    const reader = platform.openFile(path, "read-only", path);
    expect([platform.tryExclusive(reader, path), platform.tryShared(fd, path)]).toEqual([true, false]);
    platform.closeQuietly(reader);
    platform.closeQuietly(fd);
  });

  it("a lock ends with its holder, also when that is killed", async () => {
    const { fd, path } = newFile();
    const peer = await startPeer(url);
    const theirs = await peer.call<number>("openFile", path, "read-write", path);
    expect(await peer.call("tryExclusive", theirs, path)).toBe(true);
    expect(platform.tryShared(fd, path)).toBe(false);
    await peer.kill();
    expect(platform.tryExclusive(fd, path)).toBe(true);
    platform.closeQuietly(fd);
  });

  it("a mapping does not keep a lock once it is mapped apart", () => {
    const { fd, path } = newFile();
    const request = { fd, size: 4096, access: "read-write", kind: A_KIND, path } as const;
    const { range } = platform.mapFile(request);
    platform.remapApart(range, request);
    expect(platform.tryExclusive(fd, path)).toBe(true);
    platform.closeQuietly(fd);
    const other = platform.openFile(path, "read-write", path);
    expect(platform.tryExclusive(other, path)).toBe(true);
    platform.discard(range);
    platform.closeQuietly(other);
  });
});

describe("open files and names", () => {
  it("an open file stays the same one when its name is taken away or given to another", () => {
    const { fd, path } = newFile(4096, 7);
    const before = platform.identify(fd, path);
    platform.deleteName(path, path);
    expect(platform.statOf(path)).toBeUndefined();
    const after = platform.identify(fd, path);
    // To wine a file without a name is on no volume.
    expect(after.dev).toBe(IS_WINE ? 0 : before.dev);
    expect([after.ino, after.size, after.nlink]).toEqual([before.ino, 4096, 0]);
    const other = platform.createFile(path, path);
    expect(platform.identify(other, path).ino).not.toBe(before.ino);
    expect(platform.readAt(fd, 0, 4, path)).toEqual(Uint8Array.of(7, 7, 7, 7));
    platform.closeQuietly(fd);
    platform.closeQuietly(other);
  });

  it("creating a file whose name is taken fails, and leaves the file alone", async () => {
    const { fd, path } = newFile(64, 5);
    const peer = await startPeer(url);
    await expect(peer.call("createFile", path, path)).rejects.toMatchObject({ code: "ERR_SHM_EXISTS" });
    expect(platform.readAt(fd, 0, 1, path)).toEqual(Uint8Array.of(5));
    platform.closeQuietly(fd);
  });

  it("of many who create one name at once, one succeeds", async () => {
    const path = freshPath();
    const peers = await Promise.all([1, 2, 3, 4].map(() => startPeer(url)));
    const outcomes = await Promise.allSettled(peers.map((peer) => peer.call("createFile", path, path)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("a file without a name appears under one complete, or not at all where that is taken", () => {
    const path = freshPath();
    const fd = platform.createUnnamed(directory, path);
    if (fd === undefined) return expect(platform.createUnnamed(directory, path)).toBeUndefined();
    platform.writeAt(fd, 0, new Uint8Array(64).fill(3), path);
    expect(platform.identify(fd, path).nlink).toBe(0);
    expect(platform.nameFile(fd, path, path)).toBe(true);
    const named = platform.openFile(path, "read-only", path);
    expect(platform.readAt(named, 0, 100, path)).toEqual(new Uint8Array(64).fill(3));
    const second = platform.createUnnamed(directory, path) ?? -1;
    expect(platform.nameFile(second, path, path)).toBe(false);
    for (const each of [fd, named, second]) platform.closeQuietly(each);
  });

  it("a name that is replaced under load always leads to a complete file", async () => {
    const size = 4096;
    const { fd, path } = newFile(size, 255);
    platform.closeQuietly(fd);
    const peer = await startPeer(url);
    let done = false;
    const replaced = peer.call<number>("replaceOften", directory, path, size, 2000).finally(() => (done = true));
    const seen = new Set<number>();
    let looks = 0;
    // The last look is at what the last replacement left.
    for (let last = false; !last; looks += 1) {
      last = done;
      const open = platform.openFile(path, "read-only", path);
      const bytes = platform.readAt(open, 0, size + 1, path);
      const [first = -1] = bytes;
      expect(bytes.length === size && bytes.every((byte) => byte === first)).toBe(true);
      seen.add(first);
      platform.closeQuietly(open);
      if (looks % 16 === 0) await sleep(0);
    }
    expect(await replaced).toBe(2000);
    expect(seen.has(2000 % 256)).toBe(true);
  });

  it.runIf(HAS_LINKS && HAS_UNIX_TOOLS)("opening never follows a link, and never waits for a pipe", async () => {
    const { symlinkSync } = await import("node:fs");
    const { execFileSync } = await import("node:child_process");
    const { fd, path } = newFile();
    const link = freshPath();
    symlinkSync(path, link);
    expect(codeOf(() => platform.openFile(link, "read-only", link))).toBe("ERR_SHM_FOREIGN");
    expect(platform.statOf(link)?.isFile()).toBe(false);
    const pipe = freshPath();
    execFileSync("mkfifo", [pipe]);
    const opened = platform.openFile(pipe, "read-only", pipe);
    expect(platform.identify(opened, pipe).isFile()).toBe(false);
    expect(codeOf(() => platform.checkFile(rights, platform.identify(opened, pipe), pipe))).toBe("ERR_SHM_FOREIGN");
    platform.closeQuietly(opened);
    platform.closeQuietly(fd);
  });

  it("a number that is that of no open file is told from one that is", () => {
    const { fd, path } = newFile();
    expect(platform.identifyIfOpen(fd, path)?.size).toBe(4096);
    platform.closeQuietly(fd);
    expect(platform.identifyIfOpen(1 << 20, path)).toBeUndefined();
  });

  it("a descriptor tells what it may, and where its file is or was", () => {
    const { fd, path } = newFile();
    const reader = platform.reopen(fd, "read-only", path);
    expect([platform.isWritable(fd, path), platform.isWritable(reader, path)]).toEqual([true, false]);
    expect(platform.originOf(fd, path)).toMatchObject({ kind: "file", path });
    platform.deleteName(path, path);
    expect(platform.originOf(fd, path)).toMatchObject({ kind: "file", path });
    platform.closeQuietly(reader);
    platform.closeQuietly(fd);
  });

  it("taking away a name that is free fails, unless nothing else was wished for", () => {
    const path = freshPath();
    expect(codeOf(() => platform.deleteName(path, path))).toBe("ERR_SHM_NOT_FOUND");
    expect(codeOf(() => platform.deleteNameIfPresent(path, path))).toBeUndefined();
  });
});
