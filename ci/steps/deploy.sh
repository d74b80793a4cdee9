#!/bin/sh
# Brings an environment to what its file says, and has what is live there answer, without which nothing is promoted from it. $1:
# the environment. With ARTIFACT, the folder or archive that a build has made is released there as the version of package.json.
set -eu
environment=$1
npx retrofit up "$environment" --yes
if [ -n "${ARTIFACT:-}" ]; then
  npx retrofit release "$environment" "$(node -p 'require("./package.json").version')" --artifact "$ARTIFACT" --yes
else
  npx retrofit evidence "$environment" smoke
fi
sh "$(dirname "$0")/keep.sh" "$environment"
