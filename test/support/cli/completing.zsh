# An interactive zsh that notes what it offers, for test/cli/completion.test.ts; ask-completion.zsh types into it.
PROMPT= RPROMPT=
autoload -Uz compinit && compinit -u -D
source ./completion
zstyle ':completion:*' insert-tab false
compadd() {
  # What asks only which of its words match is no offer yet.
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return $?; fi
  typeset -a hits
  builtin compadd -A hits "$@"
  for hit in $hits; do print -r -- "<$hit>" >> ./found; done
}
ended() { print ended >> ./found; BUFFER=; zle -R }
zle -N ended
bindkey '^X^E' ended
print ready >> ./found
