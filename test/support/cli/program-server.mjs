/**
 * The program in a process that has loaded it already, forked by warm-program.ts: each message is one run of generator/dist/cli.js,
 * which is imported anew, with its arguments, folder and environment; what it imports stays loaded. Answers with what it
 * printed and its exit code.
 */
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";

const [, , cli] = process.argv;
let runs = 0;

process.on("disconnect", () => process.exit());
process.on("message", async ({ argv, cwd, env }) => {
  const printed = { out: "", err: "" };
  let answer;
  const streams = [
    [process.stdout, "out"],
    [process.stderr, "err"],
  ];
  process.chdir(cwd);
  process.argv = [process.execPath, cli, ...argv];
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.exitCode = undefined;
  for (const [stream, name] of streams) {
    stream.write = (text) => {
      printed[name] += text;
      return true;
    };
  }
  try {
    runs += 1;
    await import(`${pathToFileURL(cli).href}?run=${runs}`);
    answer = { code: process.exitCode ?? 0, ...printed };
  } catch (error) {
    answer = { code: null, out: printed.out, err: printed.err + error.stack };
  } finally {
    // What the run has listened to.
    for (const signal of ["SIGINT", "SIGTERM"]) process.removeAllListeners(signal);
    for (const [stream] of streams) {
      stream.removeAllListeners("error");
      delete stream.write;
    }
  }
  // Windows removes no folder in which a process works.
  process.chdir(dirname(cli));
  process.send(answer);
});
