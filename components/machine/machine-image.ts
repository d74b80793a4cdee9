import { getRegionOutput } from "@pulumi/aws/getRegion";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment";
import { Component } from "@pulumi/aws/imagebuilder/component";
import { DistributionConfiguration } from "@pulumi/aws/imagebuilder/distributionConfiguration";
import { ImagePipeline } from "@pulumi/aws/imagebuilder/imagePipeline";
import { ImageRecipe } from "@pulumi/aws/imagebuilder/imageRecipe";
import { InfrastructureConfiguration } from "@pulumi/aws/imagebuilder/infrastructureConfiguration";
import { LifecyclePolicy } from "@pulumi/aws/imagebuilder/lifecyclePolicy";
import * as pulumi from "@pulumi/pulumi";
import { Problems } from "../shared/validation";
import { debianImage } from "./image";
import { imageRecipeDocument } from "./image-recipe";
import type { MachineConfiguration } from "./machine-configuration";
import { MachineRole } from "./machine-role";

/** On an image that an environment's file names; the rule that removes old images leaves it alone. */
export const IN_USE_TAG = { key: "retrofit:in-use", value: "yes" } as const;
/** Which role an image was baked from, and which configuration, by its SHA-256. */
export const ROLE_TAG = "retrofit:image-role";
export const CONFIGURATION_TAG = "retrofit:configuration";

const BUILDER = "arn:aws:iam::aws:policy/EC2InstanceProfileForImageBuilder";
const LIFECYCLE = "arn:aws:iam::aws:policy/service-role/EC2ImageBuilderLifecycleExecutionPolicy";

export interface MachineImageArgs {
  readonly configuration: MachineConfiguration;
  /** The role that is baked; what belongs to a single release is left to the first boot. */
  readonly role: string;
  /** Type of the machine that bakes; its architecture is the image's. Cost: its price per hour, while it bakes. */
  readonly instanceType: string;
  /** Where it bakes; it needs a way to package mirrors and AWS. */
  readonly subnetId: pulumi.Input<string>;
  readonly securityGroupId: pulumi.Input<string>;
  /** Packages of the distribution besides those of the role, such as what the application runs on. Default: none. */
  readonly packages?: readonly string[];
  /** Image to begin with. Default: the newest Debian 12. */
  readonly parentImageId?: pulumi.Input<string>;
  /** Images that are kept besides those in use, 1–100. @default 5 Cost: a snapshot each. */
  readonly keep?: number;
  /** Size of the encrypted root volume in GiB. @default 8 */
  readonly volumeSizeGb?: number;
  readonly tags?: Record<string, string>;
}

/**
 * A pipeline that bakes a role into a machine image with EC2 Image Builder, tests it and publishes it, so that a machine joins
 * in seconds instead of minutes. It runs when it is told to (`retrofit image bake`); environments name the image they use.
 * Old images are removed by rule, but none that is in use, nor one that a machine was started from in the last 30 days.
 *
 * @throws ResourceError listing everything wrong with the arguments.
 */
export class MachineImage extends pulumi.ComponentResource {
  public readonly pipelineArn: pulumi.Output<string>;

  constructor(name: string, args: MachineImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("retrofit:machine:MachineImage", name, {}, opts);
    const { keep = 5, configuration } = args;
    const problems = new Problems(`MachineImage "${name}"`);
    problems.require(Number.isInteger(keep) && keep >= 1 && keep <= 100, {
      property: "keep",
      got: keep,
      allowed: "a whole number from 1 to 100",
      fix: "Keep at least the one before, to go back to.",
    });
    problems.throwIfAny(this);
    const parent = { parent: this };
    const tags = { ...args.tags };
    // A change is a new version, since neither components nor recipes can be changed.
    const version = versionOf(configuration.sha256);
    const region = getRegionOutput({}, parent).apply((found) => found.region ?? found.name);
    const role = new MachineRole(name, { managedPolicyArns: [BUILDER], tags }, parent);
    configuration.grant(name, role);
    const component = new Component(
      name,
      {
        name,
        platform: "Linux",
        version,
        data: pulumi
          .all([region, configuration.document()])
          .apply(([where, document]) =>
            imageRecipeDocument(args.role, configuration.environment, where, document, args.packages),
          ),
        tags,
      },
      parent,
    );
    const recipe = new ImageRecipe(
      name,
      {
        name,
        version,
        parentImage: args.parentImageId ?? debianImage(args.instanceType, parent),
        components: [{ componentArn: component.arn }],
        blockDeviceMappings: [
          {
            deviceName: "/dev/xvda",
            ebs: {
              volumeSize: args.volumeSizeGb ?? 8,
              volumeType: "gp3",
              encrypted: "true",
              deleteOnTermination: "true",
            },
          },
        ],
        tags,
      },
      // A newer image of the distribution is taken when the configuration changes.
      { ...parent, ignoreChanges: args.parentImageId === undefined ? ["parentImage"] : [] },
    );
    const infrastructure = new InfrastructureConfiguration(
      name,
      {
        name,
        instanceProfileName: role.instanceProfileArn.apply((arn) => arn.split("/").at(-1)!),
        instanceTypes: [args.instanceType],
        subnetId: args.subnetId,
        securityGroupIds: [args.securityGroupId],
        instanceMetadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
        terminateInstanceOnFailure: true,
        tags,
      },
      parent,
    );
    const amiTags = { ...tags, [ROLE_TAG]: args.role, [CONFIGURATION_TAG]: configuration.sha256 };
    const distribution = new DistributionConfiguration(
      name,
      {
        name,
        distributions: [
          {
            region,
            amiDistributionConfiguration: { name: `${name}-{{ imagebuilder:buildDate }}`, amiTags },
          },
        ],
        tags,
      },
      parent,
    );
    const pipeline = new ImagePipeline(
      name,
      {
        name,
        imageRecipeArn: recipe.arn,
        infrastructureConfigurationArn: infrastructure.arn,
        distributionConfigurationArn: distribution.arn,
        imageTestsConfiguration: { imageTestsEnabled: true, timeoutMinutes: 60 },
        tags,
      },
      parent,
    );
    makeLifecycle(name, keep, tags, recipe, this);
    this.pipelineArn = pipeline.arn;
    this.registerOutputs({ pipelineArn: this.pipelineArn });
  }
}

/** Three numbers of up to 2^30 out of a sum: the same for the same configuration, another for any other. */
function versionOf(sha256: string): string {
  const number = (from: number) => Number.parseInt(sha256.slice(from, from + 7), 16);
  return `1.${number(0)}.${number(7)}`;
}

function makeLifecycle(
  name: string,
  keep: number,
  tags: Record<string, string>,
  recipe: ImageRecipe,
  parent: pulumi.Resource,
): void {
  const role = new Role(
    `${name}-lifecycle`,
    {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Service: "imagebuilder.amazonaws.com" }, Action: "sts:AssumeRole" },
        ],
      }),
      tags,
    },
    { parent },
  );
  const attached = new RolePolicyAttachment(
    `${name}-lifecycle`,
    { role: role.name, policyArn: LIFECYCLE },
    { parent },
  );
  new LifecyclePolicy(
    name,
    {
      name,
      executionRole: role.arn,
      resourceType: "AMI_IMAGE",
      policyDetails: [
        {
          action: { type: "DELETE", includeResources: { amis: true, snapshots: true } },
          filter: { type: "COUNT", value: keep },
          exclusionRules: {
            tagMap: { [IN_USE_TAG.key]: IN_USE_TAG.value },
            amis: { isPublic: false, lastLaunched: { unit: "DAYS", value: 30 } },
          },
        },
      ],
      resourceSelection: { recipes: [{ name: recipe.name, semanticVersion: "x.x.x" }] },
      tags,
    },
    { parent, dependsOn: [attached] },
  );
}
