/** Locks of single bytes, on which the liveness of participants rests: runtime/os/contract.ts. See platform.contract.test.ts. */
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { startPeer } from "./peers.js";
import { codeOf, newFile, platform, until, url } from "./platform-under-test.js";
import { HAS_SIGNALS, IS_WINDOWS } from "../support/run/system.js";

const AT = 0x4000_0000_0000_0000n;

describe("locks of bytes", () => {
  it("one has a byte, others are refused and see that, and other bytes are free", async () => {
    const { fd, path } = newFile();
    const peer = await startPeer(url);
    const theirs = await peer.call<number>("openFile", path, "read-write", path);
    expect(await peer.call("tryLockByte", theirs, AT + 1n, path)).toBe(true);
    expect([platform.tryLockByte(fd, AT + 1n, path), platform.isByteLocked(fd, AT + 1n, path)]).toEqual([false, true]);
    expect([platform.isByteLocked(fd, AT, path), platform.isByteLocked(fd, AT + 2n, path)]).toEqual([false, false]);
    expect(platform.tryLockByte(fd, AT + 2n, path)).toBe(true);
    await peer.call("unlockByte", theirs, AT + 1n, path);
    expect([platform.isByteLocked(fd, AT + 1n, path), platform.tryLockByte(fd, AT + 1n, path)]).toEqual([false, true]);
    expect(await peer.call("isByteLocked", theirs, AT + 1n, path)).toBe(true);
    platform.closeQuietly(fd);
    expect(await peer.call("isByteLocked", theirs, AT + 1n, path)).toBe(false);
  });

  it("a lock belongs to the open file: it is got again, shows to nobody through it, and closing another descriptor does nothing", () => {
    const { fd, path } = newFile();
    const other = platform.reopen(fd, "read-write", path);
    const third = platform.reopen(fd, "read-only", path);
    expect([platform.tryLockByte(fd, AT, path), platform.tryLockByte(fd, AT, path)]).toEqual([true, true]);
    expect([platform.isByteLocked(fd, AT, path), platform.tryLockByte(other, AT, path)]).toEqual([false, false]);
    platform.closeQuietly(other);
    expect(platform.isByteLocked(third, AT, path)).toBe(true);
    platform.closeQuietly(fd);
    expect(platform.isByteLocked(third, AT, path)).toBe(false);
    // Windows does not ask for it.
    expect(codeOf(() => platform.tryLockByte(third, AT, path))).toBe(IS_WINDOWS ? undefined : "ERR_SHM_SYSCALL");
    platform.closeQuietly(third);
  });

  it("unlocking a byte leaves its neighbours locked", () => {
    const { fd, path } = newFile();
    const other = platform.reopen(fd, "read-only", path);
    for (const byte of [AT, AT + 1n, AT + 2n]) platform.tryLockByte(fd, byte, path);
    platform.unlockByte(fd, AT + 1n, path);
    expect([AT, AT + 1n, AT + 2n].map((byte) => platform.isByteLocked(other, byte, path))).toEqual([true, false, true]);
    for (const one of [fd, other]) platform.closeQuietly(one);
  });

  it("bytes and the whole file are locked apart from each other", () => {
    const { fd, path } = newFile();
    const other = platform.reopen(fd, "read-write", path);
    expect([platform.tryExclusive(fd, path), platform.tryLockByte(other, AT, path)]).toEqual([true, true]);
    expect([platform.tryShared(other, path), platform.tryLockByte(fd, AT, path)]).toEqual([false, false]);
    for (const one of [fd, other]) platform.closeQuietly(one);
  });

  it("a lock goes at once when its holder is killed, and stays while it is stopped", async () => {
    const { fd, path } = newFile();
    const peer = await startPeer(url);
    const theirs = await peer.call<number>("openFile", path, "read-write", path);
    await peer.call("tryLockByte", theirs, AT + 0xfffen, path);
    if (HAS_SIGNALS) process.kill(peer.pid, "SIGSTOP");
    expect(platform.isByteLocked(fd, AT + 0xfffen, path)).toBe(true);
    await peer.kill();
    // Windows drops locks some time after a process has ended.
    if (IS_WINDOWS) await until(() => !platform.isByteLocked(fd, AT + 0xfffen, path));
    expect(platform.isByteLocked(fd, AT + 0xfffen, path)).toBe(false);
    platform.closeQuietly(fd);
  });

  it("a lock goes with the worker that has it, when that is terminated", async () => {
    const { fd, path } = newFile();
    const source = `const { parentPort, workerData: { url, path, at } } = require("node:worker_threads");
      void import(url).then((platform) => {
        globalThis.fd = platform.openFile(path, "read-write", path);
        parentPort.postMessage(platform.tryLockByte(globalThis.fd, at, path));
        setInterval(() => {}, 1000);
      });`;
    const worker = new Worker(source, { eval: true, workerData: { url, path, at: AT } });
    expect(await new Promise((resolve) => worker.once("message", resolve))).toBe(true);
    expect(platform.isByteLocked(fd, AT, path)).toBe(true);
    await worker.terminate();
    await until(() => !platform.isByteLocked(fd, AT, path));
    expect(platform.tryLockByte(fd, AT, path)).toBe(true);
    platform.closeQuietly(fd);
  });
});
