/** The completion of fish. */
import type { CommandSpec, OptionSpec } from "./command.js";
import { argumentCandidates, type Candidates, valueCandidates } from "./completion-words.js";

export function fishScript(commands: readonly CommandSpec[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  return `# Completion of shmgen for fish: shmgen completion fish | source, or as ~/.config/fish/completions/shmgen.fish.
function __shmgen_regions
    set -l folder /dev/shm/shmgen-(id -u)
    set -q SHMGEN_DIR; and set folder $SHMGEN_DIR
    set -l words (commandline -opc)
    for at in (seq (count $words))
        contains -- $words[$at] --directory -d; and set folder $words[(math $at + 1)]
    end
    for path in $folder/*
        test -f $path; and basename $path
    end
end

function __shmgen_command
    set -l words (commandline -opc)
    for word in $words[2..-1]
        contains -- $word ${names} help; and echo $word; and return
    end
    echo generate
end

function __shmgen_is
    test (__shmgen_command) = $argv[1]
end

function __shmgen_has_none
    for word in (commandline -opc)[2..-1]
        contains -- $word ${names} help; and return 1
    end
    return 0
end

complete -c shmgen -e
complete -c shmgen -f
${commands.map(({ name, summary }) => `complete -c shmgen -n __shmgen_has_none -a ${name} -d ${quotedForFish(summary)}`).join("\n")}
complete -c shmgen -n __shmgen_has_none -a help -d 'show the help of a command'
complete -c shmgen -n '__shmgen_is help' -a '${names}'
${commands.flatMap(linesOf).join("\n")}
`;
}

function linesOf(command: CommandSpec): string[] {
  const head = `complete -c shmgen -n '__shmgen_is ${command.name}'`;
  const argument = words(argumentCandidates(command));
  return [
    ...(argument === undefined ? [] : [`${head} -a ${quotedForFish(argument)}`]),
    ...command.options.map((option) => `${head} ${optionText(option)} -d ${quotedForFish(option.summary)}`),
  ];
}

function optionText(option: OptionSpec): string {
  const short = option.short === undefined ? "" : ` -s ${option.short}`;
  if (option.value === undefined) return `-l ${option.name}${short}`;
  const value = words(valueCandidates(option));
  // -r needs a value, -F offers files, -x neither files nor what is not listed.
  if (value === undefined) return `-l ${option.name}${short} ${valueCandidates(option) === "files" ? "-r -F" : "-x"}`;
  return `-l ${option.name}${short} -x -a ${quotedForFish(value)}`;
}

function words(candidates: Candidates): string | undefined {
  if (typeof candidates === "object") return candidates.join(" ");
  const commands = {
    folders: "(__fish_complete_directories)",
    files: undefined,
    schemas: "(__fish_complete_suffix .shm.ts)",
    regions: "(__shmgen_regions)",
    nothing: undefined,
  };
  return commands[candidates];
}

function quotedForFish(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
