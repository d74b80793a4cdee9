/**
 * Plays a Docker host of the sandbox: a real daemon, the role's own programs, and the machine's address in front of the ports
 * that its containers publish. `main <machine's folder> <address> <configuration>`; ends when the daemon cannot be started
 * or the host cannot become what its declaration says.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "../folders";
import { documentPath } from "../machines/first-boot";
import { DockerEngine, engineEnvironment } from "./engine";
import { PublishedPorts } from "./published-ports";

async function main(folder: string, address: string, configuration: string): Promise<void> {
  const root = join(folder, "root");
  installPrograms(configuration, root);
  const engine = await DockerEngine.start({ folder, configuration, disks: disksOf(folder) });
  seeWhatTheDaemonSees(engine, root);
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

/** A data disk, and each share, is a folder of the sandbox, which outlives its machines. */
function disksOf(folder: string): Record<string, string> {
  const { docker, settings } = JSON.parse(readFileSync(join(folder, "root", documentPath), "utf8")) as {
    docker: { disk: string; volumeId?: string };
    settings?: { "profile::mounts::mounts"?: Record<string, { source: string }> };
  };
  const { disk, volumeId } = docker;
  const sandbox = join(folder, "..", "..");
  const shares = Object.entries(settings?.["profile::mounts::mounts"] ?? {}).map(([mount, { source }]) => {
    const share = join(sandbox, "shares", source.replace(/[^\w.-]+/g, "_"));
    mkdirSync(share, { recursive: true });
    // Whoever writes is the share's own user there: here anybody may.
    chmodSync(share, 0o777);
    return [mount, share];
  });
  return {
    ...Object.fromEntries(shares),
    ...(volumeId !== undefined && { [disk]: join(sandbox, "volumes", volumeId) }),
  };
}

const PROGRAMS = "usr/local/lib/retrofit";

/** What the role installs. */
function installPrograms(configuration: string, root: string): void {
  const files = join(configuration, "site-modules", "profile", "files");
  mkdirSync(join(root, PROGRAMS), { recursive: true });
  for (const name of readdirSync(files)) cpSync(join(files, name), join(root, PROGRAMS, name));
}

/** Disks and shares are mounted where the daemon is and nowhere else: the program that starts containers looks from there. */
function seeWhatTheDaemonSees(engine: DockerEngine, root: string): void {
  const program = join(root, PROGRAMS, "retrofit-containers");
  renameSync(program, `${program}.played`);
  const entrance = engine.mountEntrance.join(" ");
  const words = `exec nsenter ${entrance} env RETROFIT_ROOT="$RETROFIT_ENGINE_ROOT" "$0.played" "$@"`;
  writeFileSync(program, `#!/bin/sh\n${words}\n`, { mode: 0o755 });
}

const [folder, address, configuration] = process.argv.slice(2) as [string, string, string];
main(folder, address, configuration).catch((error: Error & { hint?: string }) => {
  console.error([error.message, error.hint].filter(Boolean).join(" "));
  process.exit(1);
});
