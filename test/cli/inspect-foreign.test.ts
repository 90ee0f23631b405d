/** `shmgen inspect --schema`: files of other programs, by what a schema says of them. */
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { project, shmgen, startShmgen } from "./run-cli.js";

const SCHEMA = `import type { array, be, bits, expect, Foreign, Region, Sized, u16, u32, u64, u8, utf8 } from "@shmgen/schema";
/** @repr u8 */
export enum Kind { Idle, Busy }
export interface Row { key: u32; value: u32; }
export interface Probe extends Foreign {
  magic: expect<utf8<4>, "PROB">;
  version: expect<be<u16>, 2 | 3>;
  kind: Kind;
  state: bits<{ ready: 1; mode: 7 }, u8>;
  count: u64;
  name: utf8<16>;
  rows: array<Row, 2>;
}
export interface Page extends Sized<16> { flags: u16; used: array<u16, 3>; next: u64; }
export interface Ours extends Region<{ type: 1; version: 1 }> { count: u32; }
export interface Old extends Region<{ type: 7; version: 2; header: "dotnet" }> { count: u32; }
`;
const OTHERS = `import type { Foreign, u8 } from "@shmgen/schema";
export interface One extends Foreign { a: u8 }
export interface Two extends Foreign { a: u8 }
`;

/** What a program in another language has written: magic, version, kind, state, count, name, and rows of 8 bytes. */
function probe({ magic = "PROB", version = 2, kind = 1, count = 5n, name = "pump", rows = 2 } = {}): Buffer {
  const bytes = Buffer.alloc(32 + 8 * rows + 3);
  bytes.write(magic, 0, "latin1");
  bytes.writeUInt16BE(version, 4);
  bytes.writeUInt8(kind, 6);
  bytes.writeUInt8(0b1010_1011, 7);
  bytes.writeBigUInt64LE(count, 8);
  bytes.write(name, 16, "latin1");
  for (let row = 0; row < rows; row += 1) bytes.writeUInt32LE(row, 32 + 8 * row).toString();
  return bytes;
}

function folderWith(files: Readonly<Record<string, Buffer>> = {}): string {
  const folder = project({ "probe.shm.ts": SCHEMA, "others.shm.ts": OTHERS, "package.json": "{}" });
  for (const [name, bytes] of Object.entries(files)) fs.writeFileSync(join(folder, name), bytes);
  return folder;
}

describe("shmgen inspect --schema shows memory of another program", () => {
  it("field by field", () => {
    const cwd = folderWith({ dump: probe() });
    const { code, out, err } = shmgen(["inspect", "dump", "--schema", "probe.shm.ts#Probe"], { cwd });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toBe(`dump: Probe as probe.shm.ts#Probe has it
51 bytes at ${join(cwd, "dump")}, struct of 48 bytes

  offset  type            name = value
       0  utf8<4>         magic = "PROB"
       4  be<u16>         version = 2
       6  Kind            kind = Busy (1)
       7  ProbeStateBits  state
       7  u8:1              ready = 1
       7  u8:7              mode = 85
       8  u64             count = 5
      16  utf8<16>        name = "pump"
      32  array<Row, 2>   rows
      32  Row               [0]
      32  u32                 key = 0
      36  u32                 value = 0
      40  Row               [1]
      40  u32                 key = 1
      44  u32                 value = 0
`);
  });

  it("as the one struct of the file that extends Foreign, where none is named", () => {
    const cwd = folderWith({ dump: probe() });
    const { code, out } = shmgen(["inspect", "dump", "--schema", "probe.shm.ts", "--fields", "count"], { cwd });
    expect(code).toBe(0);
    expect(out).toMatch(/^dump: Probe as probe.shm.ts#Probe has it\n.*\n\n {7}8 {2}u64 +count = 5\n$/);
  });

  it("byte by byte, with offsets of the file and the bytes that are no field's", () => {
    const page = Buffer.from("0100020003000400ff00000000000000", "hex");
    const cwd = folderWith({ "data.mdb": Buffer.concat([Buffer.alloc(16, 0xee), page, Buffer.from("tail!")]) });
    const { out } = shmgen(["inspect", "data.mdb", "--schema", "probe.shm.ts#Page", "--offset", "0x10", "--annotate"], {
      cwd,
    });
    expect(out.replaceAll(/ +/g, " ").trimEnd().split("\n")).toEqual([
      "+0x0000 | ee ee ee ee ee ee ee ee | | |",
      "+0x0008 | ee ee ee ee ee ee ee ee | | |",
      "+0x0010 | 01 00 | u16 | 1 | flags",
      "+0x0012 | 02 00 | u16 | 2 | used[0]",
      "+0x0014 | 03 00 | u16 | 3 | used[1]",
      "+0x0016 | 04 00 | u16 | 4 | used[2]",
      "+0x0018 | ff 00 00 00 00 00 00 00 | u64 | 255 | next",
      "+0x0020 | 74 61 69 6c 21 | | |",
    ]);
  });

  it("as JSON, with where it lies and by which schema", () => {
    const cwd = folderWith({ dump: probe() });
    const { out } = shmgen(["inspect", "dump", "--schema", "probe.shm.ts#Page", "--offset", "8", "--json"], { cwd });
    expect(JSON.parse(out)).toMatchObject({
      state: "foreign",
      size: 51,
      schema: "probe.shm.ts#Page",
      offset: 8,
      payloadSize: 16,
      tailLength: 0,
      unexpected: [],
      struct: "Page",
      values: { flags: 5, used: [0, 0, 0], next: "1886221680" },
      cut: [],
    });
  });

  it("behind a symbolic link, as attach does", () => {
    const cwd = folderWith({ dump: probe() });
    fs.symlinkSync("dump", join(cwd, "current"));
    expect(shmgen(["inspect", "current", "--schema", "probe.shm.ts"], { cwd }).code).toBe(0);
  });

  it("from the first page of a file that no mapping of ours could hold", () => {
    const cwd = folderWith({ dump: probe() });
    fs.truncateSync(join(cwd, "dump"), 5 * 2 ** 30);
    const { code, out } = shmgen(["inspect", "dump", "--schema", "probe.shm.ts#Page", "--offset", "5368709104"], {
      cwd,
    });
    expect({ code, line: out.split("\n")[1] }).toEqual({
      code: 0,
      line: `5368709120 bytes at ${join(cwd, "dump")}, struct of 16 bytes from byte 5368709104 on`,
    });
  });

  it("of a region with .NET's short header, behind it", () => {
    const cwd = folderWith({ old: Buffer.from("07020000000000002a00000000000000", "hex") });
    const { out } = shmgen(["inspect", "./old", "--schema", "probe.shm.ts#Old", "--fields", "count"], { cwd });
    expect(out).toMatch(/count = 42\n$/);
  });
});

describe("shmgen inspect --schema says", () => {
  it("what is not as the schema expects, shows it all the same, and ends with 1", () => {
    const cwd = folderWith({ dump: probe({ magic: "\u001b[3m", version: 9 }) });
    const { code, out, err } = shmgen(["inspect", "dump", "--schema", "probe.shm.ts"], { cwd });
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out).toContain(`not as expected: magic is "\\u001b[3m", and "PROB" was expected
not as expected: version is 9, and 2 or 3 was expected
`);
    expect(out).toContain("count = 5");
    expect(out).not.toContain("\u001b");
    const { out: json } = shmgen(["inspect", "dump", "--schema", "probe.shm.ts", "--json"], { cwd });
    expect((JSON.parse(json) as { unexpected: string[] }).unexpected).toHaveLength(2);
  });

  it("nothing of what a struct in a union expects, as attach does: nobody has said that it holds", () => {
    const schema = `import type { Foreign, expect, u8, union } from "@shmgen/schema";
export interface Mark { mark: expect<u8, 1>; }
export interface Either extends Foreign { either: union<{ mark: Mark; count: u8 }>; mark: Mark; }
`;
    const cwd = folderWith({ dump: Buffer.from([9, 1]) });
    fs.writeFileSync(join(cwd, "either.shm.ts"), schema);
    const { code, out } = shmgen(["inspect", "dump", "--schema", "either.shm.ts"], { cwd });
    expect(code).toBe(0);
    expect(out).not.toContain("not as expected");
  });

  it("that a file is too short, and which field lies beyond it", () => {
    const cwd = folderWith({ dump: probe().subarray(0, 20) });
    const { code, err } = shmgen(["inspect", "dump", "--schema", "probe.shm.ts"], { cwd });
    expect(code).toBe(1);
    expect(err).toBe("shmgen: dump: the file has 20 bytes, and Probe takes 48: 'name' ends at 32\n");
    const offset = shmgen(["inspect", "dump", "--schema", "probe.shm.ts#Page", "--offset", "8"], { cwd });
    expect(offset.err).toContain("and Page takes 16 from byte 8 on: 'next' ends at 24");
  });

  it.each([
    [["nope", "--schema", "probe.shm.ts"], 1, /there is no such file: path=.*nope\n {2}hint: the program that owns it/],
    [["dumq", "--schema", "probe.shm.ts"], 1, /did you mean 'dump'\?/],
    [["dump", "--schema", "probe.shm.ts#Prob"], 2, /there is no struct 'Prob'\n {2}hint: did you mean 'Probe'\?/],
    [
      ["dump", "--schema", "others.shm.ts"],
      2,
      /several structs that extend Foreign\n {2}hint: say which one: --schema others.shm.ts#One/,
    ],
    [
      ["dump", "--schema", "probe.shm.ts#Ours"],
      2,
      /'Ours' of probe.shm.ts is a region of shmgen.*\n {2}hint: leave --schema out/,
    ],
    [["dump", "--schema", "none.shm.ts"], 2, /none.shm.ts: there is no such file/],
    [["dump", "--offset", "8"], 2, /--offset goes with --schema/],
    [["--mapping", "Local\\Game"], 2, /--mapping goes with --schema/],
    [["dump", "--schema", "probe.shm.ts", "--offset=-1"], 2, /--offset takes bytes, as 4096 or 0x1000, found '-1'/],
    [[".", "--schema", "probe.shm.ts"], 1, /it is a folder, and only a regular file can be shown/],
  ])("what is wrong with %j", (argv, code, message) => {
    const cwd = folderWith({ dump: probe() });
    const found = shmgen(["inspect", ...argv], { cwd });
    expect(found.err).toMatch(message);
    expect(found).toMatchObject({ code, out: "" });
  });

  it("what is wrong with the schema, and shows nothing by it", () => {
    const cwd = folderWith({ dump: probe() });
    fs.writeFileSync(join(cwd, "probe.shm.ts"), SCHEMA.replace("count: u64", "count: number"));
    const { code, out, err } = shmgen(["inspect", "dump", "--schema", "probe.shm.ts"], { cwd });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(
      /probe\.shm\.ts:10:10 - error SHM\d+[^]*the schema probe.shm.ts has errors, and nothing can be shown by it/,
    );
  });
});

describe("shmgen watch --schema follows memory of another program", () => {
  it("by its values, when it becomes too short, and to its end", async () => {
    const cwd = folderWith({ dump: probe() });
    const path = join(cwd, "dump");
    const argv = ["watch", path, "--schema", join(cwd, "probe.shm.ts"), "--interval", "10", "--fields", "count"];
    const watch = startShmgen(argv);
    await watch.until(/count = 5\n/);
    const owner = fs.openSync(path, "r+");
    fs.writeSync(owner, Buffer.from([6]), 0, 1, 8);
    await watch.until(/ count = 6 \(was 5\)\n/);
    fs.ftruncateSync(owner, 10);
    await watch.until(/the file has 10 bytes, and Probe takes 48/);
    fs.closeSync(owner);
    const other = join(cwd, "other");
    fs.writeFileSync(other, probe({ count: 77n }));
    fs.renameSync(other, path);
    await watch.until(/another file has taken the file's place\n/);
    await watch.until(/count = 77/);
    fs.rmSync(path);
    expect(await watch.ended).toBe(0);
    expect(watch.text()).toMatch(/the file has gone away\n$/);
  });
});
