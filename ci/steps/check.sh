#!/bin/sh
# A pull request: previews what it touches with the policy pack, and says it in one comment. $1: the branch it goes into.
set -eu
since=${1:-origin/main}
comment=${COMMENT_FILE:-comment.md}
refused=0
rm -f "$comment"
npx retrofit check --since "$since" --comment "$comment" || refused=$?
# The comment is wanted most where the check has refused; without one, the check itself could not begin.
if [ -f "$comment" ]; then
  npx retrofit comment "$comment" || [ "$refused" -ne 0 ]
fi
exit "$refused"
