/**
 * Plays a Docker host of the sandbox: a real daemon, the role's own programs, and the machine's address in front of the ports
 * that its containers publish. `main <machine's folder> <address> <configuration>`; ends when the daemon cannot be started
 * or the host cannot become what its declaration says.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "../folders";
import { documentPath } from "../machines/first-boot";
import { DockerEngine, engineEnvironment } from "./engine";
import { PublishedPorts } from "./published-ports";

async function main(folder: string, address: string, configuration: string): Promise<void> {
  const root = join(folder, "root");
  installPrograms(configuration, root);
  const engine = await DockerEngine.start({ folder, configuration, disks: disksOf(folder) });
  const ports = new PublishedPorts(engine, address);
  const following = ports.follow();
  const tools = join(packageFolder(), "sandbox", "machines", "tools");
  const boot = spawn(join(root, PROGRAMS, "retrofit-docker-host"), ["boot"], {
    env: {
      ...process.env,
      ...engineEnvironment(folder),
      RETROFIT_ROOT: root,
      PATH: `${tools}:${process.env.PATH}`,
    },
    stdio: "inherit",
  });
  const [code] = (await once(boot, "close")) as [number | null];
  if (code !== 0) {
    ports.close();
    await engine.stop();
    process.exitCode = 1;
    return;
  }
  await following;
}

/** A data disk is a folder of the sandbox, which outlives its machines. */
function disksOf(folder: string): Record<string, string> {
  const { docker } = JSON.parse(readFileSync(join(folder, "root", documentPath), "utf8")) as {
    docker: { disk: string; volumeId?: string };
  };
  const { disk, volumeId } = docker;
  return volumeId === undefined ? {} : { [disk]: join(folder, "..", "..", "volumes", volumeId) };
}

const PROGRAMS = "usr/local/lib/retrofit";

/** What the role installs. */
function installPrograms(configuration: string, root: string): void {
  const files = join(configuration, "site-modules", "profile", "files");
  mkdirSync(join(root, PROGRAMS), { recursive: true });
  for (const name of readdirSync(files)) cpSync(join(files, name), join(root, PROGRAMS, name));
}

const [folder, address, configuration] = process.argv.slice(2) as [string, string, string];
main(folder, address, configuration).catch((error: Error & { hint?: string }) => {
  console.error([error.message, error.hint].filter(Boolean).join(" "));
  process.exit(1);
});
