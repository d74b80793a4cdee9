import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule";
import * as pulumi from "@pulumi/pulumi";
import { type ContainerArgs, DockerHost, type DockerHostArgs } from "../../components/docker-host";
import { packageRoot } from "../package-root";

export interface JenkinsArgs
  extends Pick<DockerHostArgs, "network" | "bucket" | "configuration" | "instanceType"> {
  /** The controller's image by digest, as made from `ci/jenkins/controller`. */
  readonly image: string;
  /** Address under which people open it, such as `http://jenkins.example.internal:8080/`. */
  readonly url: string;
  /** ARN of a JSON secret: `adminPassword`, `pulumiPassphrase`, `githubToken`. */
  readonly secretArn: pulumi.Input<string>;
  /** Networks that reach it, IPv4 blocks by name: those beyond the VPN. Nothing else does. */
  readonly clients: Readonly<Record<string, string>>;
  /** Repository of the project, as `https://github.com/example/shop`. */
  readonly repository: string;
  /** Begin of the ARNs of its roles: `arn:aws:iam::111122223333:role/retrofit-`. */
  readonly roles: pulumi.Input<string>;
  /** Issuer of its id tokens: a public address that has its two OpenID Connect documents. */
  readonly issuer: string;
  /** Where Pulumi keeps its state, `s3://…`. */
  readonly backend: string;
  /** Prod-like: the disk with its jobs' history outlives it. Default true. */
  readonly protected?: boolean;
}

/** Ports of the host: the controller's, and the one after it for its next version. */
const PORT = 18080;
const HEAP_MB = 2048;
/** Builds run beside it, in the same container. */
const BUILDS_MB = 4096;
const HOME = "/var/jenkins_home";
/** `/tmp` is small and nothing in it can be executed. */
const TEMPORARY = `${HOME}/tmp`;

/**
 * A Jenkins controller as a container of a `DockerHost` of its own, configured as code: jobs, credentials and users are what
 * `ci/jenkins/controller/jenkins.yaml` says, and what was changed by hand is gone with the next start. No address of it is public.
 * Cost: one machine and its 20 GiB disk.
 */
export class Jenkins extends pulumi.ComponentResource {
  constructor(name: string, args: JenkinsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("retrofit:ci:Jenkins", name, {}, opts);
    const parent = { parent: this };
    const { network, bucket, configuration, instanceType } = args;
    const host = new DockerHost(
      name,
      {
        network,
        bucket,
        configuration,
        instanceType,
        containers: { controller: controller(args) },
        diskSizeGb: 20,
        protected: args.protected ?? true,
      },
      parent,
    );
    for (const [client, cidrIpv4] of Object.entries(args.clients)) {
      new SecurityGroupIngressRule(
        `${name}-${client}`,
        {
          securityGroupId: host.securityGroupId,
          ipProtocol: "tcp",
          fromPort: PORT,
          toPort: PORT + 1,
          cidrIpv4,
          description: `${client} to Jenkins, through the VPN`,
        },
        parent,
      );
    }
    this.registerOutputs();
  }
}

function controller(args: JenkinsArgs): ContainerArgs {
  const secret = (key: string) => ({ arn: args.secretArn, key });
  return {
    image: args.image,
    // The configuration comes with the declaration, so that a change of it needs no new image.
    command: [
      "sh",
      "-c",
      'mkdir -p "$TMPDIR" && printf %s "$CASC" > "$CASC_JENKINS_CONFIG" && exec /usr/local/bin/jenkins.sh',
    ],
    memoryMb: HEAP_MB + BUILDS_MB,
    cpus: 1.5,
    pids: 1024,
    ports: [{ container: 8080, host: PORT }],
    environment: {
      CASC: readFileSync(join(packageRoot(), "ci", "jenkins", "controller", "jenkins.yaml"), "utf8"),
      CASC_JENKINS_CONFIG: "/tmp/jenkins.yaml",
      TMPDIR: TEMPORARY,
      JAVA_OPTS: `-Djenkins.install.runSetupWizard=false -Djava.io.tmpdir=${TEMPORARY} -Xmx${HEAP_MB}m`,
      JENKINS_URL: args.url,
      REPOSITORY: args.repository,
      RETROFIT_ROLES: args.roles,
      OIDC_ISSUER: args.issuer,
      PULUMI_BACKEND_URL: args.backend,
    },
    secrets: {
      ADMIN_PASSWORD: secret("adminPassword"),
      PULUMI_PASSPHRASE: secret("pulumiPassphrase"),
      GITHUB_TOKEN: secret("githubToken"),
    },
    volumes: [{ type: "disk", path: "/srv/data/jenkins", mount: HOME }],
    user: "1000:1000",
    health: {
      command: ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8080/login"],
      intervalSeconds: 10,
      timeoutSeconds: 5,
      startSeconds: 180,
    },
    stopSeconds: 120,
  };
}
