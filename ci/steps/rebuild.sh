#!/bin/sh
# Every night, or by a button: $1 from nothing with the release that is live there. Short-lived environments go when their
# time is up.
set -eu
npx retrofit environment sweep --yes
npx retrofit rebuild "$1" --yes
sh "$(dirname "$0")/keep.sh" "$1"
