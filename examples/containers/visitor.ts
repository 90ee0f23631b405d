/** Counts itself in: `node visitor.js LABEL [stay]`. With "stay" it keeps the region open until it is killed. */
import { Visits } from "./generated/visits.js";

const [label = "visitor", stay] = process.argv.slice(2);
const region = Visits.createOrOpen("visits");
const before = region.data.$count.add(1);
console.log(`${label}: process ${process.pid} has ${region.outcome} the region, visit ${before + 1}`);
if (stay === "stay") setInterval(() => {}, 60_000);
else region.close();
