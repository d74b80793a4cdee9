import { stringify } from "yaml";
import { bootProgram } from "./boot-program";

/** What a machine must know to become what it is; written to `/etc/retrofit/machine.json` at first boot. No secrets. */
export interface MachineDocument {
  readonly environment: string;
  /** What the machine is; one role each. */
  readonly role: string;
  readonly region: string;
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
    readonly artifact: { readonly bucket: string; readonly key: string; readonly sha256: string };
  };
}

export interface FirstBootOptions {
  /** Packages of the distribution to install before the application starts, e.g. `nodejs`. */
  readonly packages: readonly string[];
}

/** The limit that EC2 sets on user data before it is encoded, in bytes. */
export const USER_DATA_LIMIT = 16 * 1024;

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
 * Renders the cloud-init user data of a machine: plain text, the same bytes for the same input.
 *
 * @throws Error when the result is over EC2's limit of 16 KB.
 */
export function firstBoot(document: MachineDocument, options: FirstBootOptions): string {
  const config = {
    package_update: true,
    // awscli fetches the artifact with the machine's role; Debian carries it.
    packages: ["awscli", "ca-certificates", ...options.packages],
    write_files: [
      {
        path: "/etc/retrofit/machine.json",
        permissions: "0644",
        content: `${JSON.stringify(document, null, 1)}\n`,
      },
      { path: "/usr/local/sbin/retrofit-first-boot", permissions: "0755", content: bootProgram },
    ],
    runcmd: [["sh", "-c", installAgent(document.region)], ["/usr/local/sbin/retrofit-first-boot"]],
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
