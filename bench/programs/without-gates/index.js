// The environment's program with the gates taken out of it: what `pulumi up` would take if nobody asked whether the new machines
// are fit to serve. It is for measuring only; users of such an update would meet machines that are not ready.
const { join } = require("node:path");

const root = join(__dirname, "..", "..", "..");
delete require.extensions[".ts"];
require("ts-node").register({ project: join(root, "tsconfig.json"), swc: true });
const traffic = require.resolve(join(root, "components", "web-tier", "traffic", "index.ts"));
const real = require(traffic);
require.cache[traffic].exports = { ...real, runSwap: async () => "nothing to move" };
module.exports = require(join(root, "stacks", "index.ts")).program(root);
