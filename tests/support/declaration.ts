import * as pulumi from "@pulumi/pulumi";
import type { ContainerArgs, DockerHostArgs } from "../../components/docker-host";
import { declare } from "../../components/docker-host/declaration";

/** The document that a single Docker host is given for some containers. @param targets Target groups by `routeKey`. @param shares By folder. */
export function declared(
  bucket: string,
  containers: Readonly<Record<string, ContainerArgs>>,
  targets: Readonly<Record<string, string>> = {},
  shares: Readonly<Record<string, object>> = {},
): Promise<{ text: string; hash: string }> {
  const args = { bucket, containers, shares, hosts: 1 } as unknown as DockerHostArgs;
  return new Promise((resolve) => {
    declare(args, pulumi.output("eu-central-1"), targets).apply(resolve);
  });
}
