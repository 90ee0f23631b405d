/** The examples of containers, short: what their READMEs say is what happens. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { withoutCompilers } from "../support/c/gcc.js";
import { parseExposition } from "../support/exposition.js";
import { regionDirectory } from "../support/processes/processes.js";

const examples = join(import.meta.dirname, "../../examples/dist");
const SHMGEN_DIR = regionDirectory();

function run(example: string, ...args: readonly string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(examples, example), ...args], {
    encoding: "utf8",
    env: { ...process.env, SHMGEN_DIR },
    timeout: 100_000,
  });
  return { stdout, stderr, status };
}

describe.skipIf(withoutCompilers !== undefined)(`examples/pipeline ${withoutCompilers ?? ""}`, () => {
  it(
    "loses nothing when producer and consumers, one of them in C, are killed again and again [P-08]",
    { timeout: 120_000 },
    () => {
      const { stdout, stderr, status } = run("pipeline/main.js", "20000");
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).toMatch(/^node consumer: 20000 orders, \d+ came again, 0 were missing or not whole$/m);
      expect(stdout).toMatch(/^C consumer: 20000 orders, \d+ came again, 0 were missing or not whole$/m);
      expect(stdout).toContain("participants that nobody has recovered: 0");
    },
  );
});

describe("examples/jobs", () => {
  it("has each job done, whoever is killed, and puts those aside that fail", { timeout: 120_000 }, () => {
    const { stdout, stderr, status } = run("jobs/main.js", "600");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(
      /^600 pictures by 4 workers, of which \d+ were killed\n0 were not done, \d+ were done more than once\nfailed three times: picture-7.png, picture-77.png\n$/,
    );
    expect(readdirSync(SHMGEN_DIR).filter((name) => name.startsWith("jobs"))).toEqual([]);
  });
});

describe("examples/frames", () => {
  it("shows each frame whole, and none leaks when camera and viewer are killed [P-07]", { timeout: 120_000 }, () => {
    const { stdout, stderr, status } = run("frames/main.js", "600");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^\d+ frames of 1 MiB were seen, \d+ a second; 0 were not whole$/m);
    expect(stdout).toMatch(/^8 processes were killed; 8 of 8 frames are back, 0 are lent$/m);
    expect(readdirSync(SHMGEN_DIR).filter((name) => name.startsWith("camera"))).toEqual([]);
  });
});

describe("examples/messages", () => {
  it("prints what three producers send, all of it", { timeout: 60_000 }, () => {
    const { stdout, stderr, status } = run("messages/main.js", "30");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const count = (start: string): number => stdout.split("\n").filter((line) => line.startsWith(start)).length;
    expect([count("json "), count("text "), count("bytes ")]).toEqual([30, 33, 30]);
    expect(stdout).toMatch(/^30 of JSON, 33 of text, 30 of bytes$/m);
    for (const who of ["anna", "bert", "cleo"]) expect(stdout).toContain(`${who} says hello for the 29th time`);
    expect(readdirSync(SHMGEN_DIR).filter((name) => name.startsWith("log"))).toEqual([]);
  });
});

describe.skipIf(withoutCompilers !== undefined)(`examples/feed ${withoutCompilers ?? ""}`, () => {
  it("accounts for every tick of a feed in C that is killed again and again", { timeout: 120_000 }, () => {
    const { stdout, stderr, status } = run("feed/main.js", "20000");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    for (const reader of ["quick", "slow"]) {
      expect(stdout).toMatch(new RegExp(`^${reader}: \\d+ ticks, \\d+ missed, 0 not whole$`, "m"));
    }
    expect(stdout).toContain("20000 ticks were published; the feed was killed 5 times");
  });
});

describe("examples/limits", () => {
  it.each(["shared", "messages"])("serves while its settings change, by %s", { timeout: 60_000 }, (kind) => {
    const { stdout, stderr, status } = run("limits/main.js", kind, "1000", "1");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const facts = JSON.parse(stdout) as Record<string, number>;
    expect(facts).toMatchObject({ kind, mixed: 0, errors: 0 });
    expect(facts["changes"]).toBeGreaterThan(0);
    expect(facts["requestsPerSecond"]).toBeGreaterThan(0);
    expect(readdirSync(SHMGEN_DIR).filter((name) => name.startsWith("limits"))).toEqual([]);
  });
});

describe("examples/cache", () => {
  it("counts every visit once while workers of the cluster are killed", { timeout: 120_000 }, () => {
    const { stdout, stderr, status } = run("cache/main.js", "2000", "3");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^\d+ visits were answered, \d+ were not, 0 were counted wrongly$/m);
    expect(stdout).toContain("sessions: 10000 of 10000, the oldest is guest-2000");
    expect(stdout).toContain("a session of 300 ms: there, and then gone");
    expect(readdirSync(SHMGEN_DIR).filter((name) => name.startsWith("cache"))).toEqual([]);
  });
});

describe("examples/metrics", () => {
  it("counts every request that was answered, whichever worker is killed", { timeout: 120_000 }, () => {
    const { stdout, stderr, status } = run("metrics/main.js", "600", "3");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^\d+ requests were answered, \d+ were not; all that were are counted\n/);
    const found = parseExposition(stdout.slice(stdout.indexOf("\n") + 1));
    expect([...found].map(([name, { type }]) => [name, type])).toEqual([
      ["http_request_seconds", "histogram"],
      ["http_requests_total", "counter"],
      ["worker_memory_bytes", "gauge"],
    ]);
    expect(found.get("http_requests_total")?.values.size).toBe(3);
    expect(readdirSync(SHMGEN_DIR).filter((name) => name.startsWith("metrics"))).toEqual([]);
  });
});
