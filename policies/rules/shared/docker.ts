import type { Bag } from "../../rule";
import { writtenFile } from "./machines";

/** Settings of the Docker daemon that a machine's first boot writes; undefined where it is no Docker host. */
export function daemonSettings(props: Bag): Bag | undefined {
  const text = writtenFile(props, "/etc/docker/daemon.json");
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Bag;
  } catch {
    return {};
  }
}

export const DOCKER_HOSTS = ["ec2/instance", "ec2/launchTemplate"] as const;
