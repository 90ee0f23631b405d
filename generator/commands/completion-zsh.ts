/** The completion of zsh. */
import type { CommandSpec, OptionSpec } from "./command.js";
import { argumentCandidates, type Candidates, quoted, spellings, valueCandidates } from "./completion-words.js";

export function zshScript(commands: readonly CommandSpec[]): string {
  return `#compdef shmgen
# Completion of shmgen for zsh: eval "$(shmgen completion zsh)" in ~/.zshrc after compinit, or as _shmgen in a folder of $fpath.
_shmgen_regions() {
  local folder=\${opt_args[--directory]:-\${opt_args[-d]:-\${SHMGEN_DIR:-/dev/shm/shmgen-$UID}}}
  local -a regions=($folder/*(N.:t))
  compadd -a regions
}

_shmgen() {
  local at command=''
  local -a commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary.replaceAll(":", "\\:")}`)}`).join("\n")}
    'help:show the help of a command'
  )
  local -a names=(\${commands%%:*})
  for ((at = 2; at < CURRENT; at++)); do
    if (( \${names[(Ie)\${words[at]}]} )); then
      command=\${words[at]}
      # What stands before it are options, too: they are read as if they followed.
      words[at]=()
      (( CURRENT -= 1 ))
      break
    fi
  done
  case $command in
    help) _describe command commands ;;
${commands
  .filter(({ name }) => name !== "generate")
  .map((command) => `    ${command.name}) _arguments -s ${specs(command)} ;;`)
  .join("\n")}
    generate) _arguments -s ${specs(commandNamed(commands, "generate"))} ;;
    *)
      [[ \${words[CURRENT]} == -* || \${words[CURRENT - 1]} == -* ]] || _describe command commands
      _arguments -s ${specs(commandNamed(commands, "generate"))} ;;
  esac
}

if [[ \${funcstack[1]} == _shmgen ]]; then _shmgen "$@"; else compdef _shmgen shmgen; fi
`;
}

function commandNamed(commands: readonly CommandSpec[], name: string): CommandSpec {
  const found = commands.find((command) => command.name === name);
  if (found === undefined) throw new Error(`there is no command ${name}`);
  return found;
}

function specs(command: CommandSpec): string {
  const argument = action(argumentCandidates(command));
  const rest = argument === "" ? [] : [quoted(`*:argument:${argument}`)];
  return [...command.options.map(spec), ...rest].join(" ");
}

function spec(option: OptionSpec): string {
  const all = spellings(option);
  const shown = option.summary.replaceAll("[", "(").replaceAll("]", ")").replaceAll(":", "\\:");
  const value = option.value === undefined ? "" : `:${option.value}:${action(valueCandidates(option))}`;
  // --out DIR and --out=DIR; of an option that may be repeated no spelling excludes the others.
  const excluded = option.many === true ? "*" : `(${all.join(" ")})`;
  return all
    .map((spelling) => {
      const equals = option.value !== undefined && spelling.startsWith("--") ? "=" : "";
      return quoted(`${excluded}${spelling}${equals}[${shown}]${value}`);
    })
    .join(" ");
}

function action(candidates: Candidates): string {
  if (typeof candidates === "object") return `(${candidates.join(" ")})`;
  const actions = {
    folders: "_files -/",
    files: "_files",
    schemas: '_files -g "*.shm.ts(-.)"',
    regions: "_shmgen_regions",
    nothing: "",
  };
  return actions[candidates];
}
