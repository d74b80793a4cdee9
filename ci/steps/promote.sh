#!/bin/sh
# Carries the release that is live in one environment to the next, $1 to $2, and has it show there what the next promotion asks
# for: the project's script `acceptance`, where it has one, and a load in perf. Who agrees is noted before it, by approve.sh.
set -eu
from=$1
to=$2
npx retrofit up "$to" --yes
npx retrofit promote "$from" "$to" --yes
sh "$(dirname "$0")/keep.sh" "$to"
if node -e 'process.exit(require("./package.json").scripts?.acceptance ? 0 : 1)'; then
  npx retrofit evidence "$to" tests --run "npm run acceptance"
fi
if [ "$to" = perf ]; then
  npx retrofit loadtest perf --profile "${LOAD_PROFILE:-steady}"
fi
