import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { DockerHostArgs, PortArgs } from "./args";
import { place, updateOf } from "./placement";
import { shareOf } from "./shares";

/** A container as the host's own program reads it. */
export interface DeclaredContainer {
  name: string;
  image: string;
  /** `s3://bucket/key` of an image that is in no registry. */
  archive?: string;
  command: string[];
  memoryMb: number;
  cpus: number;
  pids: number;
  ports: { container: number; host?: number; targetGroupArn?: string }[];
  environment: Record<string, string>;
  secrets: Record<string, { arn: string; key?: string }>;
  volumes: {
    path: string;
    mount: string;
    readOnly: boolean;
    type: string;
    /** Of a share: what has to be mounted before the container is started. */
    share?: string;
  }[];
  health?: { command: string[]; interval: number; timeout: number; retries: number; start: number };
  capabilities: string[];
  user?: string;
  dependsOn: string[];
  stopSeconds: number;
  update: "beside" | "stopFirst";
  /** Said where it is not the default, so that a container that says neither stays what it was. */
  restart?: "onFailure" | "never";
  log?: "local" | "none";
  privileged: boolean;
  hostNetwork: boolean;
  readOnlyRoot: boolean;
}

/** What each host of a `DockerHost` runs; one document for all, so that a host needs to know only its number. */
export interface Declaration {
  region: string;
  /** Containers of host 0, host 1, each in the order in which they start. */
  hosts: DeclaredContainer[][];
}

/** @param targetGroups ARN by container and port, as `reports:8080`. */
export function declare(
  args: DockerHostArgs,
  region: pulumi.Input<string>,
  targetGroups: Readonly<Record<string, pulumi.Input<string>>>,
): pulumi.Output<{ text: string; hash: string }> {
  const hosts = place(args.containers, args.hosts ?? 1).map((names) =>
    names.map((name) => declared(name, args, targetGroups)),
  );
  return pulumi.output({ region, hosts }).apply((document) => {
    const text = `${JSON.stringify(document, null, 1)}\n`;
    return { text, hash: createHash("sha256").update(text).digest("hex") };
  });
}

function declared(
  name: string,
  { bucket, containers, shares }: Pick<DockerHostArgs, "bucket" | "containers" | "shares">,
  targetGroups: Readonly<Record<string, pulumi.Input<string>>>,
) {
  const container = containers[name]!;
  const { health, archive } = container;
  return {
    name,
    image: container.image,
    ...(archive !== undefined && { archive: pulumi.interpolate`s3://${bucket}/${archive}` }),
    command: [...(container.command ?? [])],
    memoryMb: container.memoryMb,
    cpus: container.cpus,
    pids: container.pids ?? 256,
    ports: (container.ports ?? []).map((port) => declaredPort(name, port, targetGroups)),
    environment: { ...container.environment },
    secrets: { ...container.secrets },
    volumes: (container.volumes ?? []).map(({ path, mount, readOnly = false, type }) => ({
      path,
      mount,
      readOnly,
      type,
      ...(type === "share" && { share: shareOf(path, shares) ?? path }),
    })),
    ...(health && {
      health: {
        command: [...health.command],
        interval: health.intervalSeconds ?? 5,
        timeout: health.timeoutSeconds ?? 3,
        retries: health.retries ?? 3,
        start: health.startSeconds ?? 0,
      },
    }),
    capabilities: [...(container.capabilities ?? [])],
    ...(container.user !== undefined && { user: container.user }),
    dependsOn: [...(container.dependsOn ?? [])],
    stopSeconds: container.stopSeconds ?? 30,
    update: updateOf(container),
    ...(container.restart !== undefined && container.restart !== "always" && { restart: container.restart }),
    ...(container.log !== undefined && container.log !== "journald" && { log: container.log }),
    privileged: container.privileged ?? false,
    hostNetwork: container.hostNetwork ?? false,
    readOnlyRoot: !(container.writableRoot ?? false),
  };
}

function declaredPort(
  name: string,
  { container, host }: PortArgs,
  targetGroups: Readonly<Record<string, pulumi.Input<string>>>,
) {
  const targetGroupArn = targetGroups[routeKey(name, container)];
  return { container, ...(host !== undefined && { host }), ...(targetGroupArn && { targetGroupArn }) };
}

export function routeKey(container: string, port: number): string {
  return `${container}:${port}`;
}
