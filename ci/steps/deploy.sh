#!/bin/sh
# Brings an environment to what its file says. $1: the environment. With ARTIFACT, the folder or archive that the build has
# made is released there as the version of package.json.
set -eu
environment=$1
npx retrofit up "$environment" --yes
if [ -n "${ARTIFACT:-}" ]; then
  npx retrofit release "$environment" "$(node -p 'require("./package.json").version')" --artifact "$ARTIFACT" --yes
  sh "$(dirname "$0")/keep.sh" "$environment"
fi
