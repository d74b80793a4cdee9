// The program of `pulumi up --cwd stacks/ci`, compiled while it is loaded, as stacks/main.js does it.
const { join } = require("node:path");

delete require.extensions[".ts"];
require("ts-node").register({ project: join(__dirname, "..", "..", "tsconfig.json"), swc: true });
module.exports = require("./program.ts").program();
