/** `npm run demo`: the main job of shmgen on real input, told as it goes. Exit code 0 when every part did what it says. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const dist = dirname(fileURLToPath(import.meta.url));
const root = join(dist, "../..");
const shmgen = join(root, "generator/bin.js");
/** Regions of the demo live in a directory of their own, which is removed at the end. */
const regions = mkdtempSync("/dev/shm/shmgen-demo-");
const scratch = mkdtempSync(join(dist, "demo-"));
const environment = { ...process.env, SHMGEN_DIR: regions };
const running = new Set<ChildProcess>();
const leftOut: string[] = [];

interface Program {
  readonly process: ChildProcess;
  /** Resolves when `count` lines contain `text`. */
  line(text: string, count?: number): Promise<void>;
  readonly ended: Promise<number | null>;
}

/** Starts a program whose lines are shown behind its name. */
function start(label: string, command: string, args: readonly string[]): Program {
  const child = spawn(command, args, { env: environment, cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const lines: string[] = [];
  const waiters = new Set<() => void>();
  let open = 2;
  for (const stream of [child.stdout, child.stderr]) {
    let rest = "";
    const show = (line: string): void => {
      lines.push(line);
      console.log(`  ${label.padEnd(8)} ${line}`);
      for (const wake of waiters) wake();
    };
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      parts.forEach(show);
    });
    stream.on("end", () => {
      if (rest !== "") show(rest);
      open -= 1;
      for (const wake of waiters) wake();
    });
  }
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  const line = async (text: string, count = 1): Promise<void> => {
    for (;;) {
      if (lines.filter((candidate) => candidate.includes(text)).length >= count) return;
      if (open === 0) throw new Error(`${label} ended without a line that contains "${text}"`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          waiters.delete(wake);
          resolve();
        };
        waiters.add(wake);
      });
    }
  };
  return { process: child, line, ended };
}

const node = (label: string, script: string, ...args: string[]): Program =>
  start(label, process.execPath, [join(dist, script), ...args]);

function has(command: string): boolean {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).error === undefined;
}

function heading(text: string): void {
  console.log(`\n${text}`);
}

async function kill(...programs: readonly Program[]): Promise<void> {
  for (const program of programs) program.process.kill("SIGKILL");
  await Promise.all(programs.map((program) => program.ended));
}

async function shareBetweenNodeAndC(): Promise<void> {
  heading("1. A Node writer and a Node reader share examples/telemetry; nothing passes between them but memory.");
  const writer = node("writer", "telemetry/writer.js", "car-7");
  await writer.line("created, generation 1");
  const reader = node("reader", "telemetry/reader.js", "car-7");
  await reader.line("sample ", 3);

  const owners = [writer, reader];
  heading("2. A C program built from the generated header joins them.");
  if (has("gcc")) {
    const binary = join(scratch, "peer");
    const library = join(root, "generator/c-runtime");
    const flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror"];
    const gcc = spawnSync("gcc", [...flags, "-I", library, "-o", binary, join(root, "examples/c-peer/peer.c")], {
      encoding: "utf8",
    });
    if (gcc.status !== 0) throw new Error(`gcc failed:\n${gcc.stderr}`);
    const peer = start("peer.c", binary, ["car-7"]);
    await peer.line("added 1000 samples");
    owners.push(peer);
  } else {
    leaveOut("part 2 (the C peer): gcc is missing; on Debian: apt-get install gcc libc6-dev");
  }

  heading("3. Everybody is killed with SIGKILL. Nobody could clean up; the next opener finds out and starts anew.");
  await kill(...owners);
  const next = node("writer", "telemetry/writer.js", "car-7");
  await next.line("reinitialised, generation 2");

  heading("4. A build in which somebody changed the layout, but not its version, is refused.");
  const stranger = start("other", process.execPath, [otherBuild(), "car-7"]);
  await stranger.line("ERR_SHM_LAYOUT");
  await stranger.ended;
  await kill(next);
}

/** Generates and compiles examples/telemetry with one field changed, as another checkout would. */
function otherBuild(): string {
  const schema = readFileSync(join(root, "examples/telemetry/telemetry.shm.ts"), "utf8");
  const changed = schema.replace("throttle: atomic<u8>", "throttle: atomic<u32>").replace("u8, u64", "u32, u64");
  if (changed === schema) throw new Error("the schema of examples/telemetry has changed; adapt the demo");
  const folder = join(scratch, "other");
  mkdirSync(folder);
  writeFileSync(join(folder, "telemetry.shm.ts"), changed);
  const args = [shmgen, "generate", "telemetry.shm.ts", "--target", "js", "--quiet"];
  const generate = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  if (generate.status !== 0) throw new Error(`generate failed:\n${generate.stdout}${generate.stderr}`);
  const program = join(folder, "other.js");
  writeFileSync(
    program,
    `import { Telemetry } from "./generated/telemetry.js";
try {
  Telemetry.open(process.argv[2]);
} catch (error) {
  console.log(\`\${error.code}: \${error.message.replace(/^ERR_\\w+: /, "")}\`);
}
`,
  );
  return program;
}

async function readSqlite(): Promise<void> {
  heading("5. A live SQLite database: its own shared memory, declared as a Foreign region, read while it is used.");
  if (!has("sqlite3")) {
    leaveOut("part 5 (SQLite's WAL-index): sqlite3 is missing; on Debian: apt-get install sqlite3");
    return;
  }
  const database = join(scratch, "app.db");
  const sqlite = spawn("sqlite3", [database], { stdio: ["pipe", "pipe", "inherit"] });
  running.add(sqlite);
  const answers: string[] = [];
  sqlite.stdout.setEncoding("utf8").on("data", (text: string) => answers.push(text));
  const run = async (sql: string): Promise<void> => {
    const before = answers.length;
    sqlite.stdin.write(`${sql}\nSELECT 'done';\n`);
    while (!answers.slice(before).join("").includes("done")) await sleep(5);
  };
  await run("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE lap(n, ms);");
  console.log(`  sqlite3  writes ${relative(root, database)}`);
  const reader = node("reader", "sqlite-wal/reader.js", database, "3");
  await reader.line("mxFrame");
  await run("INSERT INTO lap VALUES (1, 83120);");
  await sleep(100);
  await run("PRAGMA wal_checkpoint(PASSIVE);");
  await reader.ended;
  sqlite.stdin.end();
  await new Promise((resolve) => sqlite.on("close", resolve));
  running.delete(sqlite);
}

async function refuseAccident(): Promise<void> {
  heading(
    "6. A runtime's accident, a layout that changed under its version, is refused at three points; then done right.",
  );
  const code = await node("mutex", "evolution/accident.js").ended;
  if (code !== 0) throw new Error(`the accident was not refused: exit code ${code}`);
}

function leaveOut(what: string): void {
  leftOut.push(what);
  console.log(`  left out ${what}`);
}

// Whatever ends the demo, also `npm run demo | head`, ends its programs and removes its files.
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(regions, { recursive: true, force: true });
  rmSync(scratch, { recursive: true, force: true });
});
process.stdout.on("error", () => process.exit(1));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));

try {
  await shareBetweenNodeAndC();
  await readSqlite();
  await refuseAccident();
  heading(leftOut.length === 0 ? "All parts ran." : `Ran, but for:\n${leftOut.map((what) => `  ${what}`).join("\n")}`);
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
