#!/usr/bin/env node
// In a checkout the sources run transpile-only, so that what is run is never older than what is read;
// in the published package there are no sources and the compiled files run.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const source = join(__dirname, "..", "release", "main.ts");
if (existsSync(source)) {
  require("ts-node").register({ project: join(__dirname, "..", "tsconfig.json"), swc: true });
  require(source);
} else {
  require("../dist/release/main.js");
}
