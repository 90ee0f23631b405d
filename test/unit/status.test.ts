import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  identify,
  identifyIfOpen,
  statFollowing,
  statIfReachable,
  statOf,
} from "../../runtime/dist/runtime/os/linux/status.js";
import { codeOf } from "../support/processes/processes.js";

const folder = fs.mkdtempSync(join(tmpdir(), "shmgen-status-"));
const server = createServer();
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  fs.writeFileSync(at("file"), "twelve bytes", { mode: 0o640 });
  fs.linkSync(at("file"), at("second-name"));
  fs.symlinkSync("file", at("link"));
  fs.symlinkSync("nowhere", at("dangling"));
  // Longer than 32 bits tell, and without a block.
  fs.writeFileSync(at("long"), "");
  fs.truncateSync(at("long"), 5 * 2 ** 32 + 7);
  execFileSync("mkfifo", [at("fifo")]);
  await new Promise<void>((resolve) => server.listen(at("socket"), resolve));
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  fs.rmSync(folder, { recursive: true, force: true });
});

/** What both say of a file. */
function facts(stat: ReturnType<typeof identify> | fs.Stats | undefined) {
  if (stat === undefined) return undefined;
  const { dev, ino, size, nlink, mode, uid, gid } = stat;
  const kinds = [stat.isFile(), stat.isDirectory(), stat.isFIFO(), stat.isSocket()];
  return { dev, ino, size, nlink, mode, uid, gid, kinds };
}

describe("the status of a file", () => {
  it("is what Node says of it, for every kind of file and on every file system here", () => {
    const names = ["file", "link", "dangling", "long", "fifo", "socket", "."].map(at);
    for (const path of names) expect(facts(statOf(path)), path).toEqual(facts(fs.lstatSync(path)));
    // Of other file systems, whose numbers of devices differ. How many names are in them may change meanwhile.
    const lasting = (stat: ReturnType<typeof facts>) => ({ ...stat, nlink: 0, size: 0 });
    const others = ["/", "/dev/null", "/dev/shm", "/proc", "/proc/version", "/sys"].filter((path) =>
      fs.existsSync(path),
    );
    for (const path of others) {
      expect(lasting(facts(statOf(path))), path).toEqual(lasting(facts(fs.lstatSync(path))));
    }
  });

  it("is that of the open file, and of what a link leads to", () => {
    const fd = fs.openSync(at("file"), "r");
    try {
      expect(facts(identify(fd, "x"))).toEqual(facts(fs.fstatSync(fd)));
      expect(facts(statFollowing(at("link"), "x"))).toEqual(facts(fs.statSync(at("file"))));
    } finally {
      fs.closeSync(fd);
    }
  });

  it("of nothing is undefined, or an error with its path, by who asks", () => {
    expect(statOf(at("missing"))).toBeUndefined();
    expect(identifyIfOpen(1_000_000, "x")).toBeUndefined();
    expect(statIfReachable(at("file/below"), "x")).toBeUndefined();
    expect(codeOf(() => identify(1_000_000, "x"))).toBe("ERR_SHM_SYSCALL");
    expect(codeOf(() => statOf(at("file/below")))).toBe("ERR_SHM_PERMISSION");
    expect(codeOf(() => statFollowing(at("dangling"), "x"))).toBe("ERR_SHM_NOT_FOUND");
  });
});
