import { gzipSync } from "fflate";
import { stringify } from "yaml";
import { bootProgram } from "./boot-program";
import { configureProgram } from "./configure-program";
import { secretsProgram } from "./secrets-program";

/** What brings a machine to its role. */
export type ConfigurationTool = "puppet" | "ansible" | "chef";

/** What any machine is told; written to `/etc/retrofit/machine.json` at first boot. No secrets. */
export interface MachineDescription {
  readonly environment: string;
  /** What the machine is; one role each. */
  readonly role: string;
  readonly region: string;
  /**
   * The configuration that makes the machine what its role says, by the sum of its archive: another configuration is
   * another user data, and so another fleet. Without it the machine only fetches and runs its application.
   */
  readonly configuration?: {
    readonly tool: ConfigurationTool;
    readonly bucket: string;
    readonly key: string;
    readonly sha256: string;
    /** CloudWatch log group that gets the result of the first boot. Default: none. */
    readonly logGroup?: string;
  };
  /** Values of the configuration that only Pulumi knows; they come before everything in its own data. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** True on the machine that an image of the role is made of: what belongs to a single release is left out. */
  readonly image?: boolean;
  /** Where the log forwarder's user and password are; without it lines stay on the machine. */
  readonly logs?: { readonly secretArn: string };
  /** What a Docker host is told; none of it changes with its containers, so that a change of those replaces no host. */
  readonly docker?: {
    /** Number of the host, from 0. */
    readonly host: number;
    /** `s3://bucket/key` of the declaration that is in force. */
    readonly declaration: string;
    /** Where the data disk is mounted. */
    readonly disk: string;
    readonly volumeId?: string;
  };
}

/** What a machine that runs a release is told. */
export interface MachineDocument extends MachineDescription {
  /** Version of the release that the machine runs. */
  readonly release: string;
  /** `blue` or `green`: a label for people, nothing is decided by it. */
  readonly fleet: string;
  readonly application: {
    readonly name: string;
    /** Shell command that starts the application in the unpacked artifact. It listens on `$HOST:$PORT`. */
    readonly command: string;
    readonly port: number;
    readonly environment: Readonly<Record<string, string>>;
    /**
     * Variables whose values the machine reads from Secrets Manager each time the application starts; its role has to
     * allow it (see `grantSecrets`). They are in no user data and on no disk.
     */
    readonly secrets?: Readonly<Record<string, SecretReference>>;
    readonly artifact: { readonly bucket: string; readonly key: string; readonly sha256: string };
  };
}

/** A machine that runs no release has to be made by a configuration. */
export type BootableDocument =
  | MachineDocument
  | (MachineDescription & Required<Pick<MachineDescription, "configuration">>);

/** A value in Secrets Manager. */
export interface SecretReference {
  readonly arn: string;
  /** Property of a secret that is a JSON object. Default: the secret's whole text. */
  readonly key?: string;
}

/** A file that is on the machine from its first boot on. */
export interface BootFile {
  readonly path: string;
  readonly content: string;
  /** As in `chmod`; default `0644`. */
  readonly mode?: string;
}

export interface FirstBootOptions {
  /** Packages of the distribution to install before the application starts, e.g. `nodejs`. */
  readonly packages: readonly string[];
  /** Default: none. */
  readonly files?: readonly BootFile[];
}

/** The limit that EC2 sets on user data before it is encoded, in bytes. */
export const USER_DATA_LIMIT = 16 * 1024;

/** Packages that each tool needs; Chef has none in any distribution, so its images bring it. */
const TOOL_PACKAGES: Record<ConfigurationTool, readonly string[]> = {
  puppet: ["puppet-agent"],
  ansible: ["ansible-core"],
  chef: [],
};

/** What a machine installs before its configuration is applied. */
export function bootPackages(tool: ConfigurationTool | undefined, packages: readonly string[]): string[] {
  // awscli fetches the artifact with the machine's role; Debian carries it.
  return [...new Set(["awscli", "ca-certificates", ...(tool ? TOOL_PACKAGES[tool] : []), ...packages])];
}

/**
 * Debian's image has no SSM agent, without which nobody gets in and no command runs. AWS publishes it per region in a
 * bucket that everybody may read, which the machine's own role would not be let into. First boot goes on without it.
 */
function installAgent(region: string): string {
  const source = `s3://amazon-ssm-${region}/latest/debian_$(dpkg --print-architecture)/amazon-ssm-agent.deb`;
  const fetch = `aws --region ${region} s3 cp --no-progress --no-sign-request ${source} /run/ssm.deb`;
  return `command -v amazon-ssm-agent || { ${fetch} && dpkg -i /run/ssm.deb; }`;
}

/**
 * Renders the cloud-init user data of a machine, the same bytes for the same input.
 *
 * @throws Error when the result is over EC2's limit of 16 KB.
 */
export function firstBoot(document: BootableDocument, options: FirstBootOptions): string {
  const { configuration } = document;
  const secrets = "application" in document ? document.application.secrets : undefined;
  const config = {
    package_update: true,
    packages: bootPackages(configuration?.tool, options.packages),
    write_files: [
      {
        path: "/etc/retrofit/machine.json",
        permissions: "0644",
        content: `${JSON.stringify(document, null, 1)}\n`,
      },
      configuration
        ? packed({ path: "/usr/local/sbin/retrofit-configure", content: configureProgram, mode: "0755" })
        : { path: "/usr/local/sbin/retrofit-first-boot", permissions: "0755", content: bootProgram },
      // Puppet and its like bring a program of their own for it.
      ...(configuration === undefined && Object.keys(secrets ?? {}).length > 0
        ? [{ path: "/usr/local/sbin/retrofit-secrets", permissions: "0755", content: secretsProgram }]
        : []),
      ...(options.files ?? []).map(packed),
    ],
    runcmd: [
      // Before anything that may fail: with it an administrator gets in and sees why.
      ["sh", "-c", installAgent(document.region)],
      configuration
        ? ["/usr/local/sbin/retrofit-configure", "boot"]
        : ["/usr/local/sbin/retrofit-first-boot"],
    ],
  };
  const text = `#cloud-config\n${stringify(config, { lineWidth: 0 })}`;
  const size = Buffer.byteLength(text);
  if (size > USER_DATA_LIMIT) {
    throw new Error(
      `user data of role "${document.role}" is ${size} bytes; EC2 allows ${USER_DATA_LIMIT}. Shorten application.environment.`,
    );
  }
  return text;
}

/** Compressed in JavaScript: what Node compresses differs between processors, and with it the launch template would. */
function packed({ path, content, mode = "0644" }: BootFile) {
  const bytes = gzipSync(Buffer.from(content), { level: 9, mtime: 0 });
  return { path, permissions: mode, encoding: "gz+b64", content: Buffer.from(bytes).toString("base64") };
}
