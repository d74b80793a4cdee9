/**
 * A real OpenSearch, from Maven Central: its jars with the modules that ingest pipelines need, run in the JVM of this
 * machine. Plugins such as index management and security are not there.
 */
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SandboxError } from "../errors";
import { packageFolder } from "../folders";
import type { Progress } from "../progress";
import { findProgram } from "./apt";
import { lastLines } from "./go";
import { fetchJars } from "./maven";
import { run } from "./run";
import { step } from "./steps";
import { shortHash, stored } from "./store";

export interface OpenSearch {
  /** What starts a node, without its arguments. */
  command: string;
  /** Folder of its jars. */
  library: string;
  args(node: OpenSearchNode): string[];
}

export interface OpenSearchNode {
  data: string;
  /** Where snapshots may go. */
  snapshots: string;
  host: string;
  port: number;
  /** Default: enough for a few hundred thousand lines. */
  heapMb?: number;
  /**
   * It is to take as much as it can for minutes. Without it the JVM compiles once and quickly: a start takes half the
   * processor time.
   */
  sustained?: boolean;
}

const JAVA_MINIMUM = 17;

const HEAP_MB = 512;

const sources = () => join(packageFolder(), "sandbox", "toolchain", "opensearch");

/** Finds or fetches it; the first time takes about half a minute. */
export async function ensureOpenSearch(progress: Progress = () => {}): Promise<OpenSearch> {
  const java = await findJava();
  const files = ["pom.xml", "OpenSearchNode.java"].map((name) => join(sources(), name));
  const name = `opensearch-${shortHash(...files.map((file) => readFileSync(file)))}`;
  const { folder } = await step(progress, "OpenSearch", async (say) => {
    const folder = await stored(
      name,
      (part) => fill(part, java, say),
      () => say("another process is fetching it; waiting"),
    );
    return { folder, detail: name };
  });
  return {
    command: java,
    library: join(folder, "lib"),
    args: ({ data, snapshots, host, port, heapMb = HEAP_MB, sustained = false }) => [
      `-Xms${heapMb}m`,
      `-Xmx${heapMb}m`,
      // Each start is a new machine's first: nothing of it is shared with other programs of the user.
      "-XX:-UsePerfData",
      ...(sustained ? [] : ["-XX:TieredStopAtLevel=1"]),
      "-cp",
      `${folder}/classes:${folder}/lib/*`,
      "OpenSearchNode",
      data,
      snapshots,
      host,
      String(port),
    ],
  };
}

async function fill(folder: string, java: string, say: (detail: string) => void): Promise<void> {
  copyFileSync(join(sources(), "OpenSearchNode.java"), join(folder, "OpenSearchNode.java"));
  say("fetching its jars");
  await fetchJars({ title: "OpenSearch", pom: join(sources(), "pom.xml"), transitive: true }, folder);
  say("compiling");
  const compiler = join(dirname(java), "javac");
  const compiled = await run(
    compiler,
    ["-cp", `${join(folder, "lib")}/*`, "-d", join(folder, "classes"), "OpenSearchNode.java"],
    { cwd: folder },
  );
  if (compiled.code !== 0) {
    throw new SandboxError(
      `Its starter does not compile: ${lastLines(compiled.output, 3)}`,
      "Use a JDK of version 17 or newer.",
    );
  }
}

async function findJava(): Promise<string> {
  const hint = "Install a JDK; Debian: apt-get install openjdk-17-jdk-headless.";
  const home = process.env.JAVA_HOME && join(process.env.JAVA_HOME, "bin", "java");
  const java = home && existsSync(home) ? home : findProgram("java");
  if (java === undefined) throw new SandboxError("There is no Java to run OpenSearch with.", hint);
  const { output } = await run(java, ["-XshowSettings:properties", "-version"]);
  const version = Number(/java\.specification\.version = (\d+)/.exec(output)?.[1] ?? 0);
  if (version < JAVA_MINIMUM) {
    throw new SandboxError(
      `OpenSearch needs Java ${JAVA_MINIMUM} or newer; ${java} is ${version || "older"}.`,
      hint,
    );
  }
  const real = /java\.home = (.+)/.exec(output)?.[1]?.trim();
  return real === undefined ? java : join(real, "bin", "java");
}
