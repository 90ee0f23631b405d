import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(root, path)));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const sources = tracked.filter((path) => /^(schema|runtime|generator)\/.*(?<!\.d)\.ts$/.test(path));

/** What a source file imports: relative paths from the root, or package names. */
function imports(path: string): string[] {
  const found = read(path).matchAll(
    /^\s*(?:import|export)\s[^"']*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gms,
  );
  return [...found].map((match) => {
    const name = match[1] ?? match[2] ?? match[3] ?? "";
    return name.startsWith(".") ? relative(root, join(root, dirname(path), name)).replace(/\.js$/, ".ts") : name;
  });
}

/** What every room of the runtime may use. */
const BASE = [
  "runtime/errors",
  "runtime/host",
  "runtime/loading",
  "runtime/monotonic",
  "runtime/arguments/",
  "schema/encodings",
  "schema/printable",
  "schema/suggest",
];
/** The rooms that a region is built of, lowest first: each may import those below it, and all that they may. */
const STOREYS = ["file", "mapping", "region", "open", "local", "handover"];

function upTo(storey: string): string[] {
  const below = [
    "os",
    "access",
    "format",
    "wait",
    "participants",
    "place",
    ...STOREYS.slice(0, STOREYS.indexOf(storey) + 1),
  ];
  return [...BASE, "schema/", ...below.map((room) => `runtime/${room}/`)];
}

/** Rooms, most specific first. A file belongs to the first whose prefix fits. */
const ROOMS: readonly {
  readonly room: string;
  readonly mayImport: readonly string[];
  readonly packages: readonly string[];
}[] = [
  { room: "schema/", mayImport: ["schema/"], packages: [] },
  { room: "runtime/os/posix/", mayImport: [...BASE, "runtime/os/"], packages: ["koffi"] },
  { room: "runtime/os/linux/", mayImport: [...BASE, "runtime/os/"], packages: [] },
  { room: "runtime/os/darwin/", mayImport: [...BASE, "runtime/os/"], packages: [] },
  { room: "runtime/os/win32/", mayImport: [...BASE, "runtime/os/"], packages: ["koffi"] },
  { room: "runtime/os/koffi.ts", mayImport: BASE, packages: ["koffi"] },
  { room: "runtime/os/", mayImport: [...BASE, "runtime/os/"], packages: [] },
  { room: "runtime/errors", mayImport: ["schema/printable"], packages: [] },
  { room: "runtime/loading", mayImport: ["runtime/arguments/"], packages: [] },
  { room: "runtime/monotonic", mayImport: [], packages: [] },
  { room: "runtime/host", mayImport: [], packages: [] },
  { room: "runtime/arguments/", mayImport: [...BASE, "runtime/arguments/"], packages: [] },
  { room: "runtime/kernels/", mayImport: ["runtime/kernels/"], packages: [] },
  { room: "runtime/access/", mayImport: [...BASE, "runtime/access/", "runtime/kernels/"], packages: [] },
  {
    room: "runtime/containers/",
    mayImport: [...BASE, "runtime/access/", "runtime/containers/", "runtime/kernels/", "schema/containers/"],
    packages: [],
  },
  { room: "runtime/format/", mayImport: [...BASE, "runtime/access/", "runtime/format/", "schema/"], packages: [] },
  { room: "runtime/wait/", mayImport: [...BASE, "runtime/os/", "runtime/access/", "runtime/wait/"], packages: [] },
  {
    room: "runtime/participants/",
    mayImport: [
      ...BASE,
      "schema/",
      "runtime/os/",
      "runtime/access/",
      "runtime/format/",
      "runtime/wait/",
      "runtime/participants/",
    ],
    packages: [],
  },
  { room: "runtime/place/", mayImport: [...BASE, "runtime/os/", "runtime/wait/", "runtime/place/"], packages: [] },
  { room: "runtime/file/", mayImport: upTo("file"), packages: [] },
  { room: "runtime/mapping/", mayImport: upTo("mapping"), packages: [] },
  { room: "runtime/region/", mayImport: upTo("region"), packages: [] },
  { room: "runtime/open/", mayImport: upTo("open"), packages: [] },
  { room: "runtime/local/", mayImport: upTo("local"), packages: [] },
  { room: "runtime/handover/", mayImport: upTo("handover"), packages: [] },
  { room: "runtime/browser/", mayImport: [...upTo("local"), "runtime/browser/"], packages: [] },
  {
    room: "runtime/scope/",
    mayImport: [
      ...BASE,
      "runtime/os/",
      "runtime/format/",
      "runtime/wait/",
      "runtime/place/",
      "runtime/file/",
      "runtime/participants/",
      "runtime/scope/",
    ],
    packages: [],
  },
  {
    room: "runtime/doctor/",
    mayImport: [
      ...BASE,
      "schema/glob",
      "schema/containers/participants",
      "runtime/os/",
      "runtime/place/",
      "runtime/scope/",
      "runtime/doctor/",
    ],
    packages: [],
  },
  { room: "runtime/", mayImport: ["runtime/"], packages: [] },
  {
    room: "generator/diagnostics/",
    mayImport: ["generator/diagnostics/", "generator/ir/ir"],
    packages: ["@shmgen/schema/printable", "@shmgen/schema/suggest"],
  },
  {
    room: "generator/ir/",
    mayImport: ["generator/ir/", "generator/diagnostics/"],
    packages: [
      "@shmgen/schema/containers",
      "@shmgen/schema/enum-values",
      "@shmgen/schema/encodings",
      "@shmgen/schema/scalar-sizes",
      "@shmgen/schema/type-kinds",
      "zod",
    ],
  },
  {
    room: "generator/frontend/",
    mayImport: ["generator/frontend/", "generator/ir/", "generator/diagnostics/"],
    packages: [
      "@shmgen/schema/containers",
      "@shmgen/schema/encodings",
      "@shmgen/schema/scalar-sizes",
      "@shmgen/schema/enum-values",
      "@shmgen/schema/type-kinds",
      "ts-morph",
      "@ts-morph/common/dist/typescript.js",
    ],
  },
  {
    room: "generator/import/",
    mayImport: [
      "generator/import/",
      "generator/frontend/vocabulary",
      "generator/ir/check-names",
      "generator/diagnostics/failure",
      "generator/diagnostics/suggest",
    ],
    packages: ["@shmgen/schema/glob", "@shmgen/schema/printable"],
  },
  {
    room: "generator/lower/",
    mayImport: ["generator/lower/", "generator/ir/"],
    packages: ["@shmgen/schema/containers", "@shmgen/schema/type-kinds"],
  },
  {
    room: "generator/layout/",
    mayImport: ["generator/layout/", "generator/ir/", "generator/diagnostics/"],
    packages: [
      "@shmgen/schema/region-format",
      "@shmgen/schema/descriptor",
      "@shmgen/schema/evolution",
      "@shmgen/schema/printable",
      "@shmgen/schema/scalar-sizes",
      "@shmgen/schema/enum-values",
      "@shmgen/schema/type-kinds",
      "fflate",
    ],
  },
  {
    room: "generator/emit/",
    mayImport: ["generator/emit/", "generator/layout/", "generator/ir/", "generator/diagnostics/"],
    packages: [
      "handlebars",
      "handlebars/runtime.js",
      "@shmgen/schema/containers",
      "@shmgen/schema/printable",
      "@shmgen/schema/region-format",
      "@shmgen/schema/encodings",
      "@shmgen/schema/scalar-sizes",
      "@shmgen/schema/enum-values",
      "@shmgen/schema/type-kinds",
    ],
  },
  {
    room: "generator/evolution/",
    mayImport: [
      "generator/evolution/",
      "generator/compile",
      "generator/config/disk",
      "generator/config/glob",
      "generator/emit/",
      "generator/layout/",
      "generator/ir/",
      "generator/diagnostics/",
    ],
    packages: ["@shmgen/schema/evolution", "zod"],
  },
  {
    room: "generator/inspect/",
    mayImport: ["generator/inspect/", "generator/layout/", "generator/ir/"],
    packages: [
      "@shmgen/schema/containers",
      "@shmgen/schema/region-format",
      "@shmgen/schema/header",
      "@shmgen/schema/judge-header",
      "@shmgen/schema/descriptor",
      "@shmgen/schema/evolution",
      "@shmgen/schema/printable",
      "@shmgen/schema/encodings",
      "@shmgen/schema/scalar-sizes",
      "@shmgen/schema/enum-values",
      "@shmgen/schema/type-kinds",
    ],
  },
  {
    room: "generator/pictures/",
    mayImport: [
      "generator/pictures/",
      "generator/evolution/side-by-side",
      "generator/inspect/",
      "generator/layout/",
      "generator/ir/",
    ],
    packages: ["@shmgen/schema/evolution", "@shmgen/schema/printable", "@shmgen/schema/type-kinds"],
  },
  {
    room: "generator/config/",
    mayImport: [
      "generator/config/",
      "generator/emit/registry",
      "generator/frontend/transpile",
      "generator/diagnostics/",
    ],
    packages: ["@shmgen/schema/glob", "zod"],
  },
  // The live commands use the runtime as everybody does.
  {
    room: "generator/commands/",
    mayImport: [
      "generator/commands/",
      "generator/compile",
      "generator/config/",
      "generator/diagnostics/",
      "generator/emit/",
      "generator/evolution/",
      "generator/import/",
      "generator/inspect/",
      "generator/ir/ir",
      "generator/layout/layout",
      "generator/output",
      "generator/pictures/",
      "generator/version",
    ],
    packages: [
      "@shmgen/runtime",
      // What a schema shows is attached as generated code attaches it.
      "@shmgen/runtime/codegen-v1",
      "@shmgen/runtime/doctor",
      "@shmgen/schema/header",
      "@shmgen/schema/evolution",
      "@shmgen/schema/printable",
    ],
  },
  {
    room: "generator/compile",
    mayImport: [
      "generator/frontend/",
      "generator/ir/",
      "generator/lower/",
      "generator/layout/",
      "generator/emit/",
      "generator/diagnostics/",
    ],
    packages: [],
  },
  {
    room: "generator/output",
    mayImport: ["generator/output", "generator/config/glob", "generator/emit/common/options", "generator/diagnostics/"],
    packages: [],
  },
  {
    room: "generator/program",
    mayImport: ["generator/commands/", "generator/diagnostics/", "generator/version"],
    packages: ["@shmgen/schema/printable"],
  },
  { room: "generator/cli", mayImport: ["generator/program", "generator/commands/"], packages: [] },
  // The public door.
  {
    room: "generator/index",
    mayImport: [
      "generator/compile",
      "generator/config/define-config",
      "generator/diagnostics/diagnostic",
      "generator/emit/",
      "generator/ir/ir",
      "generator/layout/",
      "generator/version",
    ],
    packages: ["@shmgen/schema/evolution"],
  },
  { room: "generator/version", mayImport: [], packages: [] },
];

/** Folders of one platform. What the doctor looks at is the platform itself, so its probes and their words belong to one as well. */
const isPlatform = (path: string): boolean =>
  /^runtime\/(os|doctor)\/(darwin|linux|posix|win32)\/|^runtime\/(?:os\/(?:koffi|node|own-process)|doctor\/check-engine)\.ts$/.test(
    path,
  );

/** What only a platform's folder may have, in code and in the texts of code, but for comments. */
const PLATFORM_IN_CODE: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["node:fs or node:os", /"(?:node:)?(?:fs|os)(?:\/[a-z]+)?"/],
  ["koffi", /"koffi"/],
  ["a path in /proc", /["'`]\/proc\b|\bwithout \/proc\b/],
  ["a path in /dev/shm", /\/dev\/shm/],
];
/** The same, in code alone. */
const PLATFORM_IN_WORDS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["bits of a mode", /\b0o[0-7]+/],
  ["a user or group", /\bget(?:e?[ug]id|groups)\b/],
  ["flags of open(2)", /\bO_[A-Z]+\b/],
];

const roomOf = (path: string): (typeof ROOMS)[number] | undefined => ROOMS.find(({ room }) => path.startsWith(room));

describe("tidy", () => {
  it("finds the sources it is to look at", () => {
    expect(sources.length).toBeGreaterThan(30);
    expect(imports("generator/ir/ir.ts")).toContain("zod");
  });

  it("every import goes in a direction that ARCHITECTURE.md allows", () => {
    const wrong: string[] = [];
    for (const path of sources) {
      const room = roomOf(path);
      for (const target of imports(path)) {
        const local = /^(schema|runtime|generator|test|examples)\//.test(target);
        const allowed = local
          ? room?.mayImport.some((prefix) => target.startsWith(prefix))
          : target.startsWith("node:") || room?.packages.includes(target);
        if (allowed !== true) wrong.push(`${path} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("the other rooms know a platform by its contract alone", () => {
    const wrong: string[] = [];
    for (const path of sources.filter((name) => name.startsWith("runtime/") && !isPlatform(name))) {
      const code = read(path).replaceAll(/\/\*[\s\S]*?\*\/|(?<!\S)\/\/.*$/gm, "");
      const words = code.replaceAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, "");
      for (const [what, pattern] of PLATFORM_IN_CODE) if (pattern.test(code)) wrong.push(`${path} has ${what}`);
      for (const [what, pattern] of PLATFORM_IN_WORDS) if (pattern.test(words)) wrong.push(`${path} has ${what}`);
      if (path.startsWith("runtime/os/")) continue;
      for (const target of imports(path).filter((name) => name.startsWith("runtime/os/"))) {
        if (!/^runtime\/os\/(?:index|contract|waiting)\.ts$/.test(target)) wrong.push(`${path} imports ${target}`);
      }
      // The contract has nothing but types.
      if (/import \{[^}]*\} from "[./]*os\/contract\.js"/.test(code))
        wrong.push(`${path} imports values of the contract`);
    }
    expect(wrong).toEqual([]);
  });

  it("no import leads in a circle", () => {
    const state = new Map<string, "open" | "done">();
    const circles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (state.get(path) === "done") return;
      if (state.get(path) === "open") {
        circles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
        return;
      }
      state.set(path, "open");
      const text = read(path);
      for (const target of imports(path)) {
        if (sources.includes(target) && text.includes(target.split("/").pop()?.replace(/\.ts$/, ".js") ?? "")) {
          visit(target, [...trail, path]);
        }
      }
      state.set(path, "done");
    };
    for (const path of sources) visit(path, []);
    expect(circles).toEqual([]);
  });

  it("every source file is reached from a door", () => {
    const doors = sources.filter((path) =>
      /^(schema\/(index|region-format|header|judge-header|enum-values|scalar-sizes|type-kinds|printable|evolution\/index|containers\/table)|runtime\/(index|codegen-v1|containers-v1|doctor|later|browser\/.*)|generator\/(index|cli))\.ts$|worker\.ts$/.test(
        path,
      ),
    );
    const reached = new Set<string>();
    const visit = (path: string): void => {
      if (reached.has(path) || !sources.includes(path)) return;
      reached.add(path);
      for (const target of imports(path)) visit(target);
    };
    for (const door of doors) visit(door);
    expect(sources.filter((path) => !reached.has(path))).toEqual([]);
  });

  it("no file has a note to finish it later, a machine's path, or a suppressed check", () => {
    const marks = [
      /\b(TODO|FIXME|XXX)\b(?! \d+ bytes? hole)/,
      /@ts-(ignore|nocheck)/,
      /\bas any[;,)\]\s]*$|\bas any[;,)]|: any[;,)=[>]|: any\s*[=|&]/,
      /\/(work|farm)\/[a-z]/,
    ];
    const found: string[] = [];
    for (const path of tracked.filter((name) => /\.(ts|mjs|js|hbs|c|h)$/.test(name) && name !== "test/tidy.test.ts")) {
      read(path)
        .split("\n")
        .forEach((line, index) => {
          // pahole's own word for a hole, which our layout text keeps.
          const text = line.replaceAll(/XXX (\$\{|\{\{|\d|n\b)/g, "");
          if (marks.some((mark) => mark.test(text))) found.push(`${path}:${index + 1}: ${line.trim()}`);
        });
    }
    expect(found).toEqual([]);
  });

  it("files are named in kebab-case", () => {
    const named = tracked.filter((path) => /\.(ts|mjs)$/.test(path) && !/^(test\/errors|test\/golden)\//.test(path));
    const wrong = named.filter((path) => !/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(path.split("/").pop() ?? ""));
    expect(wrong).toEqual([]);
  });
});

describe("tests", () => {
  const tests = tracked.filter((path) => /^test\/.*\.test\.ts$/.test(path));

  it("are in files of 500 lines, and in describes of 150 lines, at most", () => {
    const long: string[] = [];
    for (const path of tests) {
      const lines = read(path).split("\n");
      if (lines.length > 500) long.push(`${path}: ${lines.length} lines`);
      for (const [at, line] of lines.entries()) {
        if (!line.startsWith("describe")) continue;
        const length = lines.slice(at).findIndex((one) => /^(\}\)|\));$/.test(one)) + 1;
        if (length > 150) long.push(`${path}:${at + 1}: ${length} lines`);
      }
    }
    expect(long).toEqual([]);
  });

  it("ask one place how far to go", () => {
    const others = tracked.filter((path) => /\.(ts|mjs)$/.test(path) && /SHMGEN_(FULL|DEPTH)/.test(read(path)));
    expect(others).toEqual(["test/soak/containers.mjs", "test/support/run/depth.ts", "vitest.deep.config.ts"]);
  });
});
