// What the engine runs for `--policy-pack policies`. In the published package the pack is compiled; in a checkout it is
// compiled while it is loaded, without checking types.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const compiled = join(__dirname, "..", "dist", "policies", "pack.js");
if (!existsSync(join(__dirname, "pack.ts"))) {
  require(compiled).servePack();
} else {
  // The SDK's runner has put a compiler here that checks types, which takes seconds; ours would only be chained to it.
  const tsNode = require("ts-node");
  process[tsNode.REGISTER_INSTANCE]?.enabled(false);
  delete require.extensions[".ts"];
  tsNode.register({ project: join(__dirname, "..", "tsconfig.json"), swc: true });
  require("./pack.ts").servePack();
}
