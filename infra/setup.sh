#!/usr/bin/env bash
# Gets a fresh clone to where TypeScript can run, then hands over to infra/setup/main.ts with the same arguments.
set -euo pipefail
cd "$(dirname "$0")/.."
stop() { printf 'set-up stopped: %s\n  found:  %s\n  remedy: %s\n' "$1" "$2" "$3" >&2; exit 1; }

command -v node >/dev/null || stop 'Node.js 20.19 or newer is needed' 'no node' 'install it from nodejs.org or your package manager'
node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
  stop 'Node.js 20.19 or newer is needed' "$(node -v)" 'install it from nodejs.org or your package manager'
command -v python3.11 >/dev/null || stop 'Python 3.11 is needed for training' 'no python3.11' 'apt-get install python3.11 python3.11-venv'

# One set-up at a time in this checkout; the lock falls with the process.
mkdir -p .cache
exec 9>.cache/set-up.lock
! command -v flock >/dev/null || flock 9

stamp=node_modules/.stroma-lock
lock=$(node -e 'console.log(require("crypto").createHash("sha256").update(fs.readFileSync("package-lock.json")).digest("hex"))')
if [ "$(cat $stamp 2>/dev/null)" != "$lock" ]; then
  # What was installed by hand and fits is kept.
  npm ls >/dev/null 2>&1 || { echo 'set-up: npm packages'; ONNXRUNTIME_NODE_INSTALL=skip npm ci --no-audit --no-fund --loglevel=error; }
  echo "$lock" >$stamp
fi
exec node --import tsx infra/setup/main.ts "$@"
