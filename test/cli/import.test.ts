/** shmgen import: headers of C and C++ -> schemas, by the clang of the machine. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Document } from "../support/run/document.js";
import { project, shmgen } from "./run-cli.js";

const hasClang = spawnSync("clang", ["--version"]).status === 0;
if (!hasClang) console.warn("tests of shmgen import are skipped: clang is missing; on Debian: apt-get install clang");

const schemaOf = (header: string, args: readonly string[] = [], name = "a header.h"): string => {
  const { code, out, err } = shmgen(["import", name, ...args], { cwd: project({ [name]: header }) });
  expect({ code, err }).toMatchObject({
    code: 0,
    err: expect.stringContaining("all offsets agree with clang's") as string,
  });
  return out;
};

describe.skipIf(!hasClang)("import", () => {
  it("docs/import.md shows what it writes", () => {
    const page = new Document("docs/import.md");
    const cwd = project({ "car.h": page.file("car.h") });
    const [session] = page.session("## An example");
    const [, ...args] = (session?.command ?? "").trim().split(" ");
    const { code, out, err } = shmgen(
      args.map((one) => one.replaceAll("'", "")),
      { cwd },
    );
    expect({ code, err: err.trim() }).toEqual({
      code: 0,
      err: "shmgen: 2 structs, 1 enum, 1 constant; all offsets agree with clang's",
    });
    expect(out).toBe("created car.shm.ts\n");
    expect(`// car.shm.ts\n${readFileSync(join(cwd, "car.shm.ts"), "utf8")}`).toBe(page.file("car.shm.ts"));
  });

  it("writes the same, however the header is formatted", () => {
    const header =
      "/** A. */\nstruct A {\n  int a; // first\n  char b[4];\n};\nenum E { X, Y = 4 };\nstruct B { struct A a; enum E e; };\n";
    const other =
      "/** A. */ struct A\n{\n\n  int   a\n  ; // first\n char b [ 4 ];\n};\n\n\nenum E\n{ X,\nY = 4 }; struct B { struct A a;\nenum E e; };";
    expect(schemaOf(other)).toBe(schemaOf(header));
  });

  it("takes nothing of a comment or a name for more than that", () => {
    const header = [
      "// ends */ here, and @repr u64\n// @repr u8\nstruct __proto__ { int constructor; int class_; };",
      "/** @was older */\nstruct Map { /* \u202e */ int u8; int any; };",
      "struct event { struct Map $x; };",
    ].join("\n");
    const out = schemaOf(header);
    expect(out).toContain("interface __proto___ ");
    expect(out).toContain("constructor_: i32;");
    expect(out).toContain("interface Map_ ");
    expect(out).toContain("interface event_ ");
    expect(out).toContain("(at) repr u8");
    expect(out).toContain("\\u202e");
    expect(out.match(/\*\//g)?.length).toBe(out.match(/\/\*\*/g)?.length);
  });

  it("has macros and constants as literals, and leaves prefixes out", () => {
    const header =
      '#define CAR_MAGIC 0xcafeu\n#define CAR_BIG (1ull << 63)\n#define CAR_NAME "CARS"\n#define CAR_PNG "\\x89PNG"\n#define CAR_F(x) x\n#define CAR_BAD {\nenum { CAR_ONE = -1 };\nstruct car_x { int a; };';
    const out = schemaOf(header, ["--prefix", "CAR_", "--prefix", "car_"]);
    expect(out).toContain("export interface x extends Sized<4> {");
    const constants = out.split("\n").filter((line) => line.startsWith("export type"));
    expect(constants).toEqual([
      "export type ONE = -1;",
      "export type MAGIC = 0xcafe;",
      "export type BIG = 9223372036854775808n;",
      'export type NAME = "CARS";',
      'export type PNG = "89504e47";',
    ]);
  });

  it("reads C++: namespaces, bases and enum classes, and says what has virtual functions", () => {
    const header =
      "namespace n { struct B { int a; char c; }; struct D : B { char d; }; enum class M : unsigned char { A }; struct V { virtual ~V(); }; class P { M m; V v; }; constexpr int kMagic = 0x10; }";
    const cwd = project({ "a.hpp": header });
    const { code, out, err } = shmgen(["import", "a.hpp"], { cwd });
    expect(code).toBe(0);
    expect(out).toContain("  a: i32;\n  c: i8;\n  d: at<i8, 8>;\n");
    expect(out).toContain("/** @repr u8 */\nexport enum M {\n  A = 0,\n}");
    expect(out).toContain("export type kMagic = 0x10;");
    expect(err).toContain("a.hpp:1: V: has virtual functions");
    expect(err).toContain(
      "a.hpp:1: P.v: struct V has virtual functions, so that a pointer to code is in it; bytes<8> stands there",
    );
  });

  it("knows the memory of Windows without its headers", () => {
    const header = "#include <stddef.h>\nstruct W { long l; wchar_t w[8]; void *p; };";
    expect(schemaOf(header, ["--target", "x86_64-pc-windows-msvc", "--name", "W"])).toContain(
      "export interface W extends Foreign, Sized<32> {\n  l: i32;\n  w: utf16<8>;\n",
    );
  });

  it("says what is missing: the header, a struct, an include, clang", () => {
    const cwd = project({
      "a.h": '#include "b.h"\n',
      "c.h": "struct Car { int a; };\n",
      "d.h": "namespace x { class Y; }\n",
    });
    const refused = (args: readonly string[]): string => {
      const { code, err } = shmgen(["import", ...args], { cwd });
      return `${code} ${err}`;
    };
    expect(refused([])).toMatch(/^2 shmgen: shmgen import takes a header\n/);
    expect(refused(["a.h"])).toMatch(/'b\.h' file not found[\s\S]*say where b\.h is with --include DIR/);
    expect(refused(["c.h", "--name", "Cat"])).toMatch(
      /^2 shmgen: there is no struct 'Cat' in c\.h\n {2}hint: did you mean 'Car'/i,
    );
    expect(refused(["d.h", "--language", "c"])).toContain("this looks like C++: say --language c++");
    expect(refused(["c.h", "--clang", "/nowhere/clang"])).toMatch(
      /^3 shmgen: there is no \/nowhere\/clang; import needs clang\n {2}hint: install it \(Debian/,
    );
    expect(refused(["c.h", "-o", "car.ts"])).toContain("--out car.shm.ts");
  });
});

describe.skipIf(!hasClang)("import into a file, of any header", () => {
  it("--check says whether a schema is what the header has", () => {
    const cwd = project({ "a.h": "struct A { int a; };\n", "mine.shm.ts": "// mine\n" });
    const run = (...args: string[]) => shmgen(["import", "a.h", ...args], { cwd });
    expect(run("-o", "a.shm.ts", "--check").code).toBe(1);
    expect(run("-o", "a.shm.ts")).toMatchObject({ code: 0, out: "created a.shm.ts\n" });
    expect(run("-o", "a.shm.ts", "--check").code).toBe(0);
    writeFileSync(join(cwd, "a.h"), "struct A { int a, b; };\n");
    expect(run("-o", "a.shm.ts", "--check").code).toBe(1);
    expect(run("-o", "a.shm.ts")).toMatchObject({ code: 0, out: "updated a.shm.ts\n" });
    expect(run("-o", "mine.shm.ts").code).toBe(2);
    expect(readFileSync(join(cwd, "mine.shm.ts"), "utf8")).toBe("// mine\n");
  });

  it("overwrites no edits, and --check says of an edited schema whether the header is still what it was imported from", () => {
    const cwd = project({ "a.h": "struct A { int a; };\n" });
    const run = (...args: string[]) => shmgen(["import", "a.h", "-o", "a.shm.ts", ...args], { cwd });
    const path = join(cwd, "a.shm.ts");
    run();
    const edited = readFileSync(path, "utf8").replace("a: i32", "/** mine */\n  count: i32");
    writeFileSync(path, edited);
    expect(run("--check").code).toBe(0);
    expect(run()).toMatchObject({ code: 0, out: "unchanged a.shm.ts\n" });
    writeFileSync(join(cwd, "a.h"), "struct A { int a, b; };\n");
    expect(run("--check").code).toBe(1);
    const { code, err } = run();
    expect(code).toBe(2);
    expect(err).toContain("a.shm.ts: the header has changed, and somebody has edited this file since it was imported");
    expect(readFileSync(path, "utf8")).toBe(edited);
    expect(run("--force")).toMatchObject({ code: 0, out: "updated a.shm.ts\n" });
    expect(readFileSync(path, "utf8")).toContain("b: i32");
  });

  it("makes up names that C can have, however long those of the header are", () => {
    const long = "a_struct_with_a_name_of_just_sixty_characters_which_is_allowed";
    const header = `struct ${long} { unsigned ready : 1, mode : 3; union { struct { unsigned first_bit_of_it : 2, second_bit_of_it : 3; } in_here; int other; } a_union_with_a_long_name_too; };\n`;
    const out = schemaOf(header);
    expect(out).toContain(
      "export type a_struct_with_a_name_of_just_sixty_chara_bits_ = bits<{ ready: 1; mode: 3 }, u32>;",
    );
    expect(out).toContain(`export interface ${long} extends`);
    for (const [name = ""] of out.matchAll(/(?<=export (?:type|interface) )\w+/g)) expect(name.length).toBeLessThan(64);
  });

  it("takes the alignment of a struct, and not that of a typedef of it", () => {
    const out = schemaOf(
      "typedef struct { long a; char b[5]; } wide_t __attribute__((aligned(64)));\nstruct A { char c; wide_t w; };\n",
    );
    expect(out).toContain("export interface wide_t extends Sized<16> {\n  a: i64;");
    expect(out).toContain("export interface A extends Aligned<64>, Sized<128> {\n  c: i8;\n  w: at<wide_t, 64>;");
  });

  it("reads a .h that is no C as C++, and says so", () => {
    const cwd = project({ "a.h": "struct B { bool b; };\nstruct A { B b; int n = 3; };\n" });
    const { code, out, err } = shmgen(["import", "a.h"], { cwd });
    expect({ code, err }).toEqual({
      code: 0,
      err: "shmgen: a.h is no C, and was read as C++\nshmgen: 2 structs; all offsets agree with clang's\n",
    });
    expect(out).toContain("b: B;");
    // What was asked for is not changed.
    expect(shmgen(["import", "a.h", "--language", "c"], { cwd }).code).toBe(2);
  });

  it("knows the types of Windows' own headers, whatever their case, and says that they are not the real ones", () => {
    const header =
      "#include <Windows.h>\n#include <TCHAR.H>\nstruct P { DWORD id; WCHAR name[8]; BOOL on; HANDLE h; LARGE_INTEGER t; BYTE raw[4]; };\n";
    const cwd = project({ "p.h": header });
    const { out, err } = shmgen(["import", "p.h", "--target", "x86_64-pc-windows-msvc", "--name", "P"], { cwd });
    expect(err).toContain("windows.h of shmgen stood in for headers of Windows");
    expect(out).toContain("  id: u32;\n  name: utf16<8>;\n  on: i32;\n");
    expect(out).toContain("interface P extends Foreign, Sized<48> {");
  });

  it("has flexible arrays of roots as tails, and says where a struct cannot have its own", () => {
    const header =
      "struct R { int a; };\nstruct T { unsigned n, m; struct R rows[]; };\nstruct P { unsigned long long a; unsigned n; char d[]; };\n";
    expect(schemaOf(header, ["--name", "T"])).toContain("  m: u32;\n  rows: tail<R>;\n}");
    const { err } = shmgen(["import", "t.h", "--name", "P", "--only", "T"], { cwd: project({ "t.h": header }) });
    expect(err).toContain(
      "t.h:2: T.rows: a flexible array of R that follows the struct, which is no root; it is left out",
    );
    expect(err).toContain(
      "t.h:3: P.d: a flexible array of i8 that begins at 12, within the 16 bytes of the struct; it is left out",
    );
  });
});
