import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WalIndex, type WalIndexReader } from "../../examples/dist/sqlite-wal/generated/wal-index.js";
import { readHeader } from "../../examples/dist/sqlite-wal/reader.js";

const found = spawnSync("sqlite3", ["--version"], { encoding: "utf8" });
const title = found.status === 0 ? "sqlite-wal" : "sqlite-wal (skipped: apt-get install sqlite3)";

/** A real sqlite3 process that answers one statement at a time and keeps its connection open. */
class Sqlite {
  readonly #process: ChildProcessWithoutNullStreams;
  #output = "";
  #questions = 0;

  constructor(database: string) {
    this.#process = spawn("sqlite3", ["-batch", database]);
    this.#process.stdout.setEncoding("utf8").on("data", (text: string) => (this.#output += text));
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => (this.#output += `error: ${text}`));
  }

  /** What SQLite prints for `sql`, columns separated by "|". */
  async run(sql: string): Promise<string> {
    const mark = `answer ${(this.#questions += 1)}`;
    this.#output = "";
    this.#process.stdin.write(`${sql}\nSELECT '${mark}';\n`);
    while (!this.#output.includes(mark)) await new Promise((resolve) => setTimeout(resolve, 2));
    const answer = this.#output.split(mark)[0]?.trim() ?? "";
    if (answer.includes("error:")) throw new Error(answer);
    return answer;
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const closed = new Promise((resolve) => this.#process.on("close", resolve));
    this.#process.stdin.end();
    await closed;
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }
}

/** Counts the frames of a WAL file that belong to its current header, as walformat.html says. */
function readWal(path: string): { frames: number; salt: [number, number]; pageSize: number } {
  const wal = readFileSync(path);
  const pageSize = wal.readUInt32BE(8);
  const salt: [number, number] = [wal.readUInt32BE(16), wal.readUInt32BE(20)];
  let frames = 0;
  for (let at = 32; at + 24 + pageSize <= wal.length; at += 24 + pageSize) {
    if (wal.readUInt32BE(at + 8) !== salt[0] || wal.readUInt32BE(at + 12) !== salt[1]) break;
    frames += 1;
  }
  return { frames, salt, pageSize };
}

describe.skipIf(found.status !== 0)(title, () => {
  let folder: string;
  let database: string;
  const connections: Sqlite[] = [];
  const connect = (): Sqlite => {
    const connection = new Sqlite(database);
    connections.push(connection);
    return connection;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "shmgen-sqlite-"));
    database = join(folder, "app.db");
  });
  afterEach(() => {
    for (const connection of connections.splice(0)) connection.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const expectSameAsWal = (wal: WalIndexReader): void => {
    const { frames, salt, pageSize } = readWal(`${database}-wal`);
    const header = readHeader(wal);
    expect(header.mxFrame).toBe(frames);
    expect(header.salt).toEqual(salt);
    expect(header.pageSize).toBe(pageSize);
    expect(header.version).toBe(3_007_000);
  };

  it("shows mxFrame, nPage and the salts that SQLite itself reports, live", async () => {
    const sqlite = connect();
    await sqlite.run("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE lap(n, ms);");
    using region = WalIndex.attach(`${database}-shm`);
    expect(region.outcome).toBe("attached");
    let frames = 0;
    for (let lap = 0; lap < 20; lap += 1) {
      await sqlite.run(`INSERT INTO lap VALUES (${lap}, randomblob(${lap * 997}));`);
      expectSameAsWal(region.data);
      expect(readHeader(region.data).nPage).toBe(Number(await sqlite.run("PRAGMA page_count;")));
      expect(readHeader(region.data).mxFrame).toBeGreaterThan(frames);
      frames = readHeader(region.data).mxFrame;
    }
  });

  it("shows what a checkpoint writes back, and the new salts of a restarted WAL", async () => {
    const sqlite = connect();
    await sqlite.run("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE lap(n, ms);");
    await sqlite.run("INSERT INTO lap VALUES (1, 2);");
    using region = WalIndex.attach(`${database}-shm`);
    const wal = region.data;
    expect(wal.backfilled).toBe(0);
    // busy | frames in the WAL | frames written back
    const [busy, log, written] = (await sqlite.run("PRAGMA wal_checkpoint(PASSIVE);")).split("|").map(Number);
    expect(busy).toBe(0);
    expect(readHeader(wal).mxFrame).toBe(log);
    expect(wal.backfilled).toBe(written);
    const salt = readHeader(wal).salt;
    await sqlite.run("PRAGMA wal_checkpoint(RESTART); INSERT INTO lap VALUES (3, 4);");
    expectSameAsWal(wal);
    expect(readHeader(wal).salt).not.toEqual(salt);
    expect(wal.backfilled).toBe(0);
  });

  it("shows the read mark of a transaction that another process holds open", async () => {
    const sqlite = connect();
    await sqlite.run("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE lap(n, ms);");
    using region = WalIndex.attach(`${database}-shm`);
    const reader = connect();
    await reader.run("BEGIN; SELECT count(*) FROM lap;");
    const { mxFrame } = readHeader(region.data);
    await sqlite.run("INSERT INTO lap VALUES (1, 2);");
    expect([...region.data.readMarks]).toContain(mxFrame);
    // The open reader keeps a checkpoint from going past its mark.
    const [, log, written] = (await sqlite.run("PRAGMA wal_checkpoint(PASSIVE);")).split("|").map(Number);
    expect(written).toBe(mxFrame);
    expect(log).toBe(mxFrame + 1);
    expect(region.data.backfilled).toBe(mxFrame);
  });

  it("leaves SQLite's file as it was: a reader cannot write", async () => {
    const sqlite = connect();
    await sqlite.run("PRAGMA journal_mode = WAL; CREATE TABLE lap(n, ms);");
    const before = readFileSync(`${database}-shm`);
    {
      using region = WalIndex.attach(`${database}-shm`);
      const writable = region.data as unknown as { backfilled: number };
      expect(() => (writable.backfilled = 7)).toThrow(expect.objectContaining({ code: "ERR_SHM_READ_ONLY" }));
    }
    expect(readFileSync(`${database}-shm`).equals(before)).toBe(true);
    await sqlite.run("INSERT INTO lap VALUES (1, 2);");
    await sqlite.end();
  });

  it("refuses another version with the field's name and both values", async () => {
    const sqlite = connect();
    await sqlite.run("PRAGMA journal_mode = WAL; CREATE TABLE lap(n, ms);");
    const copy = join(folder, "copy-shm");
    for (const [offset, field] of [
      [0, "header[0].version"],
      [48, "header[1].version"],
    ] as const) {
      copyFileSync(`${database}-shm`, copy);
      const bytes = readFileSync(copy);
      bytes.writeUInt32LE(3_008_000, offset);
      writeFileSync(copy, bytes);
      let message = "";
      try {
        WalIndex.attach(copy).close();
      } catch (error) {
        message = String(error);
      }
      expect(message).toContain(field);
      expect(message).toContain("3007000");
      expect(message).toContain("3008000");
    }
  });

  it("refuses a file that is too short with both sizes", async () => {
    const sqlite = connect();
    await sqlite.run("PRAGMA journal_mode = WAL; CREATE TABLE lap(n, ms);");
    const copy = join(folder, "copy-shm");
    copyFileSync(`${database}-shm`, copy);
    truncateSync(copy, 135);
    let message = "";
    try {
      WalIndex.attach(copy).close();
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain("135");
    expect(message).toContain("136");
    expect(message).toContain("WalIndex");
  });
});
