/** Peers in Node for Windows: what startNodePeer of peers.mjs does, by files in the place of pipes. */
import { appendFileSync, closeSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { NodePeer } from "../c/peer/peers.mjs";
import { type WindowsFolder, spawnOnWindows, windowsNode } from "./programs.js";

const root = join(import.meta.dirname, "../../..");

/** Copies a generated module, whose URL is of this machine, to where Windows finds it. Gives its path there. */
export function moduleOnWindows(module: string, { path, windows }: WindowsFolder): string {
  const text = readFileSync(fileURLToPath(module), "utf8");
  writeFileSync(join(path, "package.json"), '{ "type": "module" }');
  writeFileSync(join(path, "shared.js"), text.replaceAll(pathToFileURL(root).href, "file:///W:"));
  return `${windows}\\shared.js`.replaceAll("\\", "/").replace(/^/, "file:///");
}

let peers = 0;

/** `onceGone` resolves when the locks of a process that has ended are free. */
export async function startNodeOnWindows(
  major: number,
  module: string,
  folder: WindowsFolder,
  onceGone: (pid: number) => Promise<void>,
): Promise<NodePeer> {
  const name = `node-${(peers += 1)}`;
  const [commands, answers] = [join(folder.path, `${name}.in`), join(folder.path, `${name}.out`)];
  writeFileSync(commands, "");
  const output = openSync(answers, "w");
  const input = openSync(answers, "r");
  const child = spawnOnWindows(
    windowsNode(major),
    ["W:\\test\\support\\c\\peer\\shared-peer.mjs", module, `${folder.windows}\\${name}.in`],
    { stdio: ["ignore", output, output], env: { SHMGEN_DIR: `${folder.windows}\\regions` } },
  );
  closeSync(output);
  let isOver = false;
  let text = "";
  const bytes = Buffer.alloc(4096);
  const waiting: { resolve: (line: string) => void; reject: (cause: Error) => void }[] = [];
  const next = (): Promise<string> => new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  const look = (): void => {
    const length = readSync(input, bytes, 0, bytes.length, null);
    const lines = (text + bytes.toString("utf8", 0, length)).split(/\r?\n/);
    text = lines.pop() ?? "";
    for (const line of lines) waiting.shift()?.resolve(line);
    if (!isOver) setTimeout(look, 1);
    else closeSync(input);
  };
  const exited = new Promise<void>((resolve) =>
    child.once("exit", () => {
      isOver = true;
      for (const { reject } of waiting) reject(new Error(`the Node peer ended: ${readFileSync(answers, "utf8")}`));
      resolve();
    }),
  );
  look();
  const pid = Number((await next()).split(" ")[1]);
  const reap = async (): Promise<void> => {
    waiting.length = 0;
    await exited;
    await onceGone(pid);
  };
  return {
    language: "Node",
    pid,
    ask: (command) => {
      const answer = next();
      if (command === "stop" || command === "continue") {
        child.kill(command === "stop" ? "SIGSTOP" : "SIGCONT");
        waiting.pop()?.resolve("ok");
      } else appendFileSync(commands, `${command}\n`);
      return answer;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await reap();
    },
    reap,
  };
}
