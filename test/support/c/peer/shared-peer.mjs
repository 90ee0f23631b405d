/**
 * A peer in Node for tests: `node shared-peer.mjs MODULE`. Reads the commands of c-peer/serve.c, without their IDs, and
 * answers with one line each. Only in `initialise` can it be told to stand still or die: `at initialise.payload`.
 */
import { writeSync } from "node:fs";
import { commands as lines } from "../../windows/commands.mjs";

const { Shared } = await import(process.argv[2]);
const say = (text) => writeSync(1, `${text}\n`);
const sleeper = new Int32Array(new SharedArrayBuffer(4));
let armed = "";
let region;

function initialise(stamp, data) {
  for (let at = 0; at < 64; at += 1) {
    if (data.words[at] !== 0n) throw new Error("the memory of a region to initialise is not zero");
    data.words[at] = stamp + BigInt(at);
    if (at === 32 && armed === "kill") process.kill(process.pid, "SIGKILL");
    if (at === 32 && armed === "hang") {
      say("at initialise.payload");
      Atomics.wait(sleeper, 0, 0);
    }
  }
  data.stamp = stamp;
}

function isWhole({ stamp, words }) {
  for (let at = 0; at < 64; at += 1) if (words[at] !== stamp + BigInt(at)) return false;
  return stamp !== 0n;
}

function see(outcome) {
  const { data, generation } = region;
  const whole = isWhole(data) ? "whole" : "torn";
  return [outcome, generation, data.stamp, data.counter, whole, region.isCurrent() ? "current" : "replaced"].join(" ");
}

const commands = {
  open(name, mode, onStale, timeoutMs, stamp, cleanup) {
    const common = { timeoutMs: Number(timeoutMs), cleanup: cleanup === "keep" ? "keep" : "last-close" };
    const options = { ...common, onStale, initialise: (data) => initialise(BigInt(stamp), data) };
    region = mode === "open" ? Shared.open(name, common) : Shared[mode](name, options);
    return see(region.outcome);
  },
  see: () => see("seen"),
  add: (value) => void region.data.$counter.add(BigInt(value)),
  close: () => region.close(),
  at: (_step, what) => void (armed = what),
  cycle(name, from) {
    say("ok");
    for (let stamp = Number(from); ; stamp += 1) {
      const onStale = stamp % 3 === 0 ? "keep" : "reinitialise";
      commands.open(name, "createOrOpen", onStale, 20_000, stamp, stamp % 5 === 0 ? "keep" : "last-close");
      if (!isWhole(region.data)) throw new Error("torn");
      region.close();
    }
  },
  bounce(times) {
    const ball = region.data.$ball;
    for (let at = 0; at < Number(times); at += 1) {
      for (let seen = ball.load(); seen % 2 === 1; seen = ball.load()) {
        // Longer than the whole of a short run: a wake-up that is lost is seen.
        if (ball.wait(seen, 60_000) === "timed-out") return `lost at ${at}`;
      }
      ball.add(1);
      ball.notify();
    }
    return "ok";
  },
};

function obey(line) {
  const [command, ...rest] = line.split(" ");
  try {
    say(commands[command](...rest) ?? "ok");
  } catch (error) {
    say(error.code ?? error.message);
  }
}

say(`ready ${process.pid}`);
for await (const line of lines()) obey(line);
process.exit();
