import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as ec2 from "@pulumi/aws/ec2";
import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { transformed } from "../shared/transform";
import type { Context } from "./context";

/** Connections of the whole VPC, into a log group of CloudWatch, whose name it gives. */
export function createFlowLog(
  { name, settings, transform, opts, tags }: Context,
  vpc: ec2.Vpc,
): pulumi.Output<string> | undefined {
  if (!settings.flowLogs.enabled) return undefined;
  const child = `${name}-flow-logs`;
  const group = new cloudwatch.LogGroup(
    ...transformed<cloudwatch.LogGroupArgs>(
      transform.flowLogGroup,
      child,
      {
        retentionInDays: settings.flowLogs.retentionDays,
        kmsKeyId: settings.flowLogs.kmsKeyArn,
        tags: tags(child),
      },
      opts,
    ),
  );
  const role = new iam.Role(
    ...transformed<iam.RoleArgs>(
      transform.flowLogRole,
      child,
      {
        description: "Lets VPC flow logs write to their log group",
        assumeRolePolicy: trustPolicy(vpc),
        tags: tags(child),
      },
      opts,
    ),
  );
  const policy = new iam.RolePolicy(
    ...transformed<iam.RolePolicyArgs>(
      transform.flowLogRolePolicy,
      child,
      { role: role.id, policy: writePolicy(group) },
      opts,
    ),
  );
  new ec2.FlowLog(
    ...transformed<ec2.FlowLogArgs>(
      transform.flowLog,
      child,
      {
        vpcId: vpc.id,
        trafficType: settings.flowLogs.traffic,
        logDestinationType: "cloud-watch-logs",
        logDestination: group.arn,
        iamRoleArn: role.arn,
        tags: tags(child),
      },
      { ...opts, dependsOn: [policy] },
    ),
  );
  return group.name;
}

/** Only flow logs of this account and region may take the role, not AWS's service on behalf of anyone else. */
function trustPolicy(vpc: ec2.Vpc): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "vpc-flow-logs.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: {
          StringEquals: { "aws:SourceAccount": vpc.ownerId },
          ArnLike: { "aws:SourceArn": vpc.arn.apply((arn) => arn.replace(/:vpc\/.*$/, ":vpc-flow-log/*")) },
        },
      },
    ],
  });
}

/** Without `CreateLogGroup`: records that arrive late would bring a deleted group back, for ever and unencrypted. */
function writePolicy(group: cloudwatch.LogGroup): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
        Resource: [group.arn, pulumi.interpolate`${group.arn}:*`],
      },
      {
        Effect: "Allow",
        Action: "logs:DescribeLogGroups",
        Resource: group.arn.apply((arn) => arn.replace(/:log-group:.*$/, ":log-group:*")),
      },
    ],
  });
}
