#!/bin/sh
# Carries the release that is live in one environment to the next: $1 to $2. APPROVED_BY: who has said that it may go on.
set -eu
from=$1
to=$2
if [ -n "${APPROVED_BY:-}" ]; then
  npx retrofit evidence "$from" approval --by "$APPROVED_BY"
fi
npx retrofit up "$to" --yes
npx retrofit promote "$from" "$to" --yes
sh "$(dirname "$0")/keep.sh" "$to"
