import { existsSync, readdirSync, statSync } from "node:fs";
import { expect, it } from "vitest";
import type { OpenOptions } from "@shmgen/runtime";
import { Counter } from "../support/regions/counter.mjs";
import { byDepth, isFull, someOf } from "../support/run/depth.js";
import { regionDirectory } from "../support/processes/processes.js";
import {
  callsBetweenMarks,
  failedCall,
  liveUnderStrace,
  meetEach,
  ownDirectory,
  straceWorks,
} from "../support/syscalls/strace.js";

const base = regionDirectory();
const ERRNOS = ["EIO", "ENOSPC", "ENOMEM", "EMFILE", "EACCES", "EROFS", "ENOLCK", "EINVAL", "ENOSYS", "EPERM"];
const title = straceWorks ? "" : " (skipped: strace is missing or may not trace here)";

it.skipIf(!straceWorks)(
  `a failure of any system call is one typed error, and leaves no descriptor, mapping or file${title} [N-19, fault 46, figure 5]`,
  async () => {
    const reference = await liveUnderStrace(ownDirectory(base));
    // Not close: Linux releases a descriptor whatever close returns, but an injected failure does not even call it.
    const calls = callsBetweenMarks(reference.lines).filter((call) => call.name !== "close");
    // Two errors for each call, going round, so that in the end each error meets many calls; in full all of them.
    const pairs = calls.flatMap((call, index) =>
      ERRNOS.filter((_, n) => isFull || Math.floor(n / 2) === index % (ERRNOS.length / 2)).map((errno) => ({
        name: call.name,
        when: call.when,
        line: call.line,
        errno,
      })),
    );
    const trials = isFull ? pairs : someOf(pairs, 7, 3);
    const codes = new Map<string, number>();
    const failures = await meetEach(trials, async ({ name, when, errno }) => {
      const directory = ownDirectory(base);
      const injection = `${name}:error=${errno}:when=${when}`;
      const { report, lines } = await liveUnderStrace(directory, injection);
      const failed = failedCall(lines);
      if (failed === undefined) return false;
      const where = `${injection} ${failed} -> ${JSON.stringify(report)}`;
      expect(report, where).toBeDefined();
      codes.set(report?.code ?? "", (codes.get(report?.code ?? "") ?? 0) + 1);
      expect(report?.code, where).toMatch(/^(none|ERR_SHM_[A-Z_]+)$/);
      if (report?.code !== "none") expect(report?.message, where).toContain("path=");
      expect(report?.descriptors, where).toBe(0);
      // Zero pages that were refused leave the mapping, until its buffer is collected.
      expect(report?.mappings, where).toBe(
        failed.includes("MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS|MAP_NORESERVE") ? 1 : 0,
      );
      if (report?.code !== "none") expect(existsSync(`${directory}/life`), where).toBe(false);
      // Whatever failed, the next one works.
      const region = Counter.createOrOpen("life", { directory, timeoutMs: 1000 });
      expect(region.data.count, where).toBe(0);
      region.close();
      return true;
    });
    console.log(`${failures} failures: ${[...codes].map(([code, count]) => `${code} ${count}`).join(", ")}`);
    expect(codes.get("ERR_SHM_SYSCALL")).toBeGreaterThan(0);
    expect(codes.get("ERR_SHM_PERMISSION") ?? 0).toBeGreaterThanOrEqual(byDepth(0, 1));
  },
  1_200_000,
);

const SHARED: readonly (readonly ["machine" | "session", (directory: string) => OpenOptions])[] = [
  ["machine", (directory) => ({ scope: "machine", directory: `${directory}/m` })],
  ["session", (directory) => ({ scope: "session", directory })],
];
it.skipIf(!straceWorks).each(SHARED)(
  `a failure in the scope of the %s leaves none either, nor a half-made directory${title} [N-19 N-25, fault 46]`,
  async (scope, optionsIn) => {
    const first = ownDirectory(base);
    const reference = await liveUnderStrace(first, undefined, optionsIn(first));
    expect(reference.report).toMatchObject({ outcome: "created", code: "none" });
    const calls = callsBetweenMarks(reference.lines).filter((call) => call.name !== "close");
    const kinds = new Set(calls.map((call) => call.name));
    for (const name of scope === "machine" ? ["mkdir", "renameat2", "linkat", "fchmod"] : ["mkdir", "rmdir"]) {
      expect(kinds, name).toContain(name);
    }
    const codes = new Map<string, number>();
    const trials = someOf(calls, 6, 2);
    const tried = await meetEach(trials, async (call, index) => {
      const directory = ownDirectory(base);
      const options = optionsIn(directory);
      const injection = `${call.name}:error=${ERRNOS[(index * 3) % ERRNOS.length]}:when=${call.when}`;
      const { report, lines } = await liveUnderStrace(directory, injection, options);
      const failed = failedCall(lines);
      if (failed === undefined) return false;
      const where = `${injection} ${failed} -> ${JSON.stringify(report)}`;
      expect(report?.code, where).toMatch(/^(none|ERR_SHM_[A-Z_]+)$/);
      codes.set(report?.code ?? "", (codes.get(report?.code ?? "") ?? 0) + 1);
      expect(report, where).toMatchObject({ descriptors: 0 });
      const left = (readdirSync(directory, { recursive: true }) as string[]).filter((path) => path.endsWith("life"));
      if (report?.code !== "none") expect(left, where).toEqual([]);
      // Half-made directories only where removing them is what failed.
      const half = readdirSync(directory).filter((name) => name.startsWith("."));
      if (!failed.includes("rmdir")) expect(half, where).toEqual([]);
      const region = Counter.createOrOpen("life", { ...optionsIn(directory), timeoutMs: 1000 });
      expect(region.data.count, where).toBe(0);
      region.close();
      return true;
    });
    console.log(`${tried} failures: ${[...codes].map(([code, count]) => `${code} ${count}`).join(", ")}`);
    expect(tried).toBeGreaterThan(trials.length / 2);
    expect(codes.size).toBeGreaterThan(1);
  },
  240_000,
);

it.skipIf(!straceWorks)(`a file system without unnamed files has shared regions all the same${title}`, async () => {
  const options = { scope: "machine", cleanup: "keep" };
  const first = ownDirectory(base);
  const { lines } = await liveUnderStrace(first, undefined, { ...options, directory: `${first}/m` });
  const unnamed = callsBetweenMarks(lines).find(({ line }) => line.includes("O_TMPFILE"));
  for (const errno of ["EOPNOTSUPP", "EISDIR"]) {
    const directory = ownDirectory(base);
    const where = { ...options, directory: `${directory}/m` };
    const life = await liveUnderStrace(directory, `openat:error=${errno}:when=${unnamed?.when}`, where);
    expect(failedCall(life.lines)).toContain("O_TMPFILE");
    expect(life.report).toMatchObject({ outcome: "created", code: "none", descriptors: 0, mappings: 0 });
    expect((statSync(`${directory}/m/life`).mode & 0o7777).toString(8)).toBe("666");
  }
});

it.skipIf(!straceWorks)(`an interrupted system call is repeated${title} [fault 45]`, async () => {
  const locks = await liveUnderStrace(ownDirectory(base), "flock:error=EINTR:when=1..40");
  expect(failedCall(locks.lines)).toContain("EINTR");
  expect(locks.report).toMatchObject({ outcome: "created", code: "none", descriptors: 0, mappings: 0 });
  const space = await liveUnderStrace(ownDirectory(base), "fallocate:error=EINTR:when=1..3");
  expect(failedCall(space.lines)).toContain("EINTR");
  expect(space.report).toMatchObject({ outcome: "created", code: "none", descriptors: 0, mappings: 0 });
});

it.skipIf(!straceWorks)(`no space: the error has the numbers, and the file is gone${title} [fault 33]`, async () => {
  const directory = ownDirectory(base);
  const { report } = await liveUnderStrace(directory, "fallocate:error=ENOSPC:when=1");
  expect(report).toMatchObject({ code: "ERR_SHM_NO_SPACE", descriptors: 0, mappings: 0 });
  expect(report?.message).toContain("size=4096");
  expect(existsSync(`${directory}/life`)).toBe(false);
});
