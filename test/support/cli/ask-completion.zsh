# Types lines and Tab into an interactive zsh, which completes in a terminal only, and prints what it offers for each, with an empty line
# behind: FOLDER LINE...
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "source $1/completing.zsh"
repeat 1200; do grep -q ready found 2>/dev/null && break; sleep 0.05; done
shift
integer asked=0
for line; do
  (( asked += 1 ))
  zpty -w -n shell "$line"$'\t\C-x\C-e'
  repeat 1200; do (( $(grep -c ended found) >= asked )) && break; sleep 0.05; done
done
sed -n -e 's/^<\(.*\)>$/\1/p' -e 's/^ended$//p' found
zpty -d shell
