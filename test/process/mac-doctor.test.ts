/** What the doctor says of a Mac that lacks something, over the stand-in of mac-on-linux.test.ts. */
import * as fs from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Check, CheckId } from "@shmgen/runtime/doctor";
import { WORDS } from "../../runtime/doctor/darwin/words.js";
import {
  type Conditions,
  base,
  before,
  everything,
  folder,
  found,
  replace,
  seen,
} from "../support/processes/doctor.js";
import { left } from "../support/regions/left-over.js";
import { ownDirectory } from "../support/syscalls/strace.js";

const MAC = join(import.meta.dirname, "../support/processes/mac-on-linux.cjs");

interface Mac {
  readonly fault?: string;
  readonly release?: string;
  readonly only?: readonly CheckId[];
}

/** The doctor, and its children, on a Mac. */
function onMac({ fault = "", release = "23.4.0", only }: Mac, conditions: Conditions = {}): Check[] {
  const env = {
    SHMGEN_DIR: "",
    NODE_OPTIONS: `--require ${MAC}`,
    SHMGEN_TEST_CACHE: ownDirectory(base),
    SHMGEN_TEST_FAULT: fault,
    SHMGEN_TEST_RELEASE: release,
  };
  const options = { directory: undefined as never, ...(only && { only }), ...conditions.options };
  return everything({ ...conditions, options, env: { ...env, ...conditions.env } });
}

/** What it says of one check. */
function judged(id: CheckId, fault: string, conditions: Conditions = {}): Check {
  return found(id, onMac({ fault, only: [id] }, conditions));
}

it("doctor on a Mac: all calls work, and nobody has tried it on one", () => {
  const checks = onMac({});
  expect(checks.map(({ id }) => id)).toEqual(Object.keys(WORDS));
  const others = checks.filter(({ status }) => status !== "ok").map(({ id, status }) => `${id} ${status}`);
  expect(others).toEqual(["never-tried warning"]);
  const { bugs } = JSON.parse(fs.readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as {
    readonly bugs: { readonly url: string };
  };
  expect(found("never-tried", checks).remedy).toBe(
    `shmgen has never been run on a Mac: please report the output of this command at ${bugs.url}`,
  );
  expect(found("waits", checks).found).toMatch(/^os_sync_wait_on_address: 20 ms took [\d.]+ ms, timed-out$/);
  expect(found("file-system", checks).found).toBe("apfs, of this machine, blocks of 4 KiB");
  expect(found("macos-version", checks).found).toBe(`Darwin 23.4.0, ${process.arch}`);
});

it("doctor on a Mac: systems that are too old, and Node", () => {
  const version = (release: string): Check => found("macos-version", onMac({ release, only: ["macos-version"] }));
  expect(version("19.6.0")).toMatchObject({ status: "problem" });
  expect(version("23.3.0")).toMatchObject({ status: "warning", expected: "macOS 14.4 (Darwin 23.4)" });
  expect(version("25.0.0")).toMatchObject({ status: "ok" });
  const node = replace(`process, "versions"`, `{ ...process.versions, node: "18.20.8" }`);
  expect(judged("node-version", "", { node })).toMatchObject({ status: "problem" });
  const electron = replace(`process, "versions"`, `{ ...process.versions, electron: "42.0.0" }`);
  expect(judged("external-buffers", "", { node: electron })).toMatchObject({ status: "warning" });
});

it("doctor on a Mac without koffi: the directory is not known, and what needs neither is told", () => {
  const lib = join(folder, "no-koffi-on-mac");
  fs.cpSync(join(import.meta.dirname, "../../runtime/lib"), lib, { recursive: true });
  fs.writeFileSync(join(lib, "package.json"), `{ "type": "module" }`);
  const checks = onMac({}, { options: { door: join(lib, "doctor.js") } });
  expect(found("koffi", checks)).toMatchObject({ status: "problem", found: "Cannot find module 'koffi'" });
  const skipped = checks.filter(({ found }) => found === "needs koffi").map(({ id }) => id);
  expect(skipped).toEqual(Object.keys(WORDS).slice(Object.keys(WORDS).indexOf("directory")));
});

it("doctor on a Mac: a directory that is a link, one with many regions that nobody has open", () => {
  const at = join(ownDirectory(base), "regions");
  fs.symlinkSync(base, at);
  const linked = onMac({ only: ["directory", "stale-regions"] }, { options: { directory: at } });
  expect(found("directory", linked).found).toContain("is a link");
  expect(found("stale-regions", linked)).toMatchObject({ status: "skipped", found: "needs the directory" });
  const directory = ownDirectory(base);
  left("left", directory);
  for (let count = 0; count < 100; count += 1)
    fs.copyFileSync(join(directory, "left"), join(directory, `left-${count}`));
  const stale = found("stale-regions", onMac({ only: ["stale-regions"] }, { options: { directory } }));
  expect(stale).toMatchObject({ status: "warning", found: "101" });
});

it("doctor on a Mac: memory that cannot be mapped, and what needs it", () => {
  const checks = onMac({ fault: "no-wasm" });
  expect(found("wasm-memory", checks)).toMatchObject({ status: "problem", found: "mmap: ENOMEM" });
  for (const id of ["waits", "wakes", "atomics-canary"] as const) {
    expect(found(id, checks)).toMatchObject({ status: "skipped", found: "needs mapped files" });
  }
  expect(judged("view-mapping", "no-view")).toMatchObject({ status: "problem", found: "mmap: ENOMEM" });
});

it("doctor on a Mac: files whose volume, locks, names or space are not what they should be", () => {
  const remote = judged("file-system", "remote");
  expect(remote).toMatchObject({ status: "problem", found: "smbfs, of another machine, blocks of 4 KiB" });
  expect(remote.remedy).toContain("the locks of smbfs");
  expect(judged("flock", "no-flock")).toMatchObject({ status: "problem", found: "flock: ENOLCK" });
  const locks = judged("range-locks", "no-range-locks");
  expect(locks).toMatchObject({ status: "problem", found: "fcntl F_OFD_SETLK: EINVAL" });
  expect(locks.remedy).toContain("use a newer macOS");
  expect(judged("range-locks", "busy-range-locks")).toMatchObject({
    expected: "each open file sees the locks of others",
  });
  expect(judged("file-names", "no-paths")).toMatchObject({ expected: "an open file can be opened again by its path" });
  expect(judged("file-names", "replacing-renames")).toMatchObject({ expected: "RENAME_EXCL replaces nothing" });
  expect(judged("file-names", "no-renames").found).toMatch(/^renamex_np: E/);
  expect(judged("reserved-space", "no-space")).toMatchObject({ found: "fcntl F_PREALLOCATE: ENOSPC" });
  expect(judged("reserved-space", "hollow-space")).toMatchObject({
    status: "warning",
    found: "0 of 65536 bytes reserved",
  });
  expect(judged("reserved-space", "no-holes")).toMatchObject({ found: "works; nothing is given back here" });
});

it("doctor on a Mac: waits that are missing, end early, or are not heard of", () => {
  expect(judged("waits", "no-waits")).toMatchObject({ status: "problem", found: "neither is in the library" });
  expect(judged("waits", "early-waits")).toMatchObject({ expected: "a wait lasts as long as it is told to" });
  expect(judged("wakes", "no-wakes")).toMatchObject({ status: "problem", found: "os_sync_wait_on_address: EINVAL" });
  expect(judged("wakes", "deaf-wakes")).toMatchObject({ status: "problem", found: "nobody wakes" });
  const node = before(
    "let turn = 0; Atomics.add = (a, i, v) => { const old = a[i]; if ((turn += 1) % 1000 > 0) a[i] = old + v; return old; }",
  );
  expect(judged("atomics-canary", "", { node })).toMatchObject({ status: "problem" });
});

it("doctor on a Mac: processes and threads that the system does not tell of", () => {
  expect(judged("processes", "no-start")).toMatchObject({ status: "problem", found: "it does not" });
  expect(judged("processes", "other-start")).toMatchObject({ expected: "the same time as Node says" });
  expect(judged("processes", "no-boot")).toMatchObject({ status: "problem", found: "none" });
  expect(judged("processes", "no-thread")).toMatchObject({
    status: "warning",
    found: expect.stringMatching(/^thread \d+$/) as string,
  });
  expect(judged("processes", "no-descriptors")).toMatchObject({ status: "warning", found: "it is not" });
});

it("doctor on a Mac: every check has failed in a test above", () => {
  expect([...seen].sort()).toEqual(Object.keys(WORDS).sort());
});
