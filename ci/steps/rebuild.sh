#!/bin/sh
# Every night, or by a button: $1 from nothing with the release that is live there.
set -eu
npx retrofit rebuild "$1" --yes
sh "$(dirname "$0")/keep.sh" "$1"
