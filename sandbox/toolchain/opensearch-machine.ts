/** OpenSearch with its security plugin, started as a machine starts it: from a folder with `opensearch.yml`. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { SandboxError } from "../errors";
import { packageFolder } from "../folders";
import type { Progress } from "../progress";
import { lastLines } from "./go";
import { fetchJars } from "./maven";
import { ensureOpenSearch } from "./opensearch";
import { run } from "./run";
import { step } from "./steps";
import { shortHash, stored } from "./store";

export interface OpenSearchMachine {
  command: string;
  /** @param home Any folder of the node's own. @param configuration Where its `opensearch.yml` is. */
  args(node: { home: string; configuration: string; heapMb: number }): string[];
}

const PLUGIN = "OpenSearch security";
const STARTER = "OpenSearchMachine.java";
/** OpenSearch's own versions of these come first on the class path. */
const libraryOf = (jar: string): string => jar.replace(/-\d[^/]*\.jar$/, "");

export async function ensureOpenSearchMachine(progress: Progress = () => {}): Promise<OpenSearchMachine> {
  const base = await ensureOpenSearch(progress);
  const sources = join(packageFolder(), "sandbox", "toolchain", "opensearch");
  const files = ["pom.xml", "security.xml", STARTER].map((name) => join(sources, name));
  const name = `opensearch-machine-${shortHash(...files.map((file) => readFileSync(file)))}`;
  const { folder } = await step(progress, PLUGIN, async (say) => {
    const fill = async (part: string) => {
      say("fetching it");
      await fetchJars({ title: PLUGIN, pom: join(sources, "security.xml"), transitive: false }, part);
      await unpackPlugin(part, base.command, base.library);
      say("compiling");
      copyFileSync(join(sources, STARTER), join(part, STARTER));
      await java(
        base.command,
        "javac",
        ["-cp", `${base.library}/*:${part}/lib/*`, "-d", "classes", STARTER],
        part,
      );
    };
    const folder = await stored(name, fill, () => say("another process is fetching it; waiting"));
    return { folder, detail: name };
  });
  return {
    command: base.command,
    args: ({ home, configuration, heapMb }) => [
      `-Xms${heapMb}m`,
      `-Xmx${heapMb}m`,
      "-XX:-UsePerfData",
      // A node of a test lives for minutes: what the thorough compiler would do for it costs more than it gives.
      "-XX:TieredStopAtLevel=1",
      "-XX:+UseSerialGC",
      "-cp",
      `${folder}/classes:${base.library}/*:${folder}/lib/*`,
      "OpenSearchMachine",
      home,
      configuration,
    ],
  };
}

/** The plugin is a zip of jars, some of which OpenSearch has itself. */
async function unpackPlugin(folder: string, javaPath: string, library: string): Promise<void> {
  const lib = join(folder, "lib");
  const [zip] = readdirSync(lib);
  const plugin = join(folder, "plugin");
  mkdirSync(plugin);
  await java(javaPath, "jar", ["-xf", join(lib, zip!)], plugin);
  const present = new Set(readdirSync(library).map(libraryOf));
  for (const jar of readdirSync(plugin).filter((file) => file.endsWith(".jar"))) {
    if (!present.has(libraryOf(jar))) copyFileSync(join(plugin, jar), join(lib, jar));
  }
  for (const rest of [join(lib, zip!), plugin]) rmSync(rest, { recursive: true });
}

async function java(javaPath: string, tool: string, args: string[], cwd: string): Promise<void> {
  const { code, output } = await run(join(dirname(javaPath), tool), args, { cwd });
  if (code !== 0) {
    throw new SandboxError(
      `${PLUGIN}: ${tool} failed: ${lastLines(output, 3)}`,
      "Use a JDK of version 17 or newer.",
    );
  }
}
