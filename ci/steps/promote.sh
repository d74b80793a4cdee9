#!/bin/sh
# Carries the release that is live in one environment to the next, $1 to $2, and has it show there what the next promotion asks
# for: the project's script `acceptance`, where it has one, and a load in perf. APPROVED_BY: who has said that it may go on.
set -eu
from=$1
to=$2
if [ -n "${APPROVED_BY:-}" ]; then
  npx retrofit evidence "$from" approval --by "$APPROVED_BY"
fi
npx retrofit up "$to" --yes
npx retrofit promote "$from" "$to" --yes
sh "$(dirname "$0")/keep.sh" "$to"
if node -e 'process.exit(require("./package.json").scripts?.acceptance ? 0 : 1)'; then
  npx retrofit evidence "$to" tests --run "npm run acceptance"
fi
if [ "$to" = perf ]; then
  npx retrofit loadtest perf --profile "${LOAD_PROFILE:-steady}"
fi
