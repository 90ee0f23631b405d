import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  identify,
  identifyIfOpen,
  statFollowing,
  statIfReachable,
  statOf,
} from "../../runtime/dist/runtime/os/posix/status.js";
import { codeOf } from "../support/processes/processes.js";
import { filesOfAllKinds, KINDS } from "../support/syscalls/files-of-all-kinds.js";

const folder = filesOfAllKinds();
const at = (name: string): string => join(folder, name);

/** What both say of a file. */
function facts(stat: ReturnType<typeof identify> | fs.Stats | undefined) {
  if (stat === undefined) return undefined;
  const { dev, ino, size, nlink, mode, uid, gid } = stat;
  const kinds = [stat.isFile(), stat.isDirectory(), stat.isFIFO(), stat.isSocket()];
  return { dev, ino, size, nlink, mode, uid, gid, kinds };
}

describe("the status of a file", () => {
  it("is what Node says of it, for every kind of file and on every file system here", () => {
    for (const path of [...KINDS, "."].map(at)) expect(facts(statOf(path)), path).toEqual(facts(fs.lstatSync(path)));
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
