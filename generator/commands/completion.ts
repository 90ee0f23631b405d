/** `shmgen completion`: what a shell completes, made of the command table. */
import type { Invocation } from "./command.js";
import { EXIT, usageFailure } from "../diagnostics/failure.js";
import { didYouMean } from "../diagnostics/suggest.js";
import { bashScript } from "./completion-bash.js";
import { fishScript } from "./completion-fish.js";
import { zshScript } from "./completion-zsh.js";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

export function run({ terminal, positionals, commands }: Invocation): Promise<number> {
  const [shell, superfluous] = positionals;
  const names = Object.keys(SCRIPTS);
  if (shell === undefined || superfluous !== undefined)
    throw usageFailure("shmgen completion takes the name of one shell", `it knows ${names.join(", ")}`);
  if (!Object.hasOwn(SCRIPTS, shell)) {
    const hint = didYouMean(shell, names) ?? `it knows ${names.join(", ")}`;
    throw usageFailure(`shmgen completion does not know '${shell}'`, hint);
  }
  terminal.out(SCRIPTS[shell as keyof typeof SCRIPTS](commands));
  return Promise.resolve(EXIT.clean);
}
