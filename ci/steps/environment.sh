#!/bin/sh
# By a button: a short-lived copy of dev. $1: create or remove. $2: its name. $3: how long it lives (8h). Every hour: sweep, which
# takes away those whose time is up.
set -eu
case $1 in
  create) npx retrofit environment create "$2" --from dev --ttl "${3:-8h}" --yes ;;
  remove) npx retrofit environment remove "$2" --yes ;;
  sweep) npx retrofit environment sweep --yes ;;
  *)
    echo "environment.sh: \"$1\" is none of create, remove and sweep." >&2
    exit 2
    ;;
esac
