import { gzipSync } from "node:zlib";
import { stringify } from "yaml";
import { containersProgram } from "./containers-program";
import { daemonConfig } from "./daemon-config";
import { hostProgram } from "./host-program";

/** What a host has to know; none of it changes with its containers, so that a change of those replaces no host. */
export interface HostSettings {
  readonly region: string;
  /** Number of the host, from 0. */
  readonly host: number;
  /** `s3://bucket/key` of the declaration that is in force. */
  readonly declaration: string;
  /** Where the data disk is mounted. */
  readonly disk: string;
  readonly volumeId?: string;
}

/** EC2's limit on user data before it is encoded, in bytes. */
const LIMIT = 16 * 1024;

/**
 * The cloud-init user data of a host, compressed (cloud-init unpacks it) and in base64; the same for the same settings.
 *
 * @throws Error above EC2's limit of 16 KB.
 */
export function hostUserData(name: string, settings: HostSettings): string {
  const unit = (description: string, word: string, more: readonly string[]) =>
    [
      "[Unit]",
      `Description=${description}`,
      "Wants=network-online.target",
      "After=network-online.target docker.service",
      "[Service]",
      `ExecStart=/usr/local/sbin/retrofit-docker-host ${word}`,
      ...more,
      "[Install]",
      "WantedBy=multi-user.target",
      "",
    ].join("\n");
  const program = (path: string, content: string) => ({ path, permissions: "0755", content });
  const plain = (path: string, content: string) => ({ path, permissions: "0644", content });
  const config = {
    package_update: true,
    packages: ["docker.io", "awscli", "amazon-ecr-credential-helper", "ca-certificates"],
    // Written before the packages are installed, so that the daemon never runs with another configuration.
    write_files: [
      plain("/etc/docker/daemon.json", `${JSON.stringify(daemonConfig({ fleet: name }), null, 1)}\n`),
      plain("/root/.docker/config.json", '{ "credsStore": "ecr-login" }\n'),
      plain("/etc/retrofit/docker-host.json", `${JSON.stringify(settings, null, 1)}\n`),
      program("/usr/local/sbin/retrofit-containers", containersProgram),
      program("/usr/local/sbin/retrofit-docker-host", hostProgram),
      plain(
        "/etc/systemd/system/retrofit-containers.service",
        unit("Containers of this host", "boot", ["Type=oneshot", "RemainAfterExit=yes"]),
      ),
      plain(
        "/etc/systemd/system/retrofit-drain.service",
        unit("Drains this host before it goes", "watch", ["Restart=on-failure", "RestartSec=5"]),
      ),
    ],
    runcmd: [
      ["systemctl", "daemon-reload"],
      ["systemctl", "enable", "--now", "retrofit-drain.service"],
      ["systemctl", "enable", "--now", "retrofit-containers.service"],
    ],
  };
  const packed = gzipSync(`#cloud-config\n${stringify(config, { lineWidth: 0 })}`, { level: 9 });
  if (packed.length > LIMIT) {
    throw new Error(`user data of a Docker host is ${packed.length} bytes; EC2 allows ${LIMIT}.`);
  }
  return packed.toString("base64");
}
