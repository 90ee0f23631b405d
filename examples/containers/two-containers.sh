#!/usr/bin/env bash
# Two containers without a container engine: pid namespaces of their own, and one tmpfs that both see. Needs root.
# `bash two-containers.sh [NODE]`
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
node=${1:-node}
visitor="$here/dist/visitor.js"
[ -f "$visitor" ] || visitor="$here/../dist/containers/visitor.js"

shared=$(mktemp -d /dev/shm/shmgen-containers-XXXXXX)
export SHMGEN_DIR="$shared"
first=
trap '[ -z "$first" ] || kill -9 "$first" 2>/dev/null || true; rm -rf "$shared"' EXIT

# --kill-child: who kills the container kills all that is in it.
container() { exec unshare --pid --fork --kill-child=KILL --mount-proc "$node" "$visitor" "$@"; }

(container first stay) >"$shared/log" &
first=$!
# Its death is what this is about, and no news for the shell.
disown "$first"
for _ in $(seq 200); do grep -q visit "$shared/log" && break; sleep 0.05; done
cat "$shared/log"
(container second)
kill -9 "$first"
first=
echo "the first container was killed"
# The kernel drops the lock when the process in the namespace is gone, a moment after its container.
# A reading may miss a lock while others come and go, so it has to be gone twice.
gone=0
for _ in $(seq 200); do
  if grep -q ":$(stat -c %i "$shared/visits") " /proc/locks; then gone=0; else gone=$((gone + 1)); fi
  [ "$gone" -lt 2 ] || break
  sleep 0.05
done
(container third)
