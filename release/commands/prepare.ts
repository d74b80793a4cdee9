import { ensureServerPrograms } from "../../sandbox/servers/programs";
import { ensureToolchain } from "../../sandbox/toolchain";
import type { Context } from "../context";
import { showProgress } from "../steps";

/** Sets up what the sandbox needs, so that the commands after it start at once. */
export async function prepare(context: Context): Promise<void> {
  const progress = showProgress(context.output);
  const { engine, provider } = await ensureToolchain(progress);
  const servers = await ensureServerPrograms(progress);
  const built = engine.how === "PATH" ? "from PATH" : "in the cache folder";
  context.output.done(
    `tools of the sandbox are ready: Pulumi ${engine.version} ${built}, AWS provider, emulator`,
  );
  // Environments without a database and sessions need none of these.
  for (const { name, missing } of servers) {
    if (missing !== undefined)
      context.output.warn(`environments with ${name} cannot run in the sandbox: ${missing}`);
  }
  context.output.result({
    engine: engine.how,
    engineVersion: engine.version,
    provider: provider.how,
    servers: Object.fromEntries(servers.map(({ name, missing }) => [name, missing === undefined])),
  });
}
