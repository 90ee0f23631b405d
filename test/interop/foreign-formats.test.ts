/** examples/foreign beside the tools that each format has: what we read has to be what they print. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { sections } from "../../examples/dist/foreign/elf.js";
import { counters } from "../../examples/dist/foreign/hsperfdata.js";
import { facts } from "../../examples/dist/foreign/journal.js";
import { libraries } from "../../examples/dist/foreign/ld-cache.js";
import { environment, readers } from "../../examples/dist/foreign/lmdb.js";
import { transitions } from "../../examples/dist/foreign/tzif.js";
import { lines as logins } from "../../examples/dist/foreign/utmp.js";
import { COMPILERS, STRICT_FLAGS, withoutCompilers } from "../support/c/gcc.js";

let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "shmgen-formats-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
const run = (command: string, ...args: readonly string[]): string =>
  execFileSync(command, args, { encoding: "utf8", env, maxBuffer: 1 << 26 });

/** Why a format is left out; undefined where all that it takes is there. */
function missing(what: Readonly<Record<string, boolean>>): string | undefined {
  const names = Object.keys(what).filter((name) => what[name] === false);
  return names.length === 0 ? undefined : names.join(" and ");
}
const has = (command: string): boolean => spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;
const gcc = withoutCompilers === undefined;

/** A format whose tool is missing says so in its title. */
function format(name: string, lacks: string | undefined, tests: () => void): void {
  describe.skipIf(lacks !== undefined)(lacks === undefined ? name : `${name} (skipped: there is no ${lacks})`, tests);
}

/** A program in C, built once. */
function program(name: string, source: string, ...flags: readonly string[]): string {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  writeFileSync(`${path}.c`, source);
  execFileSync("gcc", ["-O1", "-o", path, `${path}.c`, ...flags]);
  return path;
}

/** A process that says a line when it is ready, and goes on to its end or the test's. */
async function started(command: string, ...args: readonly string[]): Promise<number> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await new Promise((ready, fail) => {
    child.stdout.once("data", ready);
    child.once("exit", (code) => fail(new Error(`${command} ended with ${code}`)));
  });
  return child.pid ?? 0;
}

describe.skipIf(!gcc)("headers of foreign formats", () => {
  const generated = join(import.meta.dirname, "../../examples/foreign/generated");
  const headers = readdirSync(generated).filter((name) => name.endsWith(".h"));

  it.each(COMPILERS)("compile without a warning by $name, one beside the other", ({ command, args }) => {
    const source = headers.map((name) => `#include "${join(generated, name)}"\n`).join("");
    const { status, stderr } = spawnSync(command, [...args, ...STRICT_FLAGS, "-fsyntax-only", "-"], {
      input: source,
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

format("ELF, as readelf -S prints it", missing({ readelf: has("readelf") }), () => {
  it.each(["/bin/sh", process.execPath])("%s has the same sections", (path) => {
    const wanted = [...run("readelf", "-SW", path).matchAll(/^ +\[ *\d+\] (.*)$/gm)].map(([, row = ""]) => {
      // The first one has neither a name nor a type that readelf would print as others.
      const [name = "", , address = "", offset = "", size = "", ...rest] = row.startsWith(" ")
        ? ["", ...row.trim().split(/ +/)]
        : row.split(/ +/);
      return { name, address, offset, size, align: rest.at(-1) };
    });
    const hex = (value: bigint, digits: number): string => value.toString(16).padStart(digits, "0");
    const found = sections(path).map(({ name, address, offset, size, align }) => ({
      name,
      address: hex(address, 16),
      offset: hex(offset, 6),
      size: hex(size, 6),
      align: String(align),
    }));
    expect(wanted.length).toBeGreaterThan(20);
    expect(found).toEqual(wanted);
  });

  it("a file that is none is refused with the bytes that it has", () => {
    const path = join(folder, "script");
    writeFileSync(path, `#!/bin/sh\n${"exit 0\n".repeat(20)}`);
    expect(() => sections(path)).toThrow(expect.objectContaining({ code: "ERR_SHM_FORMAT" }));
  });
});

const WTMP = `
#include <stdlib.h>
#include <string.h>
#include <utmp.h>
int main(int argc, char **argv) {
  for (int index = 0; index < 20; index += 1) {
    struct utmp record = { .ut_type = index % 2 ? USER_PROCESS : DEAD_PROCESS, .ut_pid = 4000 + index };
    strcpy(record.ut_line, index % 2 ? "pts/1" : "tty12");
    strncpy(record.ut_id, "abcd", 4);
    memcpy(record.ut_user, "a-name-that-fills-32-bytes-wholly", index % 3 ? 5 : 32);
    strcpy(record.ut_host, "host.example");
    record.ut_tv.tv_sec = 1700000000 + 1000 * index;
    updwtmp(argv[1], &record);
  }
  return 0;
}`;

format("wtmp, as utmpdump prints it", missing({ utmpdump: has("utmpdump"), gcc }), () => {
  it("has the same records", () => {
    const path = join(folder, "wtmp");
    writeFileSync(path, "");
    execFileSync(program("login", WTMP), [path]);
    const types = ["empty", "runLevel", "bootTime", "newTime", "oldTime", "initProcess", "loginProcess", "userProcess"];
    const wanted = run("utmpdump", path)
      .trim()
      .split("\n")
      .map((row) => [...row.matchAll(/\[(.*?)\]/g)].map(([, cell = ""]) => cell.trim()))
      .map(([type = "", pid = "", , user, line, host, , time = ""]) => {
        const name = types[Number(type)] ?? "deadProcess";
        return `${time.slice(0, 19).replace(",", ".")} ${name.padEnd(12)} ${user} ${line} ${host} ${Number(pid)}`;
      });
    expect(wanted).toHaveLength(20);
    expect([...logins(path)]).toEqual(wanted);
  });
});

const REMOTE = "/lib/systemd/systemd-journal-remote";
const lacksJournal = missing({
  journalctl: has("journalctl"),
  "systemd-journal-remote": existsSync(REMOTE),
});

format("systemd's journal, as journalctl --header prints it", lacksJournal, () => {
  it("has the same facts", () => {
    const path = join(folder, "test.journal");
    const entry = (index: number): string =>
      `__REALTIME_TIMESTAMP=${1764500000000000 + index}\n__MONOTONIC_TIMESTAMP=${index}\n` +
      `_BOOT_ID=0123456789abcdef0123456789abcdef\nMESSAGE=message ${index}\nPRIORITY=${index % 8}\n\n`;
    const input = Array.from({ length: 50 }, (_, index) => entry(index + 1)).join("");
    execFileSync(REMOTE, ["-o", path, "-"], {
      input,
      stdio: ["pipe", "ignore", "pipe"],
    });
    const printed = new Map(
      [...run("journalctl", "--header", "--file", path).matchAll(/^(.*?): ?(.*)$/gm)].map(
        ([, name = "", value = ""]) => [name, value],
      ),
    );
    const found = facts(path);
    expect(Object.keys(found).length).toBeGreaterThan(12);
    for (const [name, value] of Object.entries(found)) {
      const wanted = printed.get(name) ?? "(not printed)";
      if (name.endsWith("timestamp")) {
        // It has the microseconds in brackets, and rounds the rest to seconds.
        const [, exact = ""] = /\(([\da-f]+)\)$/.exec(wanted) ?? [];
        expect(new Date(value).getTime(), name).toBe(Number(BigInt(`0x${exact}`) / 1000n));
      } else if (name === "Incompatible flags") {
        const words = wanted.toLowerCase().replaceAll("-", "").split(" ").sort();
        expect(value.toLowerCase().split(" ").sort(), name).toEqual(words);
      } else expect(value, name).toBe(wanted.replace(/ \(.*\)$/, ""));
    }
  });
});

const SLEEPER = `public class Sleeper {
  public static void main(String[] arguments) throws Exception {
    System.out.println("ready");
    Thread.sleep(600000);
  }
}`;

format("counters of a live JVM, as jcmd prints them", missing({ java: has("java"), jcmd: has("jcmd") }), () => {
  it("have the same names, and the values of the same moment", async () => {
    const source = join(folder, "Sleeper.java");
    writeFileSync(source, SLEEPER);
    const pid = await started("java", "-XX:+UsePerfData", source);
    const path = `/tmp/hsperfdata_${userInfo().username}/${pid}`;
    const before = counters(path);
    const wanted = new Map(
      [...run("jcmd", String(pid), "PerfCounter.print").matchAll(/^([\w.-]+)=(.*)$/gm)].map(
        ([, name = "", value = ""]) => [name, value],
      ),
    );
    const after = counters(path);
    expect(wanted.size).toBeGreaterThan(100);
    // What stands in the header jcmd calls counters, too.
    for (const name of wanted.keys()) if (name.startsWith("sun.perfdata.")) wanted.delete(name);
    expect([...wanted.keys()].filter((name) => !after.has(name))).toEqual([]);
    let compared = 0;
    for (const [name, value] of wanted) {
      const [first, last] = [before.get(name), after.get(name)];
      // One that has moved meanwhile may have had any value at the moment of the tool.
      if (first !== last) continue;
      expect(typeof last === "string" ? `"${last}"` : String(last), name).toBe(value);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(100);
  });
});

const LMDB = `
#include <lmdb.h>
#include <stdio.h>
#include <unistd.h>
#define DO(call) do { int status = (call); if (status != 0) return puts(mdb_strerror(status)), 1; } while (0)
int main(int argc, char **argv) {
  MDB_env *env; MDB_txn *txn; MDB_dbi dbi;
  DO(mdb_env_create(&env));
  DO(mdb_env_set_mapsize(env, 16 << 20));
  DO(mdb_env_open(env, argv[1], 0, 0600));
  for (int turn = 0; turn < 5; turn += 1) {
    DO(mdb_txn_begin(env, NULL, 0, &txn));
    DO(mdb_dbi_open(txn, NULL, 0, &dbi));
    for (int index = 0; index < 1000; index += 1) {
      char key[32], value[100] = { 0 };
      int length = sprintf(key, "%d-%d", turn, index);
      MDB_val k = { length, key }, v = { sizeof value, value };
      DO(mdb_put(txn, dbi, &k, &v, 0));
    }
    DO(mdb_txn_commit(txn));
  }
  DO(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn));
  puts("ready");
  fflush(stdout);
  pause();
}`;

const lmdbHeader = gcc && spawnSync("gcc", ["-E", "-x", "c", "-"], { input: "#include <lmdb.h>\n" }).status === 0;
format("LMDB, as mdb_stat prints it", missing({ mdb_stat: has("mdb_stat"), "lmdb.h": lmdbHeader }), () => {
  it("has the same pages, entries and readers", async () => {
    const database = join(folder, "lmdb");
    mkdirSync(database);
    const pid = await started(program("store", LMDB, "-llmdb"), database);
    const numbers = (text: string): Record<string, number> =>
      Object.fromEntries([...text.matchAll(/^ *(.+?): (\d+)$/gm)].map(([, name = "", value]) => [name, Number(value)]));
    const printed = numbers(run("mdb_stat", "-e", database));
    const found = environment(database);
    expect({
      ...found,
      mapSize: Number(found.mapSize),
      pagesUsed: Number(found.pagesUsed),
    }).toMatchObject({
      pageSize: printed["Page size"],
      mapSize: printed["Map size"],
      pagesUsed: printed["Number of pages used"],
    });
    expect([found.lastTransaction, found.depth, found.branchPages, found.leafPages, found.entries].map(Number)).toEqual(
      [
        printed["Last transaction ID"],
        printed["Tree depth"],
        printed["Branch pages"],
        printed["Leaf pages"],
        printed["Entries"],
      ],
    );
    expect(found.entries).toBe(5000n);
    // It ends with the number of characters that it has printed.
    const { stdout } = spawnSync("mdb_stat", ["-r", database], {
      encoding: "utf8",
      env,
    });
    const rows = [...stdout.matchAll(/^ +(\d+) +[\da-f]+ (-|\d+)$/gm)];
    expect(rows.length).toBe(1);
    const wanted = rows.map(([, id, txn = ""]) => ({
      pid: Number(id),
      transaction: txn === "-" ? undefined : BigInt(txn),
    }));
    expect(readers(database)).toEqual(wanted);
    expect(wanted[0]?.pid).toBe(pid);
  });
});

const LDCONFIG = "/sbin/ldconfig";
format("ld.so.cache, as ldconfig -p prints it", missing({ ldconfig: existsSync(LDCONFIG) }), () => {
  it("has the same libraries in the same order", () => {
    const wanted = [...run(LDCONFIG, "-p").matchAll(/^\t(\S+) \(.*\) => (.*)$/gm)].map(([, name, path]) => [
      name,
      path,
    ]);
    expect(wanted.length).toBeGreaterThan(10);
    expect(libraries().map(({ name, path }) => [name, path])).toEqual(wanted);
  });
});

const ZONES = "/usr/share/zoneinfo";
format("TZif, as zdump prints it", missing({ zdump: has("zdump"), tzdata: existsSync(join(ZONES, "Europe")) }), () => {
  const zones = ["Europe", "America"].flatMap((area) =>
    existsSync(join(ZONES, area))
      ? readdirSync(join(ZONES, area), { withFileTypes: true })
          .filter((one) => one.isFile())
          .map(({ name }) => `${area}/${name}`)
      : [],
  );

  it(`of ${zones.length} zones has the same transitions`, () => {
    expect(zones.length).toBeGreaterThan(20);
    for (const zone of zones) {
      const path = join(ZONES, zone);
      const found = transitions(path);
      const last = found.at(-1)?.from ?? 0n;
      // Beyond the last one the zone has a rule as text, which zdump goes on with.
      const printed = [
        ...run("zdump", "-v", "-c", "1800,2038", path).matchAll(/ {2}(.*) UT = .* (\S+) isdst=(\d) gmtoff=(-?\d+)$/gm),
      ]
        .map(([, time = "", name = "", daylight, offset]) => ({
          from: BigInt(new Date(`${time} UTC`).getTime() / 1000 || 0),
          name,
          isDaylight: daylight === "1",
          offset: Number(offset),
        }))
        .filter(({ from }) => from !== 0n && from <= last);
      // It prints the second before a change and that of the change.
      const wanted = printed.filter(({ from }, index) => printed[index - 1]?.from === from - 1n);
      const changes = found.filter((one, index) => {
        const before = found[index - 1];
        return (
          before === undefined ||
          before.offset !== one.offset ||
          before.name !== one.name ||
          before.isDaylight !== one.isDaylight
        );
      });
      expect(changes.slice(-wanted.length), zone).toEqual(wanted);
      expect(changes.length - wanted.length, zone).toBeLessThanOrEqual(1);
    }
  });
});
