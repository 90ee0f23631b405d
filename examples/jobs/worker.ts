/** Does one job after the other: `node worker.js REGION IDS THAT FAIL`. */
import { setTimeout as sleep } from "node:timers/promises";
import { Jobs } from "./generated/jobs.js";

const [name = "jobs", poison = ""] = process.argv.slice(2);
const poisonous = new Set(poison.split(",").map(Number));
const region = Jobs.open(name);
const { todo, failed, done } = region.data;
process.on("SIGTERM", () => {
  region.close();
  process.exit(0);
});

for await (const job of todo.items({ maxAttempts: 3, failed })) {
  const { id } = job.data;
  if (poisonous.has(id)) {
    job.retry();
    continue;
  }
  // The work, during which this process may be killed: then another one has the job.
  if (id % 50 === 0) await sleep(1);
  done.field(id).add(1);
  job.done();
}
