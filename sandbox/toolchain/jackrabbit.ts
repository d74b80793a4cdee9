/** Apache Jackrabbit and a server to run it in, from Maven Central. */
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SandboxError } from "../errors";
import { packageFolder } from "../folders";
import type { Progress } from "../progress";
import { findProgram } from "./apt";
import { lastLines } from "./go";
import { run } from "./run";
import { step } from "./steps";
import { shortHash, stored } from "./store";

export interface Jackrabbit {
  /** The web application. */
  war: string;
  /** The server, a jar that runs by itself. */
  runner: string;
  version: string;
}

/** Finds or fetches it; the first time takes about ten seconds. */
export async function ensureJackrabbit(progress: Progress = () => {}): Promise<Jackrabbit> {
  const pom = join(packageFolder(), "sandbox", "toolchain", "jackrabbit", "pom.xml");
  const text = readFileSync(pom, "utf8");
  const version = versionIn(text, "jackrabbit-webapp");
  const name = `jackrabbit-${version}-${shortHash(text)}`;
  const { folder } = await step(progress, "Jackrabbit", async (say) => {
    const folder = await stored(
      name,
      (part) => fetchInto(part, pom),
      () => say("another process is fetching it; waiting"),
    );
    return { folder, detail: version };
  });
  return {
    war: join(folder, `jackrabbit-webapp-${version}.war`),
    runner: join(folder, `jetty-runner-${versionIn(text, "jetty-runner")}.jar`),
    version,
  };
}

async function fetchInto(folder: string, pom: string): Promise<void> {
  const maven = findProgram("mvn");
  if (maven === undefined) {
    throw new SandboxError(
      "There is no Maven (mvn) to fetch Jackrabbit with.",
      "Install it; Debian: apt-get install maven.",
    );
  }
  copyFileSync(pom, join(folder, "pom.xml"));
  const args = ["-B", "-q", "dependency:copy-dependencies", "-DexcludeTransitive=true"];
  const fetched = await run(maven, [...args, `-DoutputDirectory=${folder}`], { cwd: folder });
  if (fetched.code !== 0) {
    throw new SandboxError(
      `Jackrabbit cannot be had: ${lastLines(fetched.output, 3)}`,
      "Maven has to reach a repository that mirrors Maven Central.",
    );
  }
}

function versionIn(pom: string, artifact: string): string {
  return new RegExp(`<artifactId>${artifact}</artifactId>\\s*<version>([^<]+)</version>`).exec(pom)![1]!;
}
