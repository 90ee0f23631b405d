/** Tokens: what they carry, how they travel, and what is refused. */
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, describe, expect, it } from "vitest";
import { crc32c } from "../../schema/dist/crc32c.js";
import { type TokenFacts, decodeToken, encodeToken } from "../../runtime/dist/runtime/format/token.js";
import { dotnetLocation } from "@shmgen/runtime";
import { attachForeign } from "@shmgen/runtime/codegen-v1";
import { Counter, counterDefinition, counterOf } from "../support/regions/counter.mjs";
import {
  COMPILERS,
  compileProgram,
  inTemporaryFolder,
  runProgram,
  withoutCompilers,
  writeFiles,
} from "../support/c/gcc.js";
import { codeOf, regionDirectory, startProcess } from "../support/processes/processes.js";
import { Random } from "../support/run/random.js";
import { byDepth } from "../support/run/depth.js";

const directory = regionDirectory();
const support = join(import.meta.dirname, "../support/regions/counter.mjs");
const opener = join(import.meta.dirname, "../support/processes/token-opener.mjs");
const refused = (code: string, facts: object = {}): unknown => expect.objectContaining({ code, ...facts });
/** Another user, if there is one and we may become him. */
const otherUser = process.getuid?.() === 0 ? 65534 : undefined;
const withoutRoot = otherUser === undefined ? " (skipped: needs root, to become another user)" : "";

/** What token-opener.mjs says of a token: the count that it found and increased, or a code. */
function openElsewhere(args: readonly string[], env: NodeJS.ProcessEnv = {}, user?: number): string {
  const identity = user === undefined ? {} : { uid: user, gid: user };
  const run = spawnSync(process.execPath, [opener, ...args], {
    encoding: "utf8",
    env: { ...process.env, ...env },
    timeout: 60_000,
    ...identity,
  });
  return run.status === 0 ? run.stdout.trim() : `${run.status ?? run.signal}: ${run.stderr}`;
}

const kinds = [
  ["with a name", () => Counter.createOrOpen("travels", { initialise: (data) => void (data.count = 40) })],
  ["without a name", () => Counter.createAnonymous({ initialise: (data) => void (data.count = 40) })],
  [
    "whose name is gone",
    () => Counter.create("gone", { cleanup: "immediately", initialise: (data) => void (data.count = 40) }),
  ],
] as const;

describe.each(kinds)("the token of a region %s", (_kind, create) => {
  it("opens it through an argument, the environment, a file's name, and a message [C-01 C-02 C-08]", async () => {
    using region = create();
    const token = region.token();
    expect(token).toMatch(/^shmgen1-[A-Za-z0-9_-]+$/);
    expect(openElsewhere([token])).toBe("opened 40");
    expect(openElsewhere([], { REGION: token })).toBe("opened 41");
    fs.writeFileSync(join(directory, `.${token}`), "");
    const name = fs.readdirSync(directory).find((entry) => entry.startsWith(".shmgen1-")) ?? "";
    fs.rmSync(join(directory, name));
    expect(openElsewhere([name.slice(1)])).toBe("opened 42");
    const child = await startProcess();
    const found = await child.run(({ Counter: Here }, text) => {
      const opened = Here.fromToken(text);
      const before = opened.data.addCount(1);
      opened.close();
      return before;
    }, token);
    expect(found).toBe(43);
    await child.kill();
    const worker = new Worker(
      `const { parentPort } = require("node:worker_threads");
       parentPort.once("message", async (token) => {
         const { Counter } = await import(${JSON.stringify(support)});
         const region = Counter.fromToken(token);
         parentPort.postMessage(region.data.addCount(1));
         region.close();
       });`,
      { eval: true },
    );
    worker.postMessage(token);
    expect(await new Promise((resolve) => worker.once("message", resolve))).toBe(44);
    await worker.terminate();
    expect(region.data.count).toBe(45);
  });

  it("is the same text for the same region, and another one for another region [C-03]", () => {
    using region = create();
    using again = Counter.fromToken(region.token());
    using other = Counter.createUnique("other");
    expect(region.token()).toBe(region.token());
    expect(decodeToken(again.token())).toMatchObject({ dev: decodeToken(region.token()).dev });
    expect(decodeToken(again.token()).ino).toBe(decodeToken(region.token()).ino);
    expect(other.token()).not.toBe(region.token());
  });

  it("a closed region has none, and its token opens nothing and makes nothing [C-05]", () => {
    const region = create();
    const token = region.token();
    region.close();
    expect(() => region.token()).toThrow(refused("ERR_SHM_CLOSED"));
    const before = fs.readdirSync(directory);
    expect(() => Counter.fromToken(token)).toThrow(refused("ERR_SHM_NOT_FOUND"));
    expect(fs.readdirSync(directory)).toEqual(before);
  });

  it("gives the rights that are asked for", () => {
    using region = create();
    using reader = Counter.fromToken(region.token(), { access: "read-only" });
    using copy = Counter.fromToken(region.token(), { access: "private", mapping: "view" });
    expect([reader.readOnly, copy.kind, copy.access]).toEqual([true, "view", "private"]);
    copy.data.count = 1;
    expect([region.data.count, reader.data.count]).toEqual([40, 40]);
    const misspelt = { access: "readonly" as "read-only" };
    expect(() => Counter.fromToken(region.token(), misspelt)).toThrow(refused("ERR_SHM_RANGE", { field: "access" }));
  });
});

describe("a token", () => {
  it("of another struct, version or layout is refused, and says what it is for [C-04 C-28]", () => {
    using region = Counter.createOrOpen("meant");
    const token = region.token();
    const cases = [
      [{ typeId: 8 }, "ERR_SHM_FORMAT", { field: "type", expected: 8, found: 7 }],
      [{ header: "dotnet" }, "ERR_SHM_FORMAT", { field: "header" }],
      [{ version: 2 }, "ERR_SHM_VERSION", { field: "version", expected: 2, found: 1 }],
      [{ fingerprint: "0000000000000001" }, "ERR_SHM_LAYOUT", { field: "fingerprint", found: "0123456789abcdef" }],
    ] as const;
    for (const [change, code, facts] of cases) {
      expect(() => counterOf(change).fromToken(token)).toThrow(refused(code, facts));
    }
    expect(() => counterOf({ typeId: 8 }).fromToken(token)).toThrow(/tokenIsFor=Counter/);
  });

  it("of a region that was left behind opens nothing [C-28]", async () => {
    const child = await startProcess();
    const token = await child.run(({ Counter: There, kept }) => {
      kept["left"] = There.createOrOpen("left");
      return kept["left"].token();
    });
    await child.kill();
    expect(() => Counter.fromToken(token)).toThrow(refused("ERR_SHM_STALE"));
    using again = Counter.createOrOpen("left");
    expect([again.outcome, again.generation]).toEqual(["reinitialised", 2]);
    expect(() => Counter.fromToken(token)).toThrow(
      refused("ERR_SHM_STALE", { field: "generation", expected: 1, found: 2 }),
    );
    // And also in a thread that has the new one open already, by another kind of mapping.
    expect(() => Counter.fromToken(token, { mapping: "view" })).toThrow(refused("ERR_SHM_STALE"));
    fs.rmSync(again.path);
    using replaced = Counter.createOrOpen("left", { initialise: (data) => void (data.count = 1) });
    // Who has it still can hand it on, by its descriptor.
    using unnamed = Counter.fromToken(again.token());
    expect([unnamed.generation, unnamed.data.count]).toEqual([2, 0]);
    expect(() => Counter.fromToken(token)).toThrow(/was replaced .*generation.*inode=\d+ inodeFound=\d+/);
    expect(replaced.data.count).toBe(1);
  });

  it(
    "C-08 is a name and no capability: who opens it needs the rights himself" + withoutRoot,
    { skip: otherUser === undefined },
    () => {
      using named = Counter.createOrOpen("mine");
      using anonymous = Counter.createAnonymous();
      // The directory of the test lets others look into it, so that it is the file that refuses.
      fs.chmodSync(directory, 0o755);
      try {
        expect(openElsewhere([named.token()], {}, otherUser)).toBe("ERR_SHM_PERMISSION");
        expect(openElsewhere([anonymous.token()], {}, otherUser)).toBe("ERR_SHM_PERMISSION");
      } finally {
        fs.chmodSync(directory, 0o700);
      }
    },
  );

  it("of memory that its process has closed, or that died with it, says so", async () => {
    const child = await startProcess();
    const [first, second] = await child.run(({ Counter: There, kept }) => {
      kept["a"] = There.createAnonymous();
      kept["b"] = There.createAnonymous();
      return [kept["a"].token(), kept["b"].token()] as const;
    });
    using opened = Counter.fromToken(first);
    await child.run(({ kept, fs: files }) => {
      const { descriptor = 0 } = kept["b"] ?? {};
      kept["b"]?.close();
      // Something else has that number now.
      let last = -1;
      while (last < descriptor) last = files.openSync("/dev/null", "r");
    });
    expect(() => Counter.fromToken(second)).toThrow(/something else open there.*pid=\d+/);
    await child.kill();
    expect(() => Counter.fromToken(first)).toThrow(refused("ERR_SHM_NOT_FOUND", { pid: child.pid }));
    // The start time, not the number alone, says which process it is.
    const facts = decodeToken(opened.token());
    if (facts.location.kind !== "descriptor") throw new Error("expected a descriptor");
    const location = { ...facts.location, startTime: facts.location.startTime + 1n };
    expect(() => Counter.fromToken(encodeToken({ ...facts, location }))).toThrow(/has ended/);
  });

  it("of a session's region opens it in another session, where the name alone would not [C-08 N-03]", () => {
    using region = Counter.createOrOpen("sessions", { scope: "session", initialise: (data) => void (data.count = 50) });
    expect(region.path).toMatch(/\/session-\d+\/sessions$/);
    const script = `
      const { Counter } = await import(${JSON.stringify(support)});
      const [token] = process.argv.slice(1);
      try { Counter.open("sessions", { scope: "session" }); } catch (error) { console.log(error.code); }
      const region = Counter.fromToken(token);
      console.log(region.path, region.data.addCount(1));
      region.close();`;
    const run = spawnSync("setsid", ["--wait", process.execPath, "--input-type=module", "-e", script, region.token()], {
      encoding: "utf8",
      timeout: 60_000,
    });
    expect(run.stderr).toBe("");
    expect(run.stdout).toBe(`ERR_SHM_NOT_FOUND\n${region.path} 50\n`);
    expect([region.data.count, region.isCurrent()]).toEqual([51, true]);
  });

  it("of a place of .NET does not exist, nor is it opened by its descriptor [N-05]", () => {
    const location = dotnetLocation(`Global\\shmgen-token-${process.pid}`, { userScope: true });
    const mutex = counterOf({ typeId: 0, header: "dotnet" });
    using region = mutex.createOrOpen(location);
    expect(() => region.token()).toThrow(refused("ERR_SHM_UNSUPPORTED"));
    const fd = fs.openSync(`/proc/self/fd/${region.descriptor}`, "r+");
    expect(() => mutex.attachFd(fd)).toThrow(refused("ERR_SHM_UNSUPPORTED"));
    expect(fs.fstatSync(fd).size).toBe(region.size);
    fs.closeSync(fd);
    region.close();
    expect(fs.existsSync(location.path)).toBe(false);
  });

  it("of memory of another program does not exist", () => {
    const path = join(directory, ".foreign");
    fs.writeFileSync(path, Buffer.alloc(64));
    using attached = attachForeign({ ...counterDefinition(), expects: [] }, path);
    expect(() => attached.token()).toThrow(refused("ERR_SHM_UNSUPPORTED"));
    expect(attached.descriptor).toBeGreaterThan(2);
    fs.rmSync(path);
  });

  it("of a region that has grown opens all of it", () => {
    const tailed = counterOf({ tailStride: 8, fingerprint: "00000000000000cd" });
    using region = tailed.createOrOpen("grown", { tailLength: 4 });
    const token = region.token();
    region.growTail(5000);
    using later = tailed.fromToken(token, { mapping: "view" });
    expect(later.tailLength).toBe(5000);
    expect(decodeToken(region.token()).size).toBeGreaterThan(decodeToken(token).size);
  });
});

const SAMPLE: TokenFacts = {
  header: "standard",
  typeId: 7,
  version: 1,
  fingerprint: "0123456789abcdef",
  size: 4096,
  dev: 27,
  ino: 123_456_789,
  generation: 3,
  struct: "Zähler",
  location: { kind: "file", directory: "/dev/shm/shmgen-1000", folder: "session-1", name: "car-7" },
};
const DESCRIPTOR: TokenFacts = {
  ...SAMPLE,
  header: "dotnet",
  location: { kind: "descriptor", pid: 4321, startTime: 2n ** 60n, descriptor: 20 },
};

describe("the bytes of a token", () => {
  it("decode to what was encoded [C-01]", () => {
    for (const facts of [SAMPLE, DESCRIPTOR]) expect(decodeToken(encodeToken(facts))).toEqual(facts);
  });

  it("damaged or foreign text is a typed error that says what is wrong [C-04]", () => {
    const token = encodeToken(SAMPLE);
    const cases: readonly (readonly [unknown, string, string])[] = [
      [undefined, "ERR_SHM_FOREIGN", "token"],
      [7, "ERR_SHM_FOREIGN", "token"],
      ["", "ERR_SHM_FOREIGN", "token"],
      ["/dev/shm/x", "ERR_SHM_FOREIGN", "token"],
      [`x${token}`, "ERR_SHM_FOREIGN", "token"],
      ["shmgen2-AAAA", "ERR_SHM_FORMAT", "format"],
      ["shmgen1-", "ERR_SHM_FORMAT", "length"],
      [`${token}\n`, "ERR_SHM_FORMAT", "characters"],
      [`${token}=`, "ERR_SHM_FORMAT", "characters"],
      [token.slice(0, 120), "ERR_SHM_FORMAT", "checksum"],
      [`${token.slice(0, 40)}${token[40] === "A" ? "B" : "A"}${token.slice(41)}`, "ERR_SHM_FORMAT", "checksum"],
      [token + "A".repeat(9000), "ERR_SHM_FORMAT", "length"],
    ];
    for (const [text, code, field] of cases) {
      expect(() => decodeToken(text), String(text)).toThrow(refused(code, { field }));
    }
  });

  it("what is impossible is refused although its checksum is right [C-04]", () => {
    const change = (work: (bytes: Buffer) => void, facts: TokenFacts = SAMPLE): string => {
      const bytes = Buffer.from(encodeToken(facts), "base64url");
      work(bytes);
      bytes.writeUInt32LE(crc32c(bytes.subarray(0, -4)), bytes.length - 4);
      return bytes.toString("base64url");
    };
    const cases: readonly (readonly [field: string, token: string])[] = [
      ["location", change((bytes) => bytes.writeUInt8(3, 6))],
      ["flags", change((bytes) => bytes.writeUInt8(2, 7))],
      ["size", change((bytes) => bytes.writeBigUInt64LE(0n, 24))],
      ["size", change((bytes) => bytes.writeBigUInt64LE(2n ** 64n - 1n, 24))],
      ["struct", change((bytes) => bytes.writeUInt16LE(65_535, 52))],
      ["name", change((bytes) => bytes.writeUInt16LE(6, 58))],
      ["length", change((bytes) => bytes.writeUInt16LE(4, 58))],
      ["struct", change((bytes) => bytes.writeUInt8(0xff, 76))],
      ["directory", change((bytes) => bytes.write("x", 76 + 7))],
      ["directory", change((bytes) => bytes.write("\0", 76 + 8))],
      ["folder", change((bytes) => bytes.write("/", 76 + 7 + 20))],
      ["pid", change((bytes) => bytes.writeUInt32LE(0, 60), DESCRIPTOR)],
      ["pid", change((bytes) => bytes.writeUInt32LE(2 ** 31, 60), DESCRIPTOR)],
      ["descriptor", change((bytes) => bytes.writeUInt32LE(2 ** 32 - 1, 72), DESCRIPTOR)],
    ];
    for (const [field, token] of cases) {
      expect(() => decodeToken(token), field).toThrow(refused("ERR_SHM_FORMAT", { field }));
    }
    // A name that leads elsewhere is none, also with a right checksum.
    const elsewhere = { ...SAMPLE, location: { kind: "file", directory, folder: "", name: "../x" } } as const;
    expect(codeOf(() => Counter.fromToken(encodeToken(elsewhere)))).toBe("ERR_SHM_NAME");
  });

  const MUTATIONS = byDepth(5000, 100_000);

  it(`${MUTATIONS.toLocaleString("en")} mutated tokens: no crash, and none is accepted [C-04]`, () => {
    const random = new Random(20_261_125);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const originals = [encodeToken(SAMPLE), encodeToken(DESCRIPTOR)];
    const codes = new Map<string, number>();
    const { stackTraceLimit } = Error;
    // Stacks cost more than all the rest here.
    Error.stackTraceLimit = 0;
    for (let round = 0; round < MUTATIONS; round += 1) {
      const original = originals[round % 2] ?? "";
      let token = original;
      for (let left = random.integer(1, 4); left > 0; left -= 1) {
        const at = random.integer(0, token.length - 1);
        const letter = random.integer(0, 20) === 0 ? "\u00e9" : (alphabet[random.integer(0, 63)] ?? "A");
        const kind = random.integer(0, 4);
        if (kind === 0) token = token.slice(0, at) + letter + token.slice(at);
        else if (kind === 1) token = token.slice(0, at) + token.slice(at + 1);
        else if (kind === 2) token = token.slice(0, Math.max(1, at));
        else token = token.slice(0, at) + letter + token.slice(at + 1);
      }
      if (token === original) continue;
      const code = codeOf(() => decodeToken(token));
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    Error.stackTraceLimit = stackTraceLimit;
    expect([...codes.keys()].toSorted()).toEqual(["ERR_SHM_FOREIGN", "ERR_SHM_FORMAT"]);
    expect((codes.get("ERR_SHM_FORMAT") ?? 0) + (codes.get("ERR_SHM_FOREIGN") ?? 0)).toBeGreaterThan(MUTATIONS * 0.95);
  });

  const withoutC = withoutCompilers === undefined ? "" : ` (skipped: ${withoutCompilers})`;
  it(
    `a peer in C decodes them by the table in docs/PROTOCOL.md, and opens the region${withoutC} [C-01]`,
    { skip: withoutCompilers !== undefined },
    () => {
      using named = Counter.createOrOpen("in-c", { initialise: (data) => void (data.count = 77) });
      using anonymous = Counter.createAnonymous({ initialise: (data) => void (data.count = 78) });
      const source = fs.readFileSync(join(import.meta.dirname, "../support/c/token-peer.c"), "utf8");
      for (const compiler of COMPILERS.slice(0, 1)) {
        inTemporaryFolder((folder) => {
          writeFiles(folder, { "token-peer.c": source });
          const flags = ["-Wall", "-Wextra", "-Werror", "-Wconversion", "-D_GNU_SOURCE"];
          compileProgram(compiler, { folder, source: "token-peer.c", program: "peer", flags });
          const decoded = runProgram(folder, "peer", [named.token()]).trim().split("\n");
          expect(decoded).toEqual([
            "where=1 flags=0 type=7 version=1 fingerprint=0123456789abcdef size=4096 generation=1",
            `struct=Counter path=${named.path}`,
            "count=77",
          ]);
          expect(runProgram(folder, "peer", [anonymous.token()])).toContain(
            `struct=Counter path=/proc/${process.pid}/fd/${anonymous.descriptor}\ncount=78\n`,
          );
          const damaged = `${named.token().slice(0, -1)}${named.token().endsWith("A") ? "B" : "A"}`;
          expect(() => runProgram(folder, "peer", [damaged])).toThrow(/ended with 2/);
        });
      }
    },
  );
});

describe("unique names", () => {
  it("prefix, process and random digits; nobody else has them [C-09]", () => {
    using first = Counter.createUnique("job", { initialise: (data) => void (data.count = 1) });
    using second = Counter.createUnique("job");
    expect(first.name).toMatch(new RegExp(`^job-${process.pid}-[0-9a-f]{16}$`));
    expect([first.outcome, second.outcome, first.data.count]).toEqual(["created", "created", 1]);
    expect(first.name).not.toBe(second.name);
    for (const prefix of ["", "../x", "x".repeat(190), "-x"]) {
      expect(() => Counter.createUnique(prefix), prefix).toThrow(refused("ERR_SHM_NAME"));
    }
  });

  it("a name that is taken, or left behind, is left alone, and another one is tried [C-09]", () => {
    const script = `
      import crypto from "node:crypto";
      import { syncBuiltinESMExports } from "node:module";
      const dice = ["aa", "bb", "cc"];
      let asked = 0;
      crypto.randomBytes = (size) => Buffer.alloc(size, dice[Math.min(asked++, 2)], "hex");
      syncBuiltinESMExports();
      const { Counter } = await import(${JSON.stringify(support)});
      const fs = await import("node:fs");
      {
        const open = Counter.create("job-" + process.pid + "-" + "aa".repeat(8), { initialise: (d) => { d.count = 5; } });
        const left = Counter.create("job-" + process.pid + "-" + "bb".repeat(8), { cleanup: "keep", initialise: (d) => { d.count = 6; } });
        left.close();
        const unique = Counter.createUnique("job");
        const kept = Counter.createOrOpen(left.name, { onStale: "keep" });
        console.log(unique.name.slice(-16), asked, open.data.count, kept.data.count);
        try { crypto.randomBytes = (size) => Buffer.alloc(size, "aa", "hex"); syncBuiltinESMExports(); Counter.createUnique("job"); }
        catch (error) { console.log(error.code); }
        for (const region of [open, unique, kept]) region.close();
      }`;
    const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    expect(output).toBe(`${"cc".repeat(8)} 3 5 6\nERR_SHM_EXISTS\n`);
  });
});

afterAll(() => {
  for (const name of fs.readdirSync(directory)) fs.rmSync(join(directory, name), { recursive: true, force: true });
});
