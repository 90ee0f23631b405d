/** `node one-participation.mjs NAME OPERATION [STEP] [SIGNAL]`: takes part in a board, ends before that step of the operation, or prints how many there are. */
import { stepsSeen, watchSteps } from "./steps.mjs";

const { Board } = await import("./board.mjs");
const [name, operation, at = "0", signal] = process.argv.slice(2);
const region = Board.createOrOpen(name);
/** What is done before, and what is watched. */
const OPERATIONS = {
  claim: [() => undefined, () => region.data.sit(1)],
  recover: [() => undefined, () => region.recover()],
  release: [() => region.data.sit(1), () => region.close()],
  die: [() => region.data.sit(2), () => process.kill(process.pid, "SIGKILL")],
};
const [before, work] = OPERATIONS[operation];
before();
watchSteps(Number(at), signal);
work();
console.log(stepsSeen());
process.exit();
