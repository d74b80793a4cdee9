// What `pulumi up` runs: the program in TypeScript, compiled while it is loaded and not type-checked, so that it
// starts in about a second.
const { join } = require("node:path");

// Language hosts that do not know `typescript: false` in Pulumi.yaml have put a compiler here that checks types, and
// a second one would only be chained to it.
delete require.extensions[".ts"];
require("ts-node").register({ project: join(__dirname, "..", "tsconfig.json"), swc: true });
// Pulumi's SDK reads a stack trace with every output; mapping each to its line of TypeScript was two fifths of the
// program's time. Traces of what goes wrong unforeseen name the right file and function, and a line that may be off.
Error.prepareStackTrace = undefined;
module.exports = require("./index.ts").program();
