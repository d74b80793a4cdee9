import { ensureToolchain } from "../../sandbox/toolchain";
import type { Context } from "../context";
import { showProgress } from "../steps";

/** Sets up what the sandbox needs, so that the commands after it start at once. */
export async function prepare(context: Context): Promise<void> {
  const { engine, provider } = await ensureToolchain(showProgress(context.output));
  const built = engine.how === "PATH" ? "from PATH" : "in the cache folder";
  context.output.done(
    `tools of the sandbox are ready: Pulumi ${engine.version} ${built}, AWS provider, emulator`,
  );
  context.output.result({ engine: engine.how, engineVersion: engine.version, provider: provider.how });
}
