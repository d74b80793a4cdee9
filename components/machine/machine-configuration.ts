import { existsSync } from "node:fs";
import { join } from "node:path";
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import * as pulumi from "@pulumi/pulumi";
import type { ArtifactStore } from "../artifact-store";
import { packArtifactSync } from "../artifact-store/pack";
import { Problems } from "../shared/validation";
import { configurationProblems } from "./configuration-check";
import type { ConfigurationTool, MachineDescription } from "./first-boot";

export interface MachineConfigurationArgs {
  /** Folder with the configuration: `hiera.yaml`, `site-modules` and so on for Puppet, `roles` for Ansible and Chef. */
  readonly folder: string;
  /** Where the archive is kept. */
  readonly store: ArtifactStore;
  /** @default "puppet" */
  readonly tool?: ConfigurationTool;
  /** Roles that machines will have; checked before anything is made. */
  readonly roles: readonly string[];
  /** Name of the environment, which chooses among the configuration's data. */
  readonly environment: string;
  /** Values that come before everything in the configuration's own data, by key. Never secrets. Default: none. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Days that results of first boots are kept. @default 30 */
  readonly logRetentionDays?: number;
  /** Metrics' namespace that machines may write into. @default "Retrofit" */
  readonly metricsNamespace?: string;
  readonly tags?: Record<string, string>;
}

/** The part of a machine's document that its configuration decides. */
export type MachineConfigurationDocument = Required<Pick<MachineDescription, "configuration">> &
  Pick<MachineDescription, "settings">;

/**
 * The configuration of machines as one archive, named by its content. Its sum is part of user data and so of the launch
 * template: a changed configuration is a new fleet, through the same gates as a new release.
 */
export class MachineConfiguration extends pulumi.ComponentResource {
  /** SHA-256 of the archive, 64 hex digits; known before anything is made. */
  public readonly sha256: string;
  public readonly bucket: pulumi.Output<string>;
  public readonly key: pulumi.Output<string>;
  /** CloudWatch log group with the result of each first boot: one stream a machine. */
  public readonly logGroupName: pulumi.Output<string>;

  /** Name of the environment, which machines are told. */
  public readonly environment: string;

  private readonly logGroupArn: pulumi.Output<string>;
  private readonly tool: ConfigurationTool;

  constructor(
    private readonly configurationName: string,
    private readonly args: MachineConfigurationArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("retrofit:machine:MachineConfiguration", configurationName, {}, opts);
    this.tool = args.tool ?? "puppet";
    this.environment = args.environment;
    const problems = new Problems(`MachineConfiguration "${configurationName}"`);
    problems.add(...configurationProblems({ ...args, tool: this.tool }));
    problems.throwIfAny(this);
    const packed = packArtifactSync(args.folder);
    this.sha256 = packed.sha256;
    const stored = args.store.upload(`${configurationName}-${packed.sha256.slice(0, 8)}`, {
      key: `configurations/${packed.sha256}.tar.gz`,
      ...packed,
    });
    this.bucket = pulumi.output(stored.bucket);
    this.key = pulumi.output(stored.key);
    const logs = new LogGroup(
      `${configurationName}-first-boot`,
      { retentionInDays: args.logRetentionDays ?? 30, tags: { ...args.tags } },
      { parent: this },
    );
    this.logGroupName = logs.name;
    this.logGroupArn = logs.arn;
    this.registerOutputs({ bucket: this.bucket, key: this.key, logGroupName: this.logGroupName });
  }

  /** Lets a role's machines fetch the configuration, report their first boot, and write metrics. Nothing else. */
  grant(name: string, role: { roleName: pulumi.Input<string> }): void {
    this.args.store.grantRead(`${name}-configuration`, role, "configurations/");
    const namespace = this.args.metricsNamespace ?? "Retrofit";
    new RolePolicy(
      `${this.configurationName}-${name}-report`,
      {
        role: role.roleName,
        policy: this.logGroupArn.apply((arn) =>
          JSON.stringify({
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
                Resource: `${arn.replace(/:\*$/, "")}:*`,
              },
              {
                Effect: "Allow",
                Action: ["cloudwatch:PutMetricData"],
                // Metrics are no resources; their namespace is what can be limited.
                Resource: "*",
                Condition: { StringEquals: { "cloudwatch:namespace": namespace } },
              },
            ],
          }),
        ),
      },
      { parent: this },
    );
  }

  /** What a machine's document says of its configuration. */
  document(): pulumi.Output<MachineConfigurationDocument> {
    return pulumi.all([this.bucket, this.key, this.logGroupName]).apply(([bucket, key, logGroup]) => ({
      configuration: { tool: this.tool, bucket, key, sha256: this.sha256, logGroup },
      ...(this.args.settings && { settings: this.args.settings }),
    }));
  }
}

/** Whether a folder holds machines' configuration. */
export function isConfiguration(folder: string): boolean {
  return ["hiera.yaml", "roles"].some((entry) => existsSync(join(folder, entry)));
}
