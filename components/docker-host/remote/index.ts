import { getSecretVersionOutput } from "@pulumi/aws/secretsmanager/getSecretVersion";
import { Container } from "@pulumi/docker/container";
import { Network } from "@pulumi/docker/network";
import { Provider } from "@pulumi/docker/provider";
import { RemoteImage } from "@pulumi/docker/remoteImage";
import * as pulumi from "@pulumi/pulumi";
import { type Problem, Problems } from "../../shared/validation";
import type { ContainerArgs, ContainerHealthArgs } from "../args";
import { checkContainers } from "../checks";
import { inOrder } from "../placement";

export interface RemoteContainersArgs {
  /** `ssh://user@address` of a machine with Docker whose configuration is the role's. */
  readonly host: pulumi.Input<string>;
  /** Options of the ssh client, such as `["-i", "key"]`. Default: the user's own configuration. */
  readonly sshOptions?: readonly string[];
  /** As for a `DockerHost`. Routes do not count: nobody is there to move the traffic. */
  readonly containers: Readonly<Record<string, ContainerArgs>>;
}

/**
 * The containers of a `DockerHost`, driven from outside over SSH with `@pulumi/docker`, as a second layer or stack: one program
 * cannot declare a host and its containers at once. For those who want each container to be a resource. An update stops a
 * container before the next one starts; its secrets are in the state, encrypted. A `DockerHost` does neither, and needs no SSH.
 *
 * @throws ResourceError listing everything wrong with the arguments.
 */
export class RemoteContainers extends pulumi.ComponentResource {
  /** Ids of the containers by name. */
  public readonly containerIds: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: RemoteContainersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("retrofit:docker-host:RemoteContainers", name, {}, opts);
    checkRemote(name, args).throwIfAny(this);
    const provider = new Provider(
      name,
      { host: args.host, sshOpts: [...(args.sshOptions ?? [])] },
      { parent: this },
    );
    const on = { parent: this, provider };
    // Where all containers are and none reaches another.
    const apart = new Network(
      `${name}-apart`,
      { name: `${name}-apart`, options: { "com.docker.network.bridge.enable_icc": "false" } },
      on,
    );
    const needed = new Set(Object.values(args.containers).flatMap(({ dependsOn = [] }) => dependsOn));
    const networks: Record<string, Network> = {};
    const made: Record<string, Container> = {};
    for (const container of inOrder(Object.keys(args.containers), args.containers)) {
      const declared = args.containers[container]!;
      const child = `${name}-${container}`;
      const own = needed.has(container) ? new Network(child, { name: child, internal: true }, on) : undefined;
      if (own) networks[container] = own;
      const image = new RemoteImage(child, { name: declared.image, keepLocally: true }, on);
      const { dependsOn = [] } = declared;
      made[container] = new Container(
        child,
        {
          name: container,
          image: image.imageId,
          networksAdvanced: [
            { name: apart.name },
            ...(own ? [{ name: own.name, aliases: [container] }] : []),
            ...dependsOn.map((other) => ({ name: networks[other]!.name })),
          ],
          ...limitsOf(declared),
          ...insideOf(declared, this),
        },
        { ...on, deleteBeforeReplace: true, dependsOn: dependsOn.map((other) => made[other]!) },
      );
    }
    this.containerIds = Object.fromEntries(Object.entries(made).map(([one, { id }]) => [one, id]));
    this.registerOutputs({ containerIds: this.containerIds });
  }
}

function checkRemote(name: string, args: RemoteContainersArgs): Problems {
  const problems = new Problems(`RemoteContainers "${name}"`);
  const { host } = args;
  if (typeof host === "string") {
    problems.require(/^ssh:\/\/[^\s/]+$/.test(host), {
      property: "host",
      got: host,
      allowed: "ssh://user@address",
      fix: "Name the machine as ssh does.",
    });
  }
  const unrouted = Object.fromEntries(
    Object.entries(args.containers).map(([one, { ports = [], ...rest }]) => [
      one,
      { ...rest, ports: ports.map(({ route: _, ...port }) => port) },
    ]),
  );
  // What a disk is on the host is for whoever made the host.
  problems.add(...checkContainers({ containers: unrouted, diskSizeGb: 1 }, "host"), ...archives(args));
  return problems;
}

function archives({ containers }: RemoteContainersArgs): Problem[] {
  return Object.entries(containers).flatMap(([name, { archive }]) =>
    archive === undefined
      ? []
      : [
          {
            property: `containers.${name}.archive`,
            got: archive,
            allowed: "nothing: the host pulls its images",
            fix: "Push the image to a registry, and name it by digest.",
          },
        ],
  );
}

const RESTART = { always: "unless-stopped", onFailure: "on-failure", never: "no" } as const;

/** The same limits and closed doors as on a host that manages itself. */
function limitsOf(container: ContainerArgs) {
  return {
    memory: container.memoryMb,
    memorySwap: container.memoryMb,
    cpus: String(container.cpus),
    capabilities: { drops: ["ALL"], adds: [...(container.capabilities ?? [])] },
    securityOpts: ["no-new-privileges"],
    readOnly: !container.writableRoot,
    tmpfs: { "/tmp": "rw,noexec,nosuid,size=64m" },
    privileged: container.privileged ?? false,
    restart: RESTART[container.restart ?? "always"],
    ...(container.log !== undefined && { logDriver: container.log }),
    destroyGraceSeconds: container.stopSeconds ?? 30,
    ulimits: [{ name: "nproc", soft: container.pids ?? 256, hard: container.pids ?? 256 }],
    ...(container.hostNetwork && { networkMode: "host" }),
  };
}

function insideOf(container: ContainerArgs, parent: pulumi.Resource) {
  const { command, user, health, environment = {}, secrets = {}, ports = [], volumes = [] } = container;
  return {
    ...(command && { command: [...command] }),
    ...(user !== undefined && { user }),
    ...(health && { healthcheck: healthcheck(health), wait: true }),
    envs: [
      ...Object.entries(environment).map(([name, value]) => pulumi.interpolate`${name}=${value}`),
      ...Object.entries(secrets).map(([name, secret]) => variable(name, secret, parent)),
    ],
    ports: ports.flatMap((port) =>
      port.host === undefined ? [] : [{ internal: port.container, external: port.host }],
    ),
    volumes: volumes.map(({ path, mount, readOnly = false }) => ({
      hostPath: path,
      containerPath: mount,
      readOnly,
    })),
  };
}

function variable(
  name: string,
  { arn, key }: NonNullable<ContainerArgs["secrets"]>[string],
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const { secretString } = getSecretVersionOutput({ secretId: arn }, { parent });
  return pulumi.secret(
    secretString.apply((text) => `${name}=${key === undefined ? text : String(JSON.parse(text)[key])}`),
  );
}

function healthcheck(health: ContainerHealthArgs) {
  return {
    tests: ["CMD", ...health.command],
    interval: `${health.intervalSeconds ?? 5}s`,
    timeout: `${health.timeoutSeconds ?? 3}s`,
    retries: health.retries ?? 3,
    startPeriod: `${health.startSeconds ?? 0}s`,
  };
}
