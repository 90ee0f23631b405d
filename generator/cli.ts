/** Where a run begins: the help of the program, which comes before anything is loaded that it does not need, or the program. */
import { programHelp } from "./commands/help.js";
import { COMMANDS } from "./commands/table.js";

const [word = "", ...others] = process.argv.slice(2);
if (others.length === 0 && ["help", "--help", "-h"].includes(word)) {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever reads our output may have seen enough.
    if (error.code !== "EPIPE") throw error;
  });
  process.stdout.write(programHelp(COMMANDS));
} else {
  const { runProgram } = await import("./program.js");
  process.exitCode = await runProgram(process.argv.slice(2));
}
