import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Major version of the newest SDK; undefined where there is none. */
export const dotnetMajor = ((): number | undefined => {
  const { status, stdout } = spawnSync("dotnet", ["--list-sdks"], { encoding: "utf8", env: quietly("/nonexistent") });
  const majors = status === 0 ? [...stdout.matchAll(/^(\d+)\./gm)].map((match) => Number(match[1])) : [];
  return majors.length === 0 ? undefined : Math.max(...majors);
})();

/** Nothing outside of `home` is written, and nobody is told of it. */
function quietly(home: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    DOTNET_CLI_HOME: home,
    NUGET_PACKAGES: join(home, "packages"),
    DOTNET_CLI_TELEMETRY_OPTOUT: "1",
    DOTNET_NOLOGO: "1",
    DOTNET_SKIP_FIRST_TIME_EXPERIENCE: "1",
    DOTNET_GENERATE_ASPNET_CERTIFICATE: "false",
    MSBUILDDISABLENODEREUSE: "1",
    // Else a killed process leaves a socket in /tmp.
    DOTNET_EnableDiagnostics: "0",
  };
}

/** The built judge. */
export interface Judge {
  readonly folder: string;
  readonly program: string;
}

/** Below /dev/shm, because a test puts a file system of its own over /tmp. */
export function buildJudge(): Judge {
  const folder = mkdtempSync("/dev/shm/shmgen-dotnet-");
  const source = join(folder, "source");
  mkdirSync(source);
  copyFileSync(join(import.meta.dirname, "dotnet-judge.cs"), join(source, "judge.cs"));
  writeFileSync(
    join(source, "judge.csproj"),
    `<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net${dotnetMajor}.0</TargetFramework>` +
      "<UseAppHost>false</UseAppHost><Nullable>enable</Nullable><InvariantGlobalization>true</InvariantGlobalization></PropertyGroup></Project>",
  );
  const args = ["build", "judge.csproj", "-c", "Release", "-v", "q", "-o", join(folder, "out"), "-nodeReuse:false"];
  const options = { cwd: source, env: quietly(folder), encoding: "utf8" as const, timeout: 120_000 };
  const { status, stdout, stderr } = spawnSync("dotnet", [...args, "-p:UseSharedCompilation=false"], options);
  if (status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`the judge cannot be built: ${stdout}${stderr}`);
  }
  return { folder, program: join(folder, "out/judge.dll") };
}

const alive = new Set<ChildProcess>();

/** Ends what the tests started. */
export function endPeers(): void {
  for (const child of alive) child.kill("SIGKILL");
}

/** A process, of .NET or of Node, that takes part. */
export interface Peer {
  readonly kind: "dotnet" | "node";
  readonly pid: number;
  /** Sends a line and gives the answer; "gone" when the process ended instead. */
  ask(line: string): Promise<string>;
  kill(): Promise<void>;
}

/** `inside` is a command that runs it in another mount namespace, where the checkout is beside the judge. */
export async function startPeer(judge: Judge, kind: Peer["kind"], inside: readonly string[] = []): Promise<Peer> {
  const support = inside.length === 0 ? import.meta.dirname : join(judge.folder, "checkout/test/support/dotnet");
  const line = kind === "dotnet" ? ["dotnet", judge.program] : [process.execPath, join(support, "node-judge.mjs")];
  const [command = "", ...args] = [...inside, ...line];
  const child = spawn(command, args, { env: quietly(judge.folder), stdio: ["pipe", "pipe", "inherit"] });
  alive.add(child);
  const waiting: ((answer: string) => void)[] = [];
  let isGone = false;
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => {
      alive.delete(child);
      isGone = true;
      for (const answer of waiting.splice(0)) answer("gone");
      resolve();
    });
  });
  // Writing to one that was just killed.
  child.stdin.on("error", () => undefined);
  const next = (): Promise<string> =>
    isGone ? Promise.resolve("gone") : new Promise((resolve) => waiting.push(resolve));
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.(line));
  const ready = await next();
  if (ready !== "ready") throw new Error(`${kind} did not start: ${ready}`);
  return {
    kind,
    pid: child.pid ?? 0,
    ask: (line) => {
      const answer = next();
      if (line !== "") child.stdin.write(`${line}\n`);
      return answer;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
