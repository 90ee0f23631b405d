import { type ChildProcess, fork, spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { HEADER_SIZE } from "../../schema/dist/region-format.js";
import { regionDirectory } from "../support/processes/processes.js";
import { straceWorks } from "../support/syscalls/strace.js";
import { CLI, put, shmgen, startShmgen } from "./run-cli.js";
import { byDepth } from "../support/run/depth.js";

const SCHEMA = `import type { Region, array, atomic, be, bits, bool, bytes, f32, f64, flags, i64, tail, u16, u64, u8, utf8 } from "@shmgen/schema";

/** @repr u8 */
export enum Gear { Park, Reverse, Neutral, Drive }

/** @repr u16 */
export enum Alarm { Oil = 1, Heat = 2, Door = 4 }

export interface Wheel { rpm: f32; slip: f32 }

export interface Car extends Region<{ type: 0x54; version: 3 }> {
  samples: atomic<u64>;
  gear: atomic<Gear>;
  isOpen: bool;
  alarms: flags<Alarm, u16>;
  status: bits<{ ready: 1; mode: 3 }, u8>;
  port: be<u16>;
  odometer: i64;
  position: array<f64, 3>;
  wheels: array<Wheel, 2>;
  driver: utf8<32>;
  id: bytes<4>;
  noise: array<u8, 40>;
  history: tail<f32>;
}
`;

const OWNER = `
import { Car, Gear } from "./generated/car.js";
const kept = {};
process.on("message", async (code) => {
  try {
    const run = new Function("Car", "Gear", "kept", "return (async () => {" + code + "})()");
    process.send({ value: (await run(Car, Gear, kept)) ?? null });
  } catch (error) {
    process.send({ error: String(error) });
  }
});
process.send({ value: "up" });
`;

const base = regionDirectory();
let folder = "";
let directories = 0;

beforeAll(() => {
  folder = fs.mkdtempSync("/tmp/shmgen-inspect-");
  const modules = join(folder, "node_modules/@shmgen");
  fs.mkdirSync(modules, { recursive: true });
  for (const name of ["runtime", "schema"])
    fs.symlinkSync(join(import.meta.dirname, "../..", name), join(modules, name));
  put(folder, { "package.json": '{ "type": "module" }', "car.shm.ts": SCHEMA, "owner.mjs": OWNER });
  expect(shmgen(["generate", "-t", "js", "-q"], { cwd: folder })).toEqual({ code: 0, out: "", err: "" });
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** A directory of its own for one test, where `shmgen` looks as well. */
function ownDirectory(): string {
  directories += 1;
  const directory = join(base, `dir-${directories}`);
  fs.mkdirSync(directory, { mode: 0o700 });
  process.env["SHMGEN_DIR"] = directory;
  return directory;
}

/** Another process that has regions open; `run` sends code there that sees Car, Gear and `kept`. */
async function startOwner() {
  const child: ChildProcess = fork(join(folder, "owner.mjs"), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const answer = (): Promise<unknown> =>
    new Promise((done, fail) => {
      child.once("message", ({ value, error }: { value?: unknown; error?: string }) => {
        if (error === undefined) done(value);
        else fail(new Error(error));
      });
    });
  await answer();
  return {
    pid: child.pid ?? 0,
    async run(code: string): Promise<unknown> {
      const answered = answer();
      child.send(code);
      return answered;
    },
    async kill(): Promise<void> {
      const gone = new Promise((done) => child.once("exit", done));
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** Elements of a tail that nobody wants to see to its end. */
const LARGE = byDepth(200_000, 1_000_000, 3_000_000);

const FILL = `
  kept.it ??= Car.createOrOpen("car-7", { tailLength: 1000, cleanup: "keep" });
  const car = kept.it.data;
  car.samples = 2n ** 53n + 1n;
  car.gear = Gear.Drive;
  car.isOpen = true;
  car.alarms = 5;
  car.status.ready = 1;
  car.status.mode = 5;
  car.port = 8080;
  car.odometer = -12n;
  car.position.set([1.5, -0, NaN]);
  car.wheels.at(1).rpm = 900.1;
  car.driver = 'Zoë "\\u001b[31m\\u202e"';
  car.id = new Uint8Array([1, 2, 254, 255]);
  car.history[999] = Infinity;
`;

const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;

describe("shmgen inspect", () => {
  it("shows a live region of another process with names, types and values, and needs no schema [C-22]", async () => {
    const directory = ownDirectory();
    const owner = await startOwner();
    await owner.run(FILL);
    const { code, out, err } = shmgen(["inspect", "car-7"], { cwd: "/" });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const [first = "", second = "", third = "", ...rest] = out.split("\n");
    expect(first).toBe(`car-7: Car version 3 (type 0x54), ready, generation 1, creator ${owner.pid} (running)`);
    expect(second).toMatch(`bytes at ${directory}/car-7, payload of 144 bytes, tail of 1000 x 4 bytes`);
    expect(third).toMatch(new RegExp(`^fingerprint [0-9a-f]{16}, initialised ${TIME}, kept$`));
    expect(rest.join("\n")).toBe(`
  offset  type               name = value
       0  atomic<u64>        samples = 9007199254740993
       8  atomic<Gear>       gear = Drive (3)
       9  bool               isOpen = true
      10  flags<Alarm, u16>  alarms = Oil|Door (0x5)
      12  CarStatusBits      status
      12  u8:1                 ready = 1
      12  u8:3                 mode = 5
      14  be<u16>            port = 8080
      16  i64                odometer = -12
      24  array<f64, 3>      position = [1.5, -0, NaN]
      48  array<Wheel, 2>    wheels
      48  Wheel                [0]
      48  f32                    rpm = 0
      52  f32                    slip = 0
      56  Wheel                [1]
      56  f32                    rpm = 900.1
      60  f32                    slip = 0
      64  utf8<32>           driver = "Zoë \\"\\u001b[31m\\u202e\\""
      96  bytes<4>           id = 01 02 fe ff
     100  array<u8, 40>      noise = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ... 24 more]
     144  tail<f32>          history (1000 elements) = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ... 984 more]
`);
    expect(
      shmgen(["inspect", join(directory, "car-7")])
        .out.split("\n")
        .slice(1),
    ).toEqual(out.split("\n").slice(1));
    expect(shmgen(["inspect", "./car-7"], { cwd: directory }).out).toContain("odometer = -12");
    await owner.kill();
    expect(shmgen(["inspect", "car-7"]).out).toContain(`creator ${owner.pid} (gone)`);
  });

  it("--json is one document: 64-bit integers, NaN and the infinities as text, and what is not shown is listed", async () => {
    ownDirectory();
    const owner = await startOwner();
    await owner.run(FILL);
    const { code, out } = shmgen(["inspect", "car-7", "--json"]);
    expect(code).toBe(0);
    // oxlint-disable-next-line no-control-regex
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    const document = JSON.parse(out) as Record<string, unknown>;
    expect(document).toMatchObject({
      name: "car-7",
      state: "ready",
      struct: "Car",
      typeId: 0x54,
      version: 3,
      generation: 1,
      payloadSize: 144,
      tailLength: 1000,
      creator: { pid: owner.pid, isRunning: true },
      values: {
        samples: "9007199254740993",
        gear: "Drive",
        isOpen: true,
        alarms: ["Oil", "Door"],
        status: { ready: 1, mode: 5 },
        odometer: "-12",
        position: [1.5, -0, "NaN"],
        wheels: [
          { rpm: 0, slip: 0 },
          { rpm: 900.1, slip: 0 },
        ],
        driver: 'Zoë "\u001b[31m\u202e"',
        id: "0102feff",
      },
      cut: [
        { path: "noise", shown: 16, elements: 24 },
        { path: "history", shown: 16, elements: 984 },
      ],
    });
    const all = JSON.parse(shmgen(["inspect", "car-7", "--json", "--all"]).out) as {
      readonly values: { readonly history: unknown[] };
      readonly cut: unknown[];
    };
    expect(all.cut).toEqual([]);
    expect(all.values.history).toHaveLength(1000);
    expect(all.values.history[999]).toBe("Infinity");
  });

  it("--fields chooses by path, also elements far behind the first", async () => {
    ownDirectory();
    const owner = await startOwner();
    await owner.run(FILL);
    const linesOf = (...argv: string[]): string[] =>
      shmgen(["inspect", "car-7", ...argv])
        .out.split("\n")
        .slice(4, -1);
    expect(linesOf("--fields", "wheels[*].rpm,*gear*", "--fields=history[999]")).toEqual([
      "       8  atomic<Gear>       gear = Drive (3)",
      "      48  f32                wheels[0].rpm = 0",
      "      56  f32                wheels[1].rpm = 900.1",
      "    4140  f32                history[999] = Infinity",
    ]);
    expect(linesOf("--fields", "wheels[1]")).toEqual([
      "      56  f32                wheels[1].rpm = 900.1",
      "      60  f32                wheels[1].slip = 0",
    ]);
    expect(linesOf("--fields", "status.m?de")).toEqual(["      12  u8:3               status.mode = 5"]);
    const { fields } = JSON.parse(shmgen(["inspect", "car-7", "--json", "--fields", "position"]).out) as {
      readonly fields: unknown;
    };
    expect(fields).toEqual({ "position[0]": 1.5, "position[1]": -0, "position[2]": "NaN" });
    expect(shmgen(["inspect", "car-7", "--fields", "geer"])).toEqual({
      code: 2,
      out: "",
      err: "shmgen: no field is called 'geer'\n  hint: did you mean 'gear'?\n",
    });
  });
});

describe("shmgen inspect of all bytes, and of what changes", () => {
  it("--annotate shows every byte once, header and padding included", async () => {
    const directory = ownDirectory();
    const owner = await startOwner();
    await owner.run(FILL);
    const { out } = shmgen(["inspect", "car-7", "--annotate", "--all"]);
    const lines = out.trimEnd().split("\n");
    expect(lines).toContain("+0x0080 | 01 00 00 00 00 00 20 00 | atomic<u64>       | 9007199254740993 | samples");
    expect(lines).toContain("+0x0089 | 01                      | bool              | true | isOpen");
    expect(lines).toContain("+0x008d | 00                      | padding           |  |");
    expect(lines).toContain("+0x0044 | 01 00 00 00             | atomic<u32>       | 1 | header.generation");
    expect(lines.every((line) => /^\+0x[0-9a-f]{4} \| [0-9a-f ]{23} \|/.test(line))).toBe(true);
    // All bytes, in order, are those of the file: nothing is shown twice and nothing left out.
    let next = 0;
    const bytes: number[] = [];
    for (const line of lines) {
      const [at = "", hex = ""] = line.slice(1).split(" | ");
      if (hex.trim() === "") continue;
      expect(Number(at)).toBe(next);
      for (const byte of hex.trim().split(" ")) bytes.push(Number.parseInt(byte, 16));
      next = bytes.length;
    }
    expect(Buffer.from(bytes).equals(fs.readFileSync(join(directory, "car-7")))).toBe(true);
    const short = shmgen(["inspect", "car-7", "--annotate"]).out;
    expect(short).toMatch(/\| \(3936 bytes\) {12}\| f32 +\| 984 more \| history\n/);
  });

  it("growth and a tail that is written all the time disturb neither side", async () => {
    ownDirectory();
    const owner = await startOwner();
    await owner.run(FILL);
    await owner.run(`
      kept.timer = setInterval(() => {
        for (let n = 0; n < 50; n += 1) kept.it.data.$samples.add(1n);
        kept.turns = (kept.turns ?? 0) + 1;
        if (kept.turns % 50 === 0 && kept.it.tailLength < 20_000) kept.it.growTail(kept.it.tailLength + 100);
      }, 1);
    `);
    let before = 0n;
    for (let look = 0; look < 8; look += 1) {
      // Until it has written again.
      await owner.run(
        "const { samples } = kept.it.data; while (kept.it.data.samples === samples) await new Promise((done) => setTimeout(done, 1));",
      );
      const { code, out } = shmgen(["inspect", "car-7", "--json", "--fields", "samples"]);
      expect(code).toBe(0);
      const { fields } = JSON.parse(out) as { readonly fields: { readonly samples: string } };
      expect(BigInt(fields.samples)).toBeGreaterThan(before);
      before = BigInt(fields.samples);
    }
    expect(await owner.run("clearInterval(kept.timer); return kept.it.isCurrent()")).toBe(true);
  });
});

describe("shmgen inspect of a tail that grows every millisecond", () => {
  it.each([
    { form: "text", options: [], length: /tail of (\d+) x 4 bytes/ },
    { form: "all text", options: ["--all"], length: /tail of (\d+) x 4 bytes/ },
    { form: "chosen fields", options: ["--fields", "samples"], length: /tail of (\d+) x 4 bytes/ },
    { form: "JSON", options: ["--json"], length: /"tailLength": ?(\d+)/ },
    { form: "all JSON", options: ["--json", "--all"], length: /"tailLength": ?(\d+)/ },
    { form: "bytes", options: ["--annotate"], length: /\| (\d+) \| header\.tailLength/ },
    { form: "all bytes", options: ["--annotate", "--all"], length: /\| (\d+) \| header\.tailLength/ },
  ])("$form is that of one moment", async ({ form, options, length }) => {
    ownDirectory();
    const owner = await startOwner();
    await owner.run(`
      kept.it = Car.createOrOpen("car-7", { tailLength: 1000 });
      setInterval(() => kept.it.growTail(kept.it.tailLength + 1), 1);
    `);
    let before = 1000;
    for (let look = 0; look < 3; look += 1) {
      // Until it has grown again.
      await owner.run(`while (kept.it.tailLength <= ${before}) await new Promise((done) => setTimeout(done, 1));`);
      const { code, out, err } = shmgen(["inspect", "car-7", ...options]);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      const shown = Number(length.exec(out)?.[1]);
      expect(shown).toBeGreaterThan(before);
      if (form === "all JSON") {
        const { values } = JSON.parse(out) as { readonly values: { readonly history: readonly number[] } };
        expect(values.history).toHaveLength(shown);
      }
      if (form === "all bytes") expect(out.match(/\| history\[\d+\]$/gm)).toHaveLength(shown);
      before = shown;
    }
  });
});

describe("shmgen watch", () => {
  it("prints changes with the time, sees a region made anew and another file, and ends when the name is gone", async () => {
    const directory = ownDirectory();
    const owner = await startOwner();
    await owner.run(FILL);
    const watch = startShmgen(["watch", "car-7", "--interval", "20", "--fields", "samples,gear"]);
    await watch.until(/gear = Drive \(3\)\n/);
    await owner.run("kept.it.data.samples = 7n");
    await watch.until(new RegExp(`\n${TIME} samples = 7 \\(was 9007199254740993\\)\n`));
    await owner.kill();
    const next = await startOwner();
    await next.run(
      `kept.it = Car.createOrOpen("car-7", { tailLength: 1000, cleanup: "keep" }); kept.it.data.gear = Gear.Reverse;`,
    );
    await watch.until(new RegExp(`\n${TIME} car-7: the region was made anew: generation 2\n`));
    await watch.until(/ gear = Reverse \(1\) \(was (Drive \(3\)|Park \(0\))\)\n/);
    const copy = fs.readFileSync(join(directory, "car-7"));
    copy.writeBigUInt64LE(99n, HEADER_SIZE);
    fs.writeFileSync(join(directory, "copy"), copy, { mode: 0o600 });
    fs.renameSync(join(directory, "copy"), join(directory, "car-7"));
    await watch.until(/ car-7: another file has taken the region's place\n/);
    await watch.until(/ samples = 99 /);
    fs.unlinkSync(join(directory, "car-7"));
    expect(await watch.ended).toBe(0);
    expect(watch.text()).toMatch(new RegExp(`\n${TIME} car-7: the region has gone away\n$`));
  });

  it("a file that is cut short ends nothing, and is seen when it is whole again [fault 22]", async () => {
    const directory = ownDirectory();
    const owner = await startOwner();
    await owner.run(FILL);
    const path = join(directory, "car-7");
    const whole = fs.readFileSync(path);
    fs.writeFileSync(join(directory, "copy"), whole, { mode: 0o600 });
    const watch = startShmgen(["inspect", "copy", "--watch", "--interval", "10", "--fields", "odometer"]);
    await watch.until(/odometer = -12\n/);
    for (const size of [3000, 100, 0]) {
      const from = watch.text().length;
      fs.truncateSync(join(directory, "copy"), size);
      await watch.until(size === 0 ? /the file is empty/ : /the header is damaged/, from);
      fs.writeFileSync(join(directory, "copy"), whole);
      whole.writeBigInt64LE(BigInt(size), HEADER_SIZE + 16);
      fs.writeFileSync(join(directory, "copy"), whole);
      await watch.until(new RegExp(`odometer = ${size} `), from);
    }
    watch.child.kill("SIGINT");
    expect(await watch.ended).toBe(130);
  });

  it("--json prints a document for each change, on one line", async () => {
    ownDirectory();
    const owner = await startOwner();
    await owner.run(FILL);
    const watch = startShmgen(["watch", "car-7", "--interval", "20", "--json", "--fields", "samples"]);
    await watch.until(/\n/);
    await owner.run("kept.it.data.samples = 8n");
    await watch.until(/"8".*\n/);
    watch.child.kill("SIGINT");
    expect(await watch.ended).toBe(130);
    const documents = watch
      .text()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(documents.map(({ fields }) => fields)).toEqual([{ samples: "9007199254740993" }, { samples: "8" }]);
    expect(documents[0]?.["time"]).toMatch(new RegExp(`^${TIME}$`));
  });

  it("on a terminal it draws again and marks what has changed; with NO_COLOR without colours", async () => {
    if (spawnSync("script", ["--version"]).status !== 0) return expect(spawnSync("script").error).toBeDefined();
    ownDirectory();
    const owner = await startOwner();
    await owner.run(`${FILL} kept.timer = setInterval(() => (car.samples += 1n), 15)`);
    for (const NO_COLOR of ["", "1"]) {
      const command = `stty rows 12 cols 70; exec "${process.execPath}" "${CLI}" watch car-7 --interval 30`;
      const env = { ...process.env, TERM: "xterm", SHELL: "/bin/bash", NO_COLOR };
      const child = spawn("script", ["-qec", command, "/dev/null"], { env });
      onTestFinished(() => void child.kill("SIGKILL"));
      let text = "";
      child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
      const seen = (): string => text.replaceAll("\u001b", "ESC");
      const line = String.raw`\* +0 .* samples = \d+`;
      const mark = new RegExp(NO_COLOR === "" ? String.raw`ESC\[33m${line}ESC\[39m` : String.raw`\n${line}ESC\[K`);
      const deadline = Date.now() + 20_000;
      while (!mark.test(seen()) && Date.now() < deadline) await new Promise((done) => setTimeout(done, 10));
      expect(seen()).toMatch(mark);
      expect(seen()).toContain("ESC[2JESC[H");
      expect(seen()).toMatch(/\.\.\. \d+ more lines; --fields GLOB chooses some/);
      if (NO_COLOR !== "") expect(seen()).not.toMatch(/ESC\[\d+m/);
      child.kill("SIGINT");
    }
  });
});

describe("who looks", () => {
  it.runIf(straceWorks)("takes no lock, maps nothing of the region and opens it for reading only", async () => {
    const directory = ownDirectory();
    const owner = await startOwner();
    await owner.run(FILL);
    const log = join(folder, "strace.log");
    const calls = "trace=open,openat,flock,fcntl,mmap,pwrite64,ftruncate,fchmod,unlink,unlinkat,rename,utimensat";
    for (const argv of [
      ["inspect", "car-7", "--all"],
      ["inspect", "car-7", "--annotate"],
      ["inspect", "car-7", "--json"],
    ]) {
      const run = spawnSync("strace", ["-f", "-y", "-qq", "-o", log, "-e", calls, process.execPath, CLI, ...argv]);
      expect(run.status).toBe(0);
      const lines = fs.readFileSync(log, "utf8").split("\n");
      const ours = lines.filter((line) => line.includes(directory));
      expect(ours.some((line) => line.includes("O_RDONLY|O_NONBLOCK|O_NOFOLLOW"))).toBe(true);
      for (const line of ours) expect(line).toMatch(/ open(at)?\(.*O_RDONLY/);
      expect(lines.filter((line) => /flock\(|F_SETLK|F_OFD/.test(line))).toEqual([]);
    }
  });

  it("is killed at any time and leaves nothing locked: the owner is the last, and others open [fault 98]", async () => {
    const directory = ownDirectory();
    for (const ms of [100, 200, 400, 800]) {
      const owner = await startOwner();
      await owner.run(`kept.it = Car.createOrOpen("car-7", { tailLength: 10 })`);
      const watch = startShmgen(["inspect", "car-7", "--watch", "--interval", "10"]);
      await new Promise((done) => setTimeout(done, ms));
      // While it looks, the owner closes as the last one: the file goes.
      if (ms === 800) await owner.run("kept.it.close()");
      else watch.child.kill("SIGKILL");
      await watch.ended;
      if (ms !== 800) await owner.run("kept.it.close()");
      expect(fs.readdirSync(directory)).toEqual([]);
      await owner.kill();
    }
  });

  it("head ends it quietly, however much there is to print [fault 95]", async () => {
    ownDirectory();
    const owner = await startOwner();
    await owner.run(`kept.it = Car.createOrOpen("large", { tailLength: ${LARGE} })`);
    const shell = `set -o pipefail; "$0" "$1" inspect large --all | head -n 1; echo "code $?"; "$0" "$1" inspect large | head -n 1`;
    const { stdout, stderr } = spawnSync("bash", ["-c", shell, process.execPath, CLI], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^large: Car version 3 .*\ncode 0\nlarge: Car version 3 .*\n$/);
    // All of it, in memory that does not depend on its size.
    const limited = `set -o pipefail; "$0" --max-old-space-size=64 "$1" inspect large --all --json | wc -l`;
    const counted = spawnSync("bash", ["-c", limited, process.execPath, CLI], { encoding: "utf8" });
    expect({ status: counted.status, err: counted.stderr }).toEqual({ status: 0, err: "" });
    expect(Number(counted.stdout)).toBeGreaterThan(LARGE);
  });
});
