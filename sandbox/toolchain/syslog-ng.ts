import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../progress";
import { ensureDebianPackages } from "./debian";

export interface SyslogNg {
  command: string;
  /** What comes before all other arguments. */
  args: string[];
  env: Record<string, string>;
  /** Asks a running one, or tells it what to do. */
  control: string;
}

/** The real syslog-ng of Debian, installed or unpacked. */
export async function ensureSyslogNg(progress: Progress = () => {}): Promise<SyslogNg> {
  const { root, env, bin } = await ensureDebianPackages(["syslog-ng-core", "syslog-ng-mod-http"], progress);
  const found = { command: bin("syslog-ng"), control: bin("syslog-ng-ctl") };
  if (root === "/") return { ...found, args: [], env };
  // It looks for its modules where it was installed to be.
  const home = join(root, "usr", "lib", "syslog-ng");
  const modules = readdirSync(home)
    .map((name) => join(home, name))
    .find((folder) => existsSync(join(folder, "libhttp.so")));
  return {
    ...found,
    args: [`--module-path=${modules ?? home}`],
    env: { ...env, LD_LIBRARY_PATH: [home, env.LD_LIBRARY_PATH].filter(Boolean).join(":") },
  };
}
