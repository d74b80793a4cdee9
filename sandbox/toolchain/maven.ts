/** Jars from Maven Central, or from the repository that this machine has in its place. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { SandboxError } from "../errors";
import { findProgram } from "./apt";
import { lastLines } from "./go";
import { run } from "./run";

export interface Jars {
  /** What they make up, for people. */
  title: string;
  /** Path of a pom.xml that names them. */
  pom: string;
  /** Whether what they depend on is wanted too. */
  transitive: boolean;
}

/** Puts the jars into `lib` of a folder. */
export async function fetchJars({ title, pom, transitive }: Jars, folder: string): Promise<void> {
  const maven = findProgram("mvn");
  if (maven === undefined) {
    throw new SandboxError(
      `There is no Maven (mvn) to fetch ${title} with.`,
      "Install it; Debian: apt-get install maven.",
    );
  }
  copyFileSync(pom, join(folder, "pom.xml"));
  const goal = ["-B", "-q", "dependency:copy-dependencies", `-DexcludeTransitive=${!transitive}`];
  const fetched = await run(maven, [...goal, `-DoutputDirectory=${join(folder, "lib")}`], { cwd: folder });
  if (fetched.code !== 0) {
    throw new SandboxError(
      `${title} cannot be had: ${lastLines(fetched.output, 3)}`,
      "Maven has to reach a repository that mirrors Maven Central.",
    );
  }
}
