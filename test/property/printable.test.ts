/** Nothing that is printed can steer a terminal, forge a line or turn its direction, whatever others have called their things. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { cleanStale, listRegions, removeRegion } from "@shmgen/runtime";
import { attachForeign } from "@shmgen/runtime/codegen-v1";
import { checkEnvironment } from "@shmgen/runtime/doctor";
import { guarded } from "../../generator/dist/commands/terminal.js";
import type { SchemaIr } from "../../generator/dist/ir/ir.js";
import { computeLayouts } from "../../generator/dist/layout/compute.js";
import { descriptorBytes } from "../../generator/dist/layout/descriptor.js";
import { encodeToken } from "../../runtime/dist/runtime/format/token.js";
import { printable, printableJson, printableLines } from "../../schema/dist/printable.js";
import { HEADER_SIZE } from "../../schema/dist/region-format.js";
import { CLI, MANIFEST, project, put, shmgen } from "../cli/run-cli.js";
import { Counter, counterDefinition } from "../support/regions/counter.mjs";
import { byDepth } from "../support/run/depth.js";
import { regionDirectory, stateOf, until } from "../support/processes/processes.js";
import { runSeed } from "../support/run/random.js";
import { regionBytes } from "../support/regions/region-bytes.js";

const seed = runSeed("printable");
const base = regionDirectory();
const scripts = fs.mkdtempSync("/tmp/shmgen-hostile-");
afterAll(() => fs.rmSync(scripts, { recursive: true, force: true }));

/** The joiner between two parts of an emoji steers nothing. */
const JOINS = String.raw`(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D\p{Extended_Pictographic}`;
const CONTROL = new RegExp(String.raw`(?!${JOINS})[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]`, "u");
/** The same, for text that is printed: lines have ends. */
const STEERS = new RegExp(String.raw`(?!\n)${CONTROL.source}`, "u");

const HOSTILE = [
  "\u001b[31m",
  "\u001b]0;title\u0007",
  "\u001b[2J",
  "\u009b31m",
  "\u0085",
  "\u0007",
  "\r",
  "\nFORGED",
  "\t",
  "\u007f",
  "\u202e",
  "\u2066",
  "\u2069",
  "\u200e",
  "\u200f",
  "\u061c",
  "\u2028",
  "\u2029FORGED",
  "\u200b",
  "\u200d",
  "\ufeff",
  "\u{e0041}",
] as const;
const ORDINARY = ["car", "ä", "漢", "🚗", "-", "_", "(x)", "'", "a b", "%41", "|", "`", "<b>"] as const;

/** Names that files can have, with all of these in another order. */
const hostileName = fc
  .shuffledSubarray([...HOSTILE, ...ORDINARY], { minLength: HOSTILE.length + ORDINARY.length })
  .map((parts) => `x${parts.join("")}`);
const NAMES = fc.sample(hostileName, { seed, numRuns: byDepth(1, 1, 20) });

/** Everything that was printed, each with what printed it. */
class Printed {
  readonly texts: [door: string, text: string][] = [];

  add(door: string, ...texts: readonly string[]): void {
    for (const text of texts) this.texts.push([door, text]);
  }

  run(argv: readonly string[], cwd: string): void {
    const { out, err } = shmgen(argv, { cwd });
    this.add(argv[0] ?? "", out, err);
  }

  /** The message of what a call throws; that it throws is the caller's intention. */
  thrown(door: string, call: () => unknown): void {
    try {
      call();
    } catch (error) {
      const { message, stack = "" } = error as Error;
      this.add(door, message, stack);
      expect(message, door).not.toContain("\n");
      return;
    }
    throw new Error(`${door} did not throw`);
  }

  /** @throws unless all of it is harmless; `shows` are the doors in whose texts the name has to be seen */
  check(...shows: readonly string[]): void {
    for (const [door, text] of this.texts) {
      const steers = STEERS.exec(text);
      const around = steers && JSON.stringify(text.slice(Math.max(0, steers.index - 60), steers.index + 20));
      expect(around, `${door} prints a control character`).toBeNull();
      expect(/^FORGED/m.test(text), `${door} has a forged line: ${text}`).toBe(false);
    }
    for (const door of shows) {
      const said = this.texts.filter(([name]) => name === door).map(([, text]) => text);
      expect(said.join(""), `${door} says the name`).toMatch(/\\u[0-9a-f]{4}|\\n|\\t/);
    }
  }
}

/** A process that is called like this, argv[0] and script; it runs `source`, which sees Counter, tryExclusive and fs. */
function hostileProcess(name: string, source: string): ChildProcess {
  const script = join(scripts, `${name}.cjs`);
  const support = (file: string): string => JSON.stringify(join(import.meta.dirname, file));
  fs.writeFileSync(
    script,
    `const fs = require("node:fs");
(async () => {
  const { Counter } = await import(${support("../support/regions/counter.mjs")});
  const { tryExclusive } = await import(${support("../../runtime/dist/runtime/os/posix/flock.js")});
  ${source}
})();`,
  );
  const child = spawn(process.execPath, [script], { argv0: name, stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function up(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once("data", () => resolve());
    child.once("exit", () => reject(new Error("the process ended")));
  });
}

async function gone(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

let directories = 0;
function ownDirectory(): string {
  directories += 1;
  const directory = join(base, `dir-${directories}`);
  fs.mkdirSync(directory, { mode: 0o700 });
  process.env["SHMGEN_DIR"] = directory;
  return directory;
}

/** A region whose description has this name everywhere, and whose text field holds it. */
function hostileRegion(name: string): Uint8Array {
  const span = { file: "x.shm.ts", start: 0, length: 0, line: 1, column: 1 };
  const ir = {
    structs: [
      {
        id: "x.shm.ts#X",
        name,
        file: "x.shm.ts",
        span,
        packed: false,
        role: { kind: "region", typeId: 1, version: 1, readableFrom: 1, header: "standard" },
        fields: [
          { name, type: { kind: "enum", enum: "x.shm.ts#E" }, span },
          { name: `${name}2`, type: { kind: "utf8", size: 256 }, span },
        ],
      },
    ],
    enums: [{ id: "x.shm.ts#E", name, file: "x.shm.ts", span, repr: "u8", members: [{ name, value: 0, span }] }],
    bits: [],
  } as unknown as SchemaIr;
  const { model } = computeLayouts(ir);
  const struct = [...model.structs.values()][0];
  if (struct === undefined) throw new Error("no layout");
  const bytes = regionBytes({
    typeId: 1,
    version: 1,
    readableFrom: 1,
    fingerprint: struct.fingerprint,
    payloadSize: struct.size,
    tailStride: 0,
    tailLength: 0,
    descriptor: descriptorBytes(model, struct.id),
  });
  bytes.set(Buffer.from(name).subarray(0, 256), HEADER_SIZE + 1);
  return bytes;
}

describe("printable", () => {
  it("shows every control as JSON would, keeps the rest, and changes nothing the second time", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .array(fc.constantFrom(...HOSTILE, ...ORDINARY, "\ud800", "\udc00", "\0", '"', "\\"))
        .map((all) => all.join("")),
    );
    fc.assert(
      fc.property(text, (one) => {
        const shown = printable(one);
        expect(CONTROL.test(shown)).toBe(false);
        expect(printable(shown)).toBe(shown);
        if (!CONTROL.test(one)) expect(shown).toBe(one);
        expect(printableLines(one).split("\n")).toEqual(one.split("\n").map(printable));
        const json = printableJson({ [one]: [one] }, 2);
        expect(STEERS.test(json)).toBe(false);
        expect(JSON.parse(json)).toEqual({ [one]: [one] });
        expect(STEERS.test(guarded(one, false).replaceAll("\t", ""))).toBe(false);
      }),
      { seed, numRuns: byDepth(400, 3000, 100_000) },
    );
  });

  it("ordinary names and paths stay as they are", () => {
    const names = [
      "/dev/shm/shmgen-0/car-7",
      "Zoë",
      "漢字",
      "🚗",
      "👩‍💻",
      "👨‍👩‍👧",
      "❤️",
      "C:\\x",
      'a "b" c',
      "naïve café",
      "हिन्दी",
    ];
    for (const name of names) expect(printable(name)).toBe(name);
    expect(printable("a\u200db")).toBe("a\\u200db");
    expect(printable("\u001b[31m\n\u202e\u{e0041}\ud800")).toBe("\\u001b[31m\\n\\u202e\\udb40\\udc41\\ud800");
  });

  it("on a terminal our own colours and marks stay, and nobody else's", () => {
    expect(guarded("\u001b[1mNAME\u001b[22m\n\u001b[H\u001b[K\u001b]0;x\u0007\tä", true)).toBe(
      "\u001b[1mNAME\u001b[22m\n\u001b[H\u001b[K\\u001b]0;x\\u0007\tä",
    );
    expect(guarded("\u001b[1mNAME", false)).toBe("\\u001b[1mNAME");
  });
});

describe.each(NAMES.map((name, index) => [index, name] as const))("hostile name %#", (_, name) => {
  it("messages of the runtime's errors", async () => {
    const directory = ownDirectory();
    const printed = new Printed();
    const file = join(directory, name);
    fs.writeFileSync(file, name, { mode: 0o600 });
    for (const where of [file, join(file, "deeper"), join(directory, "none", name)]) {
      printed.thrown("directory", () => Counter.createOrOpen("x", { directory: where }));
      printed.thrown("list", () => listRegions({ directory: file }));
    }
    printed.thrown("name", () => Counter.createOrOpen(name));
    printed.thrown("remove", () => removeRegion(name));
    for (const field of ["onStale", "cleanup", "scope", "timeoutMs", "tailLength", "mode", "group", "owner"]) {
      printed.thrown(field, () => Counter.createOrOpen("x", { [field]: name, directory: undefined } as object));
    }
    const { accessor, reader } = counterDefinition();
    const expects = [{ field: "text", offset: 0, scalar: "utf8", size: 100, values: ["SQLite"] }] as const;
    printed.thrown("expect", () => attachForeign({ accessor, reader, expects }, file));
    printed.thrown("attach", () => attachForeign({ accessor, reader, expects }, join(directory, `${name}none`)));
    const token = encodeToken({
      header: "standard",
      typeId: 99,
      version: 1,
      fingerprint: "0123456789abcdef",
      size: 4096,
      dev: 1,
      ino: 1,
      generation: 1,
      struct: name,
      location: { kind: "file", directory, folder: "", name: "x" },
    });
    printed.thrown("tokenIsFor", () => Counter.fromToken(token));
    printed.thrown("token", () => Counter.fromToken(name));
    fs.writeFileSync(join(directory, "other"), hostileRegion(name), { mode: 0o600 });
    const child = hostileProcess(
      name,
      `tryExclusive(fs.openSync(${JSON.stringify(directory)}, "r"), ""); console.log("up"); setInterval(() => 0, 1000);`,
    );
    await up(child);
    child.kill("SIGSTOP");
    await until(() => stateOf(child.pid ?? 0) === "T", "stopped");
    printed.thrown("busy", () => Counter.createOrOpen("y", { timeoutMs: 20 }));
    const waits = `const { Counter } = await import(${JSON.stringify(join(import.meta.dirname, "../support/regions/counter.mjs"))});
      try { Counter.createOrOpen("y", { timeoutMs: 1500 }); } catch {}`;
    const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", waits], { encoding: "utf8" });
    expect(stderr).toContain("SHM_WAITING");
    printed.add("waiting", stderr);
    expect(stderr.split("\n")).toHaveLength(2);
    await gone(child);
    printed.check("directory", "name", "expect", "tokenIsFor", "busy", "waiting", "attach");
    // The facts are as they were found.
    expect(() => Counter.createOrOpen("x", { directory: file })).toThrow(expect.objectContaining({ path: file }));
  }, 300_000);

  it("list, clean, inspect, watch and doctor", async () => {
    const directory = ownDirectory();
    const printed = new Printed();
    fs.writeFileSync(join(directory, name), "what", { mode: 0o600 });
    fs.writeFileSync(Buffer.from(`${directory}/\xff\x1b[1m`, "latin1"), "what", { mode: 0o600 });
    fs.writeFileSync(join(directory, "region"), hostileRegion(name), { mode: 0o600 });
    const child = hostileProcess(
      name,
      `globalThis.kept = Counter.createOrOpen("held"); console.log("up"); setInterval(() => 0, 1000);`,
    );
    await up(child);
    for (const more of [[], ["--json"]]) {
      printed.run(["list", ...more], "/");
      printed.run(["clean", ...more], "/");
      printed.run(["inspect", "region", ...more], "/");
      printed.run(["inspect", join(directory, name), ...more], "/");
      printed.run(["inspect", `${directory}/none${name}`, ...more], "/");
    }
    expect(shmgen(["inspect", "region"]).code).toBe(0);
    printed.run(["inspect", "region", "--annotate"], "/");
    printed.run(["inspect", "region", "--fields", name], "/");
    printed.run(["list", "--directory", join(directory, name)], "/");
    printed.run(["clean", "--directory", join(directory, name, "deeper")], "/");
    fs.rmSync(join(directory, name));
    fs.mkdirSync(join(directory, name), { mode: 0o700 });
    printed.run(["list", "--directory", join(directory, name)], "/");
    printed.run(["clean", "--directory", join(directory, name)], "/");
    printed.run(["doctor", "--directory", join(directory, name, "none")], "/");
    printed.run(["doctor", "--directory", join(directory, name), "--json"], "/");
    for (const check of await checkEnvironment({ directory: join(directory, name, "none"), only: ["directory"] })) {
      printed.add("check", check.found, check.expected ?? "", check.remedy ?? "");
    }
    printed.thrown("remove", () => removeRegion("held"));
    for (const { why } of cleanStale({ dryRun: true }).kept) printed.add("kept", why);
    const watch = spawn(process.execPath, [CLI, "watch", join(directory, "region"), "--interval", "10"]);
    onTestFinished(() => void watch.kill("SIGKILL"));
    let text = "";
    watch.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    watch.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
    const file = fs.openSync(join(directory, "region"), "r+");
    let written = 0;
    await until(() => {
      fs.writeSync(file, `${written}${name}`, HEADER_SIZE + 1);
      written += 1;
      return text.includes("was ");
    }, "a change is shown");
    fs.closeSync(file);
    fs.rmSync(join(directory, "region"));
    await new Promise((resolve) => watch.once("close", resolve));
    printed.add("watch", text);
    await gone(child);
    printed.check("list", "clean", "inspect", "watch", "doctor", "remove", "kept");
  }, 300_000);
});

describe.each(NAMES.map((name, index) => [index, name] as const))("hostile name %# in schemas", (_, name) => {
  it("commands about schemas: files, folders, options and source lines", () => {
    ownDirectory();
    const printed = new Printed();
    const head = `import type { Region, u32 } from "@shmgen/schema";\n`;
    const region = (field: string): string =>
      `${head}export interface Car extends Region<{ type: 1; version: 1 }> { ${field}: u32 }\n`;
    const folder = project({ "package.json": MANIFEST, "ok/car.shm.ts": region("speed") });
    const schema = `ok/${name}.shm.ts`;
    put(folder, { [schema]: `${head}export interface Other extends Region<{ type: 2; version: 1 }> { a: u32 }\n` });
    const broken = `${head}/* ${name.replaceAll(/[\n\r\u2028\u2029]/g, "")} */ export interface A { b: number; "${name.replaceAll(/["\\\n\r]/g, "")}": u32 }\n`;
    put(folder, {
      [`${name}/bad.shm.ts`]: broken,
      [`${name}/worse.shm.ts`]: `import type { ${name} from "x"; ${name}\n`,
    });
    for (const more of [[], ["--format", "json"], ["--format", "github"]]) {
      printed.run(["generate", `${name}/bad.shm.ts`, `${name}/worse.shm.ts`, ...more], folder);
      printed.run(["generate", "ok", "--dry-run", ...more], folder);
      printed.run(["check", "ok", ...more], folder);
      printed.run(["check", `none${name}`, ...more], folder);
      printed.run(["check", "ok", "--against", name, ...more], folder);
    }
    printed.run(["generate", "ok", "--out", name], folder);
    fs.appendFileSync(join(folder, name, "car.ts"), name);
    printed.run(["check", "ok", "--out", name], folder);
    printed.run(["layout", "--files", schema], folder);
    printed.run(["layout", "--files", schema, "--json"], folder);
    printed.run(["layout", name], folder);
    printed.run(["lock", "ok"], folder);
    fs.writeFileSync(join(folder, `ok/car.shm.ts`), region("speed2"));
    printed.run(["check", "ok"], folder);
    printed.run(["diff", `ok`], folder);
    const live = join(folder, `${name}.region`);
    fs.writeFileSync(live, hostileRegion(name));
    put(folder, { "shmgen.config.json": `{ "files": "ok/car.shm.ts" }` });
    for (const more of [[], ["--format", "json"], ["--format", "github"]]) printed.run(["diff", live, ...more], folder);
    printed.run(["diff", name], folder);
    put(folder, { "shmgen.config.json": JSON.stringify({ files: `none${name}`, [name]: 1 }) });
    printed.run(["generate"], folder);
    put(folder, { "shmgen.config.json": `{ ${name}` });
    printed.run(["generate"], folder);
    put(folder, { "shmgen.config.json": "{}", "shmgen.lock.json": `{ "${name}": 1 }` });
    printed.run(["lock"], folder);
    for (const argv of [
      [name],
      ["--format", name],
      ["generate", `--${name}`],
      ["generate", "--target", name],
      ["generate", "--cwd", name],
      ["generate", "--config", name],
      ["generate", "--versions", name],
      ["explain", name],
      ["doctor", name],
      ["list", "--scope", name],
      ["init", name],
    ])
      printed.run(argv, folder);
    // Source lines and files that are compared keep their tabs.
    const tabless = printed.texts.map(([door, text]): [string, string] => [door, text.replaceAll("\t", " ")]);
    printed.texts.splice(0, Infinity, ...tabless);
    printed.check("generate", "check", "layout", "diff", "explain", name);
  }, 300_000);
});
