/** Programs that are built from one package of the Go module proxy, with nothing of ours in their module. */
import { join } from "node:path";
import { SandboxError } from "../errors";
import type { Progress } from "../progress";
import { findGo, lastLines } from "./go";
import { run } from "./run";
import { step } from "./steps";
import { stored } from "./store";

/** The path of a program such as `github.com/rhysd/actionlint/cmd/actionlint`; built the first time. */
export async function ensureGoProgram(
  path: string,
  version: string,
  progress: Progress = () => {},
): Promise<string> {
  const name = path.split("/").at(-1)!;
  const { folder } = await step(progress, name, async (say) => ({
    detail: version,
    folder: await stored(
      `${name}-${version}-go`,
      async (part) => {
        const go = await findGo();
        say("building");
        const env = { ...go.env, GOBIN: part, GOFLAGS: "" };
        const built = await run(go.command, ["install", `${path}@v${version}`], { env });
        if (built.code === 0) return;
        throw new SandboxError(
          `${name} ${version} cannot be built: ${lastLines(built.output, 2)}`,
          "Go has to reach a module proxy (GOPROXY names another than the public one).",
        );
      },
      () => say("another process is building it; waiting"),
    ),
  }));
  return join(folder, name);
}
