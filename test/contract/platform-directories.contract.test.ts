/** See platform.contract.test.ts. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { OpenDirectory } from "../../runtime/dist/runtime/os/contract.js";
import { startPeer } from "./peers.js";
import { directory, freshPath, platform, rights, url } from "./platform-under-test.js";
import { IS_WINDOWS } from "../support/run/system.js";

describe("ownership and directories", () => {
  const placeOf = (name: string, folder?: string) => {
    const lockDirectory = join(directory, name);
    const inner = folder === undefined ? lockDirectory : join(lockDirectory, folder);
    const base = { name: "region", directory: inner, lockDirectory, folder, trunk: undefined };
    return { ...base, rights, allowUntrustedFileSystem: true };
  };
  const opened = (name: string): OpenDirectory => {
    const found = platform.openDirectory(placeOf(name), true);
    if (found === undefined) throw new Error("it was not made");
    return found;
  };

  it("a directory is made when that is wanted, with rights that pass the check", () => {
    expect(platform.openDirectory(placeOf("made"), false)).toBeUndefined();
    const made = opened("made");
    platform.checkDirectory(placeOf("made"), made);
    platform.closeQuietly(made.fd);
  });

  it("of many who make one directory at once, all open the same one", async () => {
    const peers = await Promise.all([1, 2, 3, 4].map(() => startPeer(url)));
    const openings = peers.map(async (peer) => {
      const { fd } = await peer.call<OpenDirectory>("openDirectory", placeOf("together"), true);
      const { dev, ino } = await peer.call<{ dev: number; ino: number }>("openedIdentity", fd);
      return `${dev}:${ino}`;
    });
    expect(new Set(await Promise.all(openings)).size).toBe(1);
  });

  it("the lock of a directory keeps others out, and ends with its holder", async () => {
    const own = opened("locked");
    const peer = await startPeer(url);
    const theirs = await peer.call<OpenDirectory>("openDirectory", placeOf("locked"), false);
    expect(await peer.call("tryExclusive", theirs.fd, theirs.path)).toBe(true);
    expect(platform.tryExclusive(own.fd, own.path)).toBe(false);
    await peer.kill();
    expect(platform.tryExclusive(own.fd, own.path)).toBe(true);
    platform.closeQuietly(own.fd);
  });

  // Windows renames and removes no directory in which a file is open, as the one that is locked.
  it.skipIf(IS_WINDOWS)(
    "what is opened through a directory is in that one, whatever is moved to its path",
    async () => {
      const { renameSync } = await import("node:fs");
      const own = opened("first");
      const other = opened("second");
      const fd = platform.createFile(other.file, other.file);
      platform.closeQuietly(fd);
      renameSync(join(directory, "first"), join(directory, "moved"));
      renameSync(join(directory, "second"), join(directory, "first"));
      expect(platform.statOf(own.file)).toBeUndefined();
      expect(platform.statIn(own)).toBeUndefined();
      const made = platform.makeFile(own, rights, own.file);
      expect(typeof made).toBe("number");
      expect(platform.statOf(join(directory, "moved", "region"))?.isFile()).toBe(true);
      expect(platform.statIn(own)).toEqual(platform.identify(Number(made), own.file));
      expect(platform.statIn(other)?.ino).not.toBe(platform.statIn(own)?.ino);
      for (const each of [own.fd, other.fd, Number(made)]) platform.closeQuietly(each);
    },
  );

  it("a folder goes when it is empty, and is missing then", () => {
    const place = placeOf("above", "folder");
    const lock = opened("above");
    expect(platform.openFolder(place, lock, false)).toBe("missing");
    const folder = platform.openFolder(place, lock, true);
    if (typeof folder === "string") throw new Error(folder);
    const made = platform.makeFile(folder, rights, folder.file);
    platform.removeFolder(place, lock);
    expect(platform.isThere(place.directory)).toBe(true);
    platform.deleteName(folder.file, folder.file);
    platform.removeFolder(place, lock);
    expect(platform.isThere(place.directory)).toBe(false);
    for (const each of [lock.fd, folder.fd, Number(made)]) platform.closeQuietly(each);
  });

  it.skipIf(IS_WINDOWS)("a folder below a directory that was removed is gone", async () => {
    const { rmdirSync } = await import("node:fs");
    const lock = opened("removed");
    rmdirSync(join(directory, "removed"));
    expect(platform.openFolder(placeOf("removed", "folder"), lock, true)).toBe("gone");
    platform.closeQuietly(lock.fd);
  });

  it("a file that is made passes the check of the rights it was made with, and a taken name is told", () => {
    const own = opened("files");
    const fd = platform.makeFile(own, rights, own.file);
    if (fd === "taken") throw new Error(fd);
    platform.checkFile(rights, platform.identify(fd, own.file), own.file);
    expect(platform.ownershipObstacle(platform.identify(fd, own.file), rights, true)).toBeUndefined();
    expect(platform.makeFile(own, rights, own.file)).toBe("taken");
    platform.closeQuietly(fd);
    platform.closeQuietly(own.fd);
  });

  it("names in a directory are listed with what they are", () => {
    const own = opened("listed");
    platform.closeQuietly(platform.createFile(own.file, own.file));
    // Windows has the lock of a directory in a file of its own.
    const entries = platform.namesIn(own.path, own.path).filter(({ name }) => name !== ".lock");
    expect(entries.map((entry) => [entry.name, entry.isFile()])).toEqual([["region", true]]);
    expect(platform.namesIfThere(freshPath())).toEqual([]);
    platform.closeQuietly(own.fd);
  });

  it("rights are plain data that threads can hand to each other", () => {
    expect(structuredClone(rights)).toEqual(rights);
    expect(platform.isSame(structuredClone(rights), rights)).toBe(true);
  });
});
