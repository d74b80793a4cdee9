import type { BootableDocument, MachineConfigurationDocument } from "../machine";

/** What its machines are. */
export const HOST_ROLE = "docker_host";
/** Where the data disk is mounted on each host. */
export const DISK = "/srv/data";

export interface HostPlace {
  readonly environment: string;
  readonly region: string;
  /** Number of the host, from 0. */
  readonly host: number;
  /** `s3://bucket/key` of the declaration in force. */
  readonly declaration: string;
  /** Id of its data disk; empty where it has none. */
  readonly volumeId: string;
}

/** What a host is told at its first boot. */
export function hostDocument(at: HostPlace, configured: MachineConfigurationDocument): BootableDocument {
  const { environment, region, host, declaration, volumeId } = at;
  const docker = { host, declaration, disk: DISK, ...(volumeId && { volumeId }) };
  return { environment, role: HOST_ROLE, region, ...configured, docker };
}

/** Key of the declaration in force, in the hosts' bucket. @param name Name of the `DockerHost`. */
export function declarationInForce(name: string): string {
  return `docker/${name}/current.json`;
}
