import { spawn } from "node:child_process";

const SIGNALS = ["SIGINT", "SIGTERM"];

/** Runs a program of Node to its end, which comes with ours; what it says is the output unless it goes elsewhere. */
export function runNode(args, { node = process.execPath, ...options } = {}) {
  const child = spawn(node, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  const end = (signal) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, end);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text) => (output += text));
  }
  return new Promise((resolve) => {
    child.once("close", (code, signal) => {
      for (const one of SIGNALS) process.off(one, end);
      resolve({ code: code ?? 1, signal, output });
    });
  });
}
