/** The completion of bash, from 3.2 on, as macOS has it. */
import type { CommandSpec } from "./command.js";
import { argumentCandidates, type Candidates, quoted, spellings, valueCandidates } from "./completion-words.js";

export function bashScript(commands: readonly CommandSpec[]): string {
  const names = commands.map(({ name }) => name);
  return `# Completion of shmgen for bash: eval "$(shmgen completion bash)" in ~/.bashrc.
_shmgen_regions() {
  local at folder="\${SHMGEN_DIR:-/dev/shm/shmgen-$UID}"
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "\${COMP_WORDS[at]}" in --directory | -d) folder="\${COMP_WORDS[at + 1]}" ;; esac
  done
  (cd "$folder" 2>/dev/null && compgen -f -X '.*' -- "$1")
}

_shmgen() {
  local IFS=$'\\n' at command='' word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}"
  COMPREPLY=()
  # --out=DIR is three words to bash.
  if [ "$word" = = ]; then
    word=''
  elif [ "$before" = = ]; then
    before="\${COMP_WORDS[COMP_CWORD - 2]}"
  fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "\${COMP_WORDS[at]}" in ${[...names, "help"].join(" | ")}) command="\${COMP_WORDS[at]}" && break ;; esac
  done
  case "$command $before" in
${commands.flatMap(valueCases).join("\n")}
  esac
  case "$word" in
    -*)
      case "$command" in
${commands.map(optionCase).join("\n")}
      esac
      return
      ;;
  esac
  case "$command" in
    '') ${reply([...names, "help"])}
      ${append("schemas")} ;;
    help) ${reply(names)} ;;
${commands.map((command) => `    ${command.name}) ${reply(argumentCandidates(command))} ;;`).join("\n")}
  esac
}

complete -F _shmgen shmgen
`;
}

/** What a command without a name is, since the name may be left out. */
const pattern = ({ name }: CommandSpec, rest: string): string =>
  name === "generate" ? `'${name}${rest}' | '${rest}'` : `'${name}${rest}'`;

function valueCases(command: CommandSpec): string[] {
  return command.options
    .filter(({ value }) => value !== undefined)
    .map((option) => {
      const places = spellings(option).map((spelling) => pattern(command, ` ${spelling}`));
      return `    ${places.join(" | ")}) ${reply(valueCandidates(option))} && return ;;`;
    });
}

function optionCase(command: CommandSpec): string {
  const own = command.name === "generate" ? "generate | ''" : command.name;
  return `        ${own}) ${reply(command.options.flatMap(spellings))} ;;`;
}

/** Statement that sets the answer. */
function reply(candidates: Candidates): string {
  if (typeof candidates === "object") return `COMPREPLY=($(compgen -W $'${candidates.join("\\n")}' -- "$word"))`;
  return append(candidates).replace("COMPREPLY+=", "COMPREPLY=");
}

function append(candidates: Exclude<Candidates, readonly string[]>): string {
  const files = "compopt -o filenames 2>/dev/null";
  switch (candidates) {
    case "folders":
      return `COMPREPLY+=($(compgen -d -- "$word")) && ${files}`;
    case "files":
      return `COMPREPLY+=($(compgen -f -- "$word")) && ${files}`;
    case "schemas":
      return `COMPREPLY+=($(compgen -d -- "$word") $(compgen -f -X ${quoted("!*.shm.ts")} -- "$word")) && ${files}`;
    case "regions":
      return `COMPREPLY+=($(_shmgen_regions "$word"))`;
    default:
      return ":";
  }
}
