#!/bin/sh
# By a button: a short-lived copy of dev. $1: create or remove. $2: its name. $3: how long it lives (8h).
set -eu
case $1 in
  create) npx retrofit environment create "$2" --from dev --ttl "${3:-8h}" --yes ;;
  remove) npx retrofit environment remove "$2" --yes ;;
  *)
    echo "environment.sh: \"$1\" is neither create nor remove." >&2
    exit 2
    ;;
esac
