/** Every command, with what its help says. Data only: the code of a command is loaded when it runs. */
import { DEFAULT_TARGETS, TARGET_NAMES } from "../emit/registry.js";
import type { CommandSpec, OptionSpec } from "./command.js";

const HELP: OptionSpec = { name: "help", short: "h", summary: "show this help" };
const CWD: OptionSpec = { name: "cwd", value: "DIR", summary: "work as if started in DIR" };
const CONFIG: OptionSpec = {
  name: "config",
  value: "FILE",
  summary: "use this config file instead of the nearest one",
};
const QUIET: OptionSpec = { name: "quiet", short: "q", summary: "print problems only" };
const FORMAT: OptionSpec = {
  name: "format",
  value: "FORMAT",
  choices: ["text", "json", "github"],
  summary: "how to print",
};
const OUT: OptionSpec = {
  name: "out",
  short: "o",
  value: "DIR",
  summary: "folder of the output; {dir} in it stands for the schema's folder (default: {dir}/generated)",
};
const TARGET: OptionSpec = {
  name: "target",
  short: "t",
  value: "TARGET",
  many: true,
  summary: `what to generate: ${TARGET_NAMES.join(", ")}, or a custom target of the config; may be repeated (default: ${DEFAULT_TARGETS.join(" and ")})`,
};
const VERSIONS: OptionSpec = {
  name: "versions",
  value: "N",
  many: true,
  summary: "published versions to generate accessors of as well, from shmgen.lock.json: car.v2.ts beside car.ts",
};
const PLACE: readonly OptionSpec[] = [
  {
    name: "directory",
    short: "d",
    value: "DIR",
    summary: "the directory of the regions (default: $SHMGEN_DIR, else the scope's)",
  },
  {
    name: "scope",
    value: "SCOPE",
    choices: ["user", "session", "machine"],
    summary: "whose regions (default: user)",
  },
];

const PROJECT = [
  "Files are schemas, folders or globs. Without any, the config's 'files' are taken, or else every **/*.shm.ts below",
  "the nearest package.json, except in node_modules, dist and folders that begin with a dot. Imported schemas follow.",
];

const FIELDS: OptionSpec = {
  name: "fields",
  value: "GLOB",
  many: true,
  summary: "these fields only, by path: 'wheels[2].rpm', 'wheels[*].rpm', '*gear*'; may be repeated",
};
const SCHEMA: readonly OptionSpec[] = [
  {
    name: "schema",
    value: "FILE#NAME",
    summary: "PATH is a file of another program, and holds this struct: 'wal-index.shm.ts#WalIndex'",
  },
  { name: "offset", value: "BYTES", summary: "with --schema: where the struct begins in the file (default: 0)" },
  {
    name: "mapping",
    value: "NAME",
    summary: "with --schema, on Windows: memory that has a name, 'Local\\Name', in the place of PATH",
  },
];
const INTERVAL: OptionSpec = { name: "interval", value: "MS", summary: "how often --watch looks (default: 1000)" };
const TOP_INTERVAL: OptionSpec = { name: "interval", value: "MS", summary: "how long an interval is (default: 1000)" };

const ROWS: readonly CommandSpec[] = [
  {
    name: "generate",
    summary: "write accessors and headers (the default)",
    usage: "[files, folders or globs...] [options]",
    takes: "schemas",
    description: [
      ...PROJECT,
      "A file is written only when its text changed, and replaced in one step. A file that shmgen did not write is never",
      "overwritten without --force. Warns where a layout contradicts what shmgen.lock.json has published.",
    ],
    options: [
      OUT,
      TARGET,
      VERSIONS,
      { name: "watch", short: "w", summary: "stay, and generate again at every change" },
      { name: "dry-run", short: "n", summary: "say what would be written, write nothing" },
      { name: "clean", summary: "remove generated files that nothing generates any more, all below the project" },
      { name: "force", summary: "overwrite files that shmgen did not write" },
      CONFIG,
      CWD,
      FORMAT,
      QUIET,
      HELP,
    ],
    examples: [
      { line: "shmgen generate", what: "the whole project" },
      { line: "shmgen generate car.shm.ts --out src/gen -t ts", what: "one schema, TypeScript only" },
      { line: "shmgen generate 'schemas/**/*.shm.ts' --watch", what: "while you work" },
      { line: "shmgen generate --versions 1,2", what: "accessors of older versions, too, for migrations" },
      { line: "shmgen generate --dry-run --clean", what: "what would change" },
    ],
    load: () => import("./generate.js"),
  },
  {
    name: "check",
    summary: "fail when generated files are stale, or a layout breaks its version",
    usage: "[files, folders or globs...] [options]",
    takes: "schemas",
    description: [
      ...PROJECT,
      "Compares what would be generated with what stands on disk and writes nothing. Exit code 1 and a unified diff when",
      "a file is stale or missing, or left over: its schema or target is gone, or 'out' has led elsewhere since.",
      "Compares layouts with those published in shmgen.lock.json, or in what --against names: a layout that changed",
      "under its version, a version that does not grow, and a readableFrom that is not kept are errors.",
    ],
    options: [
      {
        name: "against",
        value: "SOURCE",
        summary: "compare with a commit of git, a lock file or a folder of schemas instead of shmgen.lock.json",
      },
      {
        name: "full",
        summary: "print all of each difference, as a patch; else 40 lines of a file, without descriptors",
      },
      OUT,
      TARGET,
      VERSIONS,
      CONFIG,
      CWD,
      FORMAT,
      QUIET,
      HELP,
    ],
    examples: [
      { line: "shmgen check", what: "the whole project, in CI" },
      { line: "shmgen check --against origin/main", what: "with the schemas of a branch" },
      { line: "shmgen check --format github", what: "as annotations of a pull request" },
    ],
    load: () => import("./check.js"),
  },
  {
    name: "lock",
    summary: "publish the layouts of this version in shmgen.lock.json",
    usage: "[files, folders or globs...] [options]",
    takes: "schemas",
    description: [
      ...PROJECT,
      "Adds the version that each region has now to shmgen.lock.json, which is committed: check then proves every later",
      "schema against it. A published version is never changed without --force. Refuses what check refuses.",
    ],
    options: [
      { name: "dry-run", short: "n", summary: "say what would be published, write nothing" },
      { name: "force", summary: "publish a version anew that nobody has used yet" },
      CONFIG,
      CWD,
      FORMAT,
      QUIET,
      HELP,
    ],
    examples: [
      { line: "shmgen lock", what: "at every release of a schema" },
      { line: "shmgen lock --dry-run", what: "what would be published" },
    ],
    load: () => import("./lock.js"),
  },
  {
    name: "diff",
    summary: "show how two layouts differ, and what that means",
    usage: "A [B] [options]",
    takes: "schemas",
    description: [
      "A and B are a lock file, a folder of schemas, a schema, a commit of git, a published version such as Car@2, the",
      "name or path of a live region, or a region of the schemas. B is today's schema when it is left out.",
      "Exit code 1 when there are differences.",
    ],
    options: [...PLACE, CONFIG, CWD, FORMAT, QUIET, HELP],
    examples: [
      { line: "shmgen diff HEAD~1", what: "a commit with today's schemas" },
      { line: "shmgen diff Car@1 Car@2", what: "two published versions" },
      { line: "shmgen diff car-7", what: "a live region with the schema that it should have" },
    ],
    load: () => import("./diff.js"),
  },
  {
    name: "layout",
    summary: "show offsets, sizes, holes and cache lines of structs",
    usage: "[STRUCT...] [options]",
    description: [
      "Prints every struct of the project, or those named, the way pahole does. With --html or --svg it draws them instead, a line",
      "for each 64 bytes: fields, holes, and atomic fields that share a line. A page loads nothing, and shows beside the regions of",
      "the schema what shmgen.lock.json, or --against, has of them, with the verdict. '{name}' in FILE stands for the name of the",
      "schema, and makes a file for each. A file that shmgen did not write is never overwritten without --force.",
    ],
    options: [
      { name: "json", summary: "print the layout as JSON" },
      { name: "html", value: "FILE", summary: "write a page with pictures and tables" },
      { name: "svg", value: "FILE", summary: "write a picture, for a README" },
      {
        name: "against",
        value: "SOURCE",
        summary: "versions for --html, from a commit of git, a lock file or a folder of schemas",
      },
      { name: "force", summary: "overwrite files that shmgen did not write" },
      {
        name: "files",
        value: "GLOB",
        many: true,
        summary: "schemas, folders or globs to read instead of the project's",
      },
      CONFIG,
      CWD,
      HELP,
    ],
    examples: [
      { line: "shmgen layout", what: "every struct" },
      { line: "shmgen layout Telemetry Wheel", what: "two of them" },
      { line: "shmgen layout Telemetry --json", what: "for another program" },
      { line: "shmgen layout Telemetry --svg docs/telemetry.svg", what: "for a README" },
      { line: "shmgen layout --html 'docs/{name}.html'", what: "a page for each schema" },
    ],
    load: () => import("./layout.js"),
  },
  {
    name: "init",
    summary: "write a sample schema, a config and package.json scripts",
    usage: "[options]",
    description: [
      "Sets up the package in this folder: npm scripts, which run the shmgen that is installed and never fetch one; tsconfig.json",
      "leaves schemas out. Overwrites nothing: it stops when one of its files exists.",
    ],
    options: [CWD, { name: "json", summary: "print what was written as JSON" }, QUIET, HELP],
    examples: [{ line: "npx shmgen init", what: "then follow the steps it prints" }],
    load: () => import("./init.js"),
  },
  {
    name: "import",
    summary: "write a schema of the structs of a C or C++ header",
    usage: "HEADER... [options]",
    takes: "files",
    description: [
      "Asks clang, which has to be installed, what the structs, unions, enums and constants of HEADER are like in memory, on this",
      "machine or for the --target, and prints a schema that says the same: every offset and size is compared with clang's before",
      "it is printed. What a schema cannot say is reported on stderr, with what stands there instead. HEADER is a path, or a name",
      "in <angle brackets> that clang finds. Without --name and --only all that the header itself declares is taken, not what it",
      "includes, but for what its structs need. Structs of --name become roots of foreign memory.",
    ],
    options: [
      { name: "name", value: "STRUCT", summary: "take this struct, as a root: 'extends Foreign'; may be repeated" },
      {
        name: "only",
        value: "GLOB",
        summary: "take declarations of these names, of included headers too; may be repeated",
      },
      {
        name: "constants",
        value: "GLOB",
        summary: "constants to take (default: all of the header; none with --name or --only); may be repeated",
      },
      { name: "prefix", value: "PREFIX", summary: "what to leave out where names begin with it; may be repeated" },
      {
        name: "target",
        value: "TRIPLE",
        summary: "whose memory: x86_64-pc-windows-msvc, aarch64-linux-gnu ... (default: this machine's)",
      },
      {
        name: "language",
        value: "LANGUAGE",
        choices: ["c", "c++"],
        summary: "of the header (default: by its name; .h is C)",
      },
      { name: "std", value: "STANDARD", summary: "of the language, as clang calls it: c11, c++20 ..." },
      {
        name: "text",
        value: "KIND",
        choices: ["utf8", "latin1", "bytes"],
        summary: "what arrays of char are (default: utf8)",
      },
      {
        name: "include",
        short: "I",
        value: "DIR",
        summary: "where else to look for included headers; may be repeated",
      },
      { name: "define", short: "D", value: "NAME=VALUE", summary: "define a macro; may be repeated" },
      { name: "clang", value: "PATH", summary: "the compiler to ask (default: $CLANG, else clang)" },
      { name: "out", short: "o", value: "FILE", summary: "write the schema here (default: stdout)" },
      { name: "check", summary: "write nothing; exit code 1 when FILE of --out is missing or differs" },
      { name: "force", summary: "overwrite a file that shmgen did not import" },
      CWD,
      { name: "json", summary: "print the schema and the report as JSON" },
      QUIET,
      HELP,
    ],
    examples: [
      { line: "shmgen import car.h --name Car -o car.shm.ts", what: "Car as a root, and what it needs" },
      { line: "shmgen import '<elf.h>' --only 'Elf64_*'", what: "some structs of a header of the system" },
      { line: "shmgen import car.h --target x86_64-pc-windows-msvc", what: "as Windows has it: long is 4 bytes" },
      { line: "shmgen import car.h --name Car -o car.shm.ts --check", what: "in CI" },
    ],
    load: () => import("./import.js"),
  },
  {
    name: "c-runtime",
    summary: "write shm-region.h: opening and closing of regions for C and C++",
    usage: "[options]",
    description: [
      "Writes the file into DIR. With the generated header it is all that a C program needs to make regions or join them,",
      "on Linux and on Windows (MinGW or Clang); its first comment shows how. Commit it; a newer shmgen may have a newer one.",
    ],
    options: [
      { name: "out", short: "o", value: "DIR", summary: "folder of the file (default: the current one)" },
      { name: "check", summary: "write nothing; exit code 1 when the file is missing or differs" },
      { name: "force", summary: "overwrite a file that shmgen did not write" },
      CWD,
      { name: "json", summary: "print what was written, or how it stands, as JSON" },
      QUIET,
      HELP,
    ],
    examples: [
      { line: "shmgen c-runtime --out src/generated", what: "beside the generated headers" },
      { line: "shmgen c-runtime --out src/generated --check", what: "in CI" },
    ],
    load: () => import("./c-runtime.js"),
  },
  {
    name: "list",
    summary: "show the regions of this machine, and who has them open",
    usage: "[options]",
    description: [
      "States: live (somebody has it open), initialising, stale (left behind by the dead), damaged, foreign (not of shmgen),",
      "unknown (it may not be looked at, or somebody keeps the directory locked). Changes nothing.",
    ],
    options: [...PLACE, { name: "json", summary: "print the regions as JSON" }, HELP],
    examples: [
      { line: "shmgen list", what: "the regions of this user" },
      { line: "shmgen list --directory /run/app/regions --json", what: "another directory, for a program" },
    ],
    load: () => import("./list.js"),
  },
  {
    name: "inspect",
    summary: "show what is in a region, from its own description",
    usage: "NAME|PATH [options]",
    takes: "regions",
    description: [
      "Needs neither schema nor generated code, takes no lock, and only reads: owners notice nothing. A PATH contains a slash.",
      "Offsets and names are those of 'shmgen layout'. Shown are the first 16 elements of arrays, the first 1024 bytes of texts",
      "and 10,000 values, unless --all is given. A number is of one moment; a text, or several values, may be of several.",
      "JSON: 64-bit integers are decimal text, NaN and infinities text, enums the member's name or else the number, flags lists",
      "of names, bytes hexadecimal; 'cut' lists what is not shown. Exit code 1: there is no such region, or it cannot be shown.",
      "With --schema PATH is any file, which nobody needs to map: fields that hold something else than 'expect' says are named above",
      "the others (exit code 1), and offsets count from where the struct begins.",
    ],
    options: [
      FIELDS,
      ...SCHEMA,
      { name: "all", short: "a", summary: "all elements of arrays, and up to 1 MiB of each text" },
      {
        name: "annotate",
        summary: "every byte beside what it means: '+0x0080 | 05 00 ... | atomic<u64> | 5 | samples'",
      },
      { name: "watch", short: "w", summary: "stay, and show what changes until the region goes away (exit code 0)" },
      INTERVAL,
      { name: "json", summary: "print one JSON document; with --watch one per change, each on a line" },
      ...PLACE,
      HELP,
    ],
    examples: [
      { line: "shmgen inspect car-7", what: "all fields" },
      { line: "shmgen inspect car-7 --fields 'wheels[*].rpm'", what: "some of them" },
      { line: "shmgen inspect /dev/shm/app/car-7 --annotate", what: "a file, byte by byte" },
      { line: "shmgen inspect app.db-shm --schema wal-index.shm.ts#WalIndex", what: "another program's memory" },
      { line: "shmgen inspect --schema page.shm.ts --mapping 'Local\\Game'", what: "named memory of Windows" },
      { line: "shmgen inspect car-7 --json | jq .values", what: "for another program" },
    ],
    load: () => import("./inspect.js"),
  },
  {
    name: "watch",
    summary: "the same as inspect --watch",
    usage: "NAME|PATH [options]",
    takes: "regions",
    description: [
      "On a terminal the fields are drawn again and again, and what has changed since the last time is marked. Elsewhere every",
      "change is a line with the time. Ends when the region goes away (exit code 0) and at Ctrl-C (130).",
      "With --html a page on 127.0.0.1 shows the fields, and the last values of numbers as lines. Its address is printed and has a",
      "key in it, since other users of the machine can reach the port; requests of other hosts and origins are refused.",
    ],
    options: [
      FIELDS,
      ...SCHEMA,
      INTERVAL,
      { name: "html", summary: "show it on a page for browsers of this machine" },
      { name: "port", value: "PORT", summary: "where the page is served; 0: any port (default: 0)" },
      { name: "json", summary: "print a JSON document per change, each on a line" },
      ...PLACE,
      HELP,
    ],
    examples: [
      { line: "shmgen watch car-7", what: "look at it" },
      { line: "shmgen watch car-7 --fields '*rpm' --interval 100 | tee rpm.log", what: "note what changes" },
      { line: "shmgen watch car-7 --html --interval 200", what: "a live page, five looks a second" },
    ],
    load: () => import("./inspect.js"),
  },
  {
    name: "top",
    summary: "show what happens in the containers of a region, per second",
    usage: "NAME|PATH [options]",
    takes: "regions",
    description: [
      "Elements that rings and broadcasts publish and consume, updates of seqlocks, sets of events, by the counters that they",
      "have anyway: takes no lock, and only reads. Turns of mutexes are counted nowhere. On a terminal the table is drawn again",
      "and again; elsewhere each container is a line with the time. Ends when the region goes away (exit code 0) and at Ctrl-C.",
      "Exit code 1: there is no such region, or nothing in it counts.",
    ],
    options: [
      TOP_INTERVAL,
      { name: "count", value: "N", summary: "end after N intervals" },
      { name: "json", summary: "print a JSON document per interval, each on a line" },
      ...PLACE,
      HELP,
    ],
    examples: [
      { line: "shmgen top floor", what: "look at it" },
      { line: "shmgen top floor --interval 100 --count 10 --json", what: "ten intervals, for another program" },
    ],
    load: () => import("./top.js"),
  },
  {
    name: "metrics",
    summary: "print the counters of a region as Prometheus takes them",
    usage: "NAME|PATH [options]",
    takes: "regions",
    description: [
      "Counters, gauges and histograms of all containers 'counters' of the region, in the text format 0.0.4. Takes no lock, and",
      "only reads. Series of one name and the same labels, of several workers, are added up, gauges too: give what must not be",
      "added a label of its own. Of a histogram those bounds are printed that have something beside them. With --serve each",
      "request looks anew, and 503 says that the region cannot be read just now. Exit code 1: there is no such region, or it has",
      "no counters.",
    ],
    options: [
      { name: "serve", value: "PORT", summary: "stay, and answer GET /metrics on 127.0.0.1; 0: any port" },
      { name: "json", summary: "print the metrics as JSON" },
      ...PLACE,
      HELP,
    ],
    examples: [
      { line: "shmgen metrics shop", what: "print them" },
      { line: "shmgen metrics shop --serve 9464", what: "for Prometheus on the same machine" },
    ],
    load: () => import("./metrics.js"),
  },
  {
    name: "clean",
    summary: "remove regions that the dead left behind (with --yes)",
    usage: "[--yes] [options]",
    description: [
      "Removes what nobody has open and what shows that it is of shmgen, and says why the rest stays. Without --yes it only",
      "says what would go; exit code 1 then means that there is something. Safe while programs open and close regions. What was",
      "opened with cleanup: 'keep' stays, unless --kept is given.",
    ],
    options: [
      { name: "yes", short: "y", summary: "remove it" },
      { name: "kept", summary: "also what was opened with cleanup: 'keep', to stay when nobody has it open" },
      ...PLACE,
      { name: "json", summary: "print what was, or would be, removed and kept as JSON" },
      HELP,
    ],
    examples: [
      { line: "shmgen clean", what: "what would go" },
      { line: "shmgen clean --yes", what: "remove it" },
    ],
    load: () => import("./clean.js"),
  },
  {
    name: "doctor",
    summary: "check whether shared memory works here, and say what to do",
    usage: "[options]",
    description: [
      "Tries what regions need: Node, koffi, memory, file system, locks, futexes, limits. Changes nothing.",
      "Exit code 1 when something does not work; warnings alone leave it 0.",
    ],
    options: [
      {
        name: "directory",
        short: "d",
        value: "DIR",
        summary: "the directory of the regions (default: $SHMGEN_DIR, else /dev/shm/shmgen-<uid>)",
      },
      { name: "json", summary: "print the checks as JSON" },
      HELP,
    ],
    examples: [
      { line: "shmgen doctor", what: "the default directory" },
      { line: "shmgen doctor --directory /run/app/regions --json", what: "another one, for a program" },
    ],
    load: () => import("./doctor.js"),
  },
  {
    name: "explain",
    summary: "say what a diagnostic code means and how to mend it",
    usage: "[CODE] [options]",
    takes: "codes",
    description: ["Without a code it lists all of them."],
    options: [{ name: "json", summary: "print the codes as JSON" }, HELP],
    examples: [
      { line: "shmgen explain SHM2004", what: "one code, with an example" },
      { line: "shmgen explain", what: "the list" },
    ],
    load: () => import("./explain.js"),
  },
  {
    name: "completion",
    summary: "print what completes commands in bash, zsh or fish",
    usage: "SHELL [options]",
    takes: ["bash", "zsh", "fish"],
    description: [
      "Prints a script for the shell: commands, options and their values, schemas, names of live regions and codes are",
      "completed. It is made of the same table as this help; make it anew with a newer shmgen.",
    ],
    options: [HELP],
    examples: [
      { line: 'eval "$(shmgen completion bash)"', what: "in ~/.bashrc" },
      { line: 'eval "$(shmgen completion zsh)"', what: "in ~/.zshrc, after compinit" },
      { line: "shmgen completion fish > ~/.config/fish/completions/shmgen.fish", what: "once" },
    ],
    load: () => import("./completion.js"),
  },
];

/** `--json` and `--format json` are one thing: a command that has one of them has both. */
function withBothFormats(command: CommandSpec): CommandSpec {
  const has = (name: string): boolean => command.options.some((option) => option.name === name);
  if (has("json") === has("format")) return command;
  const other: OptionSpec = has("format")
    ? { name: "json", summary: "the same as --format json" }
    : {
        name: "format",
        value: "FORMAT",
        choices: ["text", "json"],
        summary: "how to print; json is the same as --json",
      };
  const options = command.options.flatMap((option) =>
    option.name === "json" || option.name === "format" ? [option, other] : [option],
  );
  return { ...command, options };
}

export const COMMANDS: readonly CommandSpec[] = ROWS.map(withBothFormats);
