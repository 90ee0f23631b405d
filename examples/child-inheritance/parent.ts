/** Gives work to a child in memory without a name: nobody else can open it, and whatever is killed, nothing remains. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Batch } from "./generated/batch.js";

const count = Number(process.argv[2] ?? 1000);
using region = Batch.createAnonymous({
  tailLength: count,
  initialise: ({ numbers }) => {
    for (let n = 0; n < count; n += 1) numbers[n] = n * n;
  },
});
console.log(`${region.path}, ${region.size} bytes, sealed: ${region.sealed}`);

const script = fileURLToPath(new URL("child.js", import.meta.url));
const child = spawn(process.execPath, [script], { stdio: ["inherit", "inherit", "inherit", region.descriptor] });
const ended = once(child, "exit");

const { data } = region;
// It looks up now and then, because a child that is killed wakes nobody.
for (let done = 0; done < count && child.exitCode === null && child.signalCode === null; done = data.done) {
  await data.$done.waitAsync(done, 1000);
}
const wrong = data.numbers.filter((root, n) => root !== n).length;
const [code] = await ended;
console.log(`${data.done} done, ${wrong} wrong; the child ended with ${code}`);
