import { join } from "node:path";
import { homeFolder } from "../folders";
import { nodeArguments } from "../node-arguments";

/** The shell command that plays a Docker host. The machine's home is its own, the tools are not. */
export function playHost(host: { folder: string; address: string; configuration: string }): string {
  const { folder, address, configuration } = host;
  const words = [process.execPath, ...nodeArguments(join(__dirname, "main")), folder, address, configuration];
  return `RETROFIT_HOME=${quoted(homeFolder())} exec ${words.map(quoted).join(" ")}`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
