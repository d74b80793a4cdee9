/** Apache Jackrabbit and a server to run it in, from Maven Central. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "../folders";
import type { Progress } from "../progress";
import { fetchJars } from "./maven";
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
  const name = `jackrabbit-${version}-${shortHash(text, "lib")}`;
  const { folder } = await step(progress, "Jackrabbit", async (say) => {
    const folder = await stored(
      name,
      (part) => fetchJars({ title: "Jackrabbit", pom, transitive: false }, part),
      () => say("another process is fetching it; waiting"),
    );
    return { folder, detail: version };
  });
  return {
    war: join(folder, "lib", `jackrabbit-webapp-${version}.war`),
    runner: join(folder, "lib", `jetty-runner-${versionIn(text, "jetty-runner")}.jar`),
    version,
  };
}

function versionIn(pom: string, artifact: string): string {
  return new RegExp(`<artifactId>${artifact}</artifactId>\\s*<version>([^<]+)</version>`).exec(pom)![1]!;
}
