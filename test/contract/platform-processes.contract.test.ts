/** See platform.contract.test.ts. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Platform } from "../../runtime/dist/runtime/os/contract.js";
import { startPeer } from "./peers.js";
import { codeOf, directory, freshPath, newFile, platform, until, url } from "./platform-under-test.js";
import { IS_WINDOWS, IS_WINE } from "../support/run/system.js";

describe("processes", () => {
  it("a process that runs is told from one that has ended", async () => {
    const peer = await startPeer(url);
    const stamp = await peer.call<ReturnType<Platform["ownStamp"]>>("ownStamp");
    expect(stamp.pid).toBe(peer.pid);
    expect([platform.stillRuns(stamp), platform.stillRuns(platform.ownStamp())]).toEqual([true, true]);
    expect(platform.processState(peer.pid)).not.toBe("gone");
    await peer.kill();
    expect(platform.stillRuns(stamp)).toBe(false);
    expect(platform.processState(peer.pid)).toBe("gone");
  });

  it("another process that got the number of one that has ended is not taken for it", () => {
    const own = platform.ownStamp();
    expect(platform.stillRuns({ ...own, startTime: own.startTime + 1n })).toBe(false);
    expect(platform.stillRuns({ ...own, bootId: own.bootId ^ 1n })).toBe(false);
  });

  it("who has a file locked is found, with what it is", async () => {
    const { fd, path } = newFile();
    const file = platform.identify(fd, path);
    const peer = await startPeer(url);
    const theirs = await peer.call<number>("openFile", path, "read-write", path);
    expect(await peer.call("tryExclusive", theirs, path)).toBe(true);
    const key = platform.fileKey(file);
    // The list may miss a lock while others come and go.
    await until(() => platform.lockTakers(new Set([key])).get(key)?.[0]?.pid === peer.pid);
    await until(() => platform.lockHolder(file.dev, file.ino)?.pid === peer.pid);
    const { holders } = platform.lockedDescriptors(new Set([key]), [{ pid: peer.pid }]);
    expect(holders.get(key)).toEqual([{ pid: peer.pid, exclusive: true }]);
    // To wine a command line is its own process's business.
    expect(platform.describeProcess(peer.pid)).toContain(IS_WINE ? "node" : "peer.mjs");
    await peer.kill();
    expect(platform.lockTakers(new Set([key])).get(key)).toBeUndefined();
    platform.closeQuietly(fd);
  });

  it("a session is one number for a process and for those that it starts", async () => {
    const peer = await startPeer(url);
    expect(await peer.call("ownSession", directory, "")).toBe(platform.ownSession(directory, ""));
  });

  it("a thread that runs is told from one that never was", () => {
    const own = platform.threadStamp();
    if (own === undefined) return expect(platform.mayRun(1n, own)).toBe(true);
    expect(platform.mayRun(own, own)).toBe(true);
    expect(platform.mayRun(own ^ (1n << 40n), own)).toBe(false);
  });
});

describe("memory without a name and hand-over", () => {
  it("sealed memory keeps its length, and can be proven to", async () => {
    const { ftruncateSync } = await import("node:fs");
    const made = platform.createMemory("contract", "memory");
    if (made === undefined) return expect(made).toBeUndefined();
    const { fd, path } = made;
    platform.allocate(fd, 4096, path);
    expect(codeOf(() => platform.checkSealed(fd, path))).toBe("ERR_SHM_UNSUPPORTED");
    platform.sealMemory(fd, false, path);
    platform.checkSealed(fd, path);
    expect(platform.isSealedAtSize(fd)).toBe(true);
    expect(codeOf(() => ftruncateSync(fd, 0))).toBe("EPERM");
    expect(codeOf(() => ftruncateSync(fd, 8192))).toBe("EPERM");
    expect(platform.originOf(fd, path)).toMatchObject({ kind: "memory", label: "contract" });
    platform.closeQuietly(fd);
  });

  it("memory that may grow is sealed against becoming shorter alone", async () => {
    const { ftruncateSync } = await import("node:fs");
    const made = platform.createMemory("contract", "memory");
    if (made === undefined) return expect(made).toBeUndefined();
    const { fd, path } = made;
    platform.allocate(fd, 4096, path);
    platform.sealMemory(fd, true, path);
    expect(platform.isSealedAtSize(fd)).toBe(false);
    ftruncateSync(fd, 8192);
    expect(codeOf(() => ftruncateSync(fd, 4096))).toBe("EPERM");
    platform.closeQuietly(fd);
  });

  it("a temporary file never has a name", () => {
    const open = { fd: -1, path: directory, file: join(directory, "none"), name: "none" };
    const { fd, path } = platform.createTemporary(open, directory);
    // On Windows it has one that nobody is told.
    expect(platform.identify(fd, path).nlink).toBe(IS_WINDOWS ? 1 : 0);
    expect(platform.statOf(open.file)).toBeUndefined();
    expect(platform.originOf(fd, path).kind).toBe(IS_WINDOWS ? "memory" : "temporary");
    platform.closeQuietly(fd);
  });

  it("what another process has open is opened by its number there, until it closes it or ends", async () => {
    const { fd, path } = newFile(64, 6);
    const file = platform.identify(fd, path);
    const peer = await startPeer(url);
    const theirs = await peer.call<number>("openFile", path, "read-write", path);
    const from = await peer.call<ReturnType<Platform["foreignDescriptorOf"]>>("foreignDescriptorOf", theirs, path);
    const own = platform.openForeignDescriptor(from, file, "read-only");
    expect(platform.readAt(Number(own), 0, 1, path)).toEqual(Uint8Array.of(6));
    const elsewhere = newFile();
    const other = platform.identify(elsewhere.fd, path);
    expect(platform.openForeignDescriptor(from, other, "read-only")).toBe("replaced");
    await peer.call("closeQuietly", theirs);
    expect(platform.openForeignDescriptor(from, file, "read-only")).toBe("closed");
    await peer.kill();
    expect(platform.openForeignDescriptor(from, file, "read-only")).toBe("ended");
    for (const each of [fd, Number(own), elsewhere.fd]) platform.closeQuietly(each);
  });

  // Descriptors go over Unix sockets.
  it.skipIf(IS_WINDOWS)("a descriptor that is sent arrives as the very file, with who sent it", async () => {
    const path = freshPath();
    const listener = platform.prepareListener(path, false);
    expect(platform.publishListener(listener)).toBe(true);
    const { dev, ino } = platform.listenerStatus(listener);
    platform.endPreparation(listener);
    const { fd, path: shown } = newFile(64, 8);
    const peer = await startPeer(url);
    const theirs = await peer.call<number>("openFile", shown, "read-only", shown);
    const sent = peer.call("sendDescriptor", path, theirs, "hello");
    let connection: number | undefined;
    await until(() => (connection = platform.acceptFrom(listener.fd, path)) !== undefined);
    const from = connection ?? -1;
    let message: ReturnType<Platform["receiveMessage"]>;
    await until(() => (message = platform.receiveMessage(from, 100, path)) !== undefined);
    expect(await sent).toBe(true);
    if (message === undefined || message === "ended") throw new Error("nothing came");
    expect(Buffer.from(message.bytes).toString()).toBe("hello");
    const [arrived = -1] = message.descriptors;
    const [one, other] = [platform.identify(arrived, path), platform.identify(fd, shown)];
    expect([one.dev, one.ino]).toEqual([other.dev, other.ino]);
    expect(platform.peerOf(from, path)).toMatchObject({ pid: peer.pid, uid: platform.ownUser() });
    for (const each of [arrived, from, listener.fd]) platform.closeForeign(each);
    platform.removeListener(path, { dev, ino });
    expect(platform.statOf(path)).toBeUndefined();
    platform.closeQuietly(fd);
  });

  it.skipIf(IS_WINDOWS)(
    "a listener's name that a killed one left is taken over, one that is in use is not",
    async () => {
      const path = freshPath();
      const peer = await startPeer(url);
      const theirs = await peer.call<ReturnType<Platform["prepareListener"]>>("prepareListener", path, false);
      expect(await peer.call("publishListener", theirs)).toBe(true);
      const own = platform.prepareListener(path, false);
      expect(platform.publishListener(own)).toBe(false);
      expect(platform.removeDeadListener(own)).toBe("alive");
      await peer.kill();
      expect(platform.removeDeadListener(own)).toBe("removed");
      expect(platform.publishListener(own)).toBe(true);
      const status = platform.listenerStatus(own);
      platform.endPreparation(own);
      platform.removeListener(path, status);
      platform.closeForeign(own.fd);
    },
  );

  it.skipIf(IS_WINDOWS)("a name that something else has is never taken over by a listener", () => {
    const { fd, path } = newFile();
    const own = platform.prepareListener(path, false);
    expect([platform.publishListener(own), platform.removeDeadListener(own)]).toEqual([false, "foreign"]);
    platform.endPreparation(own);
    platform.closeForeign(own.fd);
    platform.closeQuietly(fd);
  });
});
