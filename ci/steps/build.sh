#!/bin/sh
# The application and the program of its environments: installed, type-checked, built and tested.
set -eu
npm ci
npm run --if-present lint
npm run --if-present typecheck
npm run --if-present build
npm test --if-present
