/** Lines that AWS itself keeps in CloudWatch, carried into the store by a function that subscribes to them. */
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { LogSubscriptionFilter } from "@pulumi/aws/cloudwatch/logSubscriptionFilter";
import { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment";
import { Function as LambdaFunction } from "@pulumi/aws/lambda/function";
import { FunctionEventInvokeConfig } from "@pulumi/aws/lambda/functionEventInvokeConfig";
import { Permission } from "@pulumi/aws/lambda/permission";
import { Queue } from "@pulumi/aws/sqs/queue";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule";
import * as pulumi from "@pulumi/pulumi";
import { zipSync } from "fflate";
import { keepArchive, type PackedArtifact } from "../../artifact-store/pack";
import { grantSecrets } from "../../machine";
import type { CarryInArgs, CommonStoreArgs } from "../args";
import { systemStream } from "../forwarder/model";
import { NAMES } from "../store/setup";
import { carryInProgram } from "./program";

/** May send to and receive from its subnets, and write its own log. */
const IN_VPC = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole";
const RUNTIME = "nodejs22.x";
/** CloudWatch tries for so long; what is left then waits in the queue. */
const TRY_SECONDS = 6 * 60 * 60;
const QUEUE_SECONDS = 14 * 24 * 60 * 60;

/** The store that lines are carried to, and how the function gets in. */
export interface CarryInStore {
  readonly endpoint: pulumi.Output<string>;
  /** Of the user that may write lines. */
  readonly secretArn: pulumi.Output<string>;
  readonly trustedCertificate: pulumi.Output<string> | undefined;
  readonly region: pulumi.Input<string>;
  readonly accountId: pulumi.Input<string>;
  allowFrom(who: string, securityGroupId: pulumi.Input<string>): void;
}

export function makeCarryIn(
  storeName: string,
  args: CommonStoreArgs & { readonly carryIn: CarryInArgs },
  store: CarryInStore,
  parent: pulumi.Resource,
): void {
  const name = `${storeName}-carry-in`;
  const tags = { ...args.tags, Name: name };
  const queue = new Queue(
    name,
    { messageRetentionSeconds: QUEUE_SECONDS, sqsManagedSseEnabled: true, tags },
    { parent },
  );
  const role = makeRole(name, queue, store, args, parent);
  const program = makeFunction(name, args, store, role, parent);
  new FunctionEventInvokeConfig(
    name,
    {
      functionName: program.name,
      maximumRetryAttempts: 2,
      maximumEventAgeInSeconds: TRY_SECONDS,
      destinationConfig: { onFailure: { destination: queue.arn } },
    },
    { parent },
  );
  new MetricAlarm(
    `${name}-waiting`,
    {
      alarmDescription: `${name}: lines of CloudWatch could not be brought to the store and wait in the queue.`,
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: queue.name },
      statistic: "Maximum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      period: 300,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
      alarmActions: [...(args.alarmTopicArns ?? [])],
      okActions: [...(args.alarmTopicArns ?? [])],
      tags,
    },
    { parent },
  );
  for (const [who, logGroup] of Object.entries(args.carryIn.logGroups)) {
    subscribe(`${name}-${who}`, logGroup, program, store, parent);
  }
}

function makeRole(
  name: string,
  queue: Queue,
  { secretArn }: CarryInStore,
  { tags }: CommonStoreArgs,
  parent: pulumi.Resource,
): { arn: pulumi.Output<string>; granted: pulumi.Resource[] } {
  const role = new Role(
    name,
    {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
        ],
      }),
      tags: { ...tags },
    },
    { parent },
  );
  const policy = queue.arn.apply((arn) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "sqs:SendMessage", Resource: arn }],
    }),
  );
  const granted = [
    new RolePolicyAttachment(name, { role: role.name, policyArn: IN_VPC }, { parent }),
    new RolePolicy(`${name}-queue`, { role: role.name, policy }, { parent }),
    grantSecrets(name, { roleName: role.name }, [secretArn], { parent }),
  ];
  return { arn: role.arn, granted };
}

function makeFunction(
  name: string,
  args: CommonStoreArgs & { readonly carryIn: CarryInArgs },
  store: CarryInStore,
  role: { arn: pulumi.Output<string>; granted: pulumi.Resource[] },
  parent: pulumi.Resource,
): LambdaFunction {
  const { artifacts, environment } = args.carryIn;
  const tags = { ...args.tags, Name: name };
  const group = new SecurityGroup(
    name,
    { vpcId: args.network.vpcId, description: `Function that fills ${name}`, tags },
    { parent },
  );
  new SecurityGroupEgressRule(
    `${name}-out`,
    {
      securityGroupId: group.id,
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      cidrIpv4: "0.0.0.0/0",
      description: "AWS, for the store's password",
    },
    { parent },
  );
  store.allowFrom("carry-in", group.id);
  const code = packedProgram();
  const stored = artifacts.upload(`${name}-${code.sha256.slice(0, 8)}`, {
    key: `functions/${code.sha256}.zip`,
    ...code,
  });
  const log = new LogGroup(name, { retentionInDays: 30, tags }, { parent });
  return new LambdaFunction(
    name,
    {
      description: "Carries lines of CloudWatch into the log store",
      runtime: RUNTIME,
      architectures: ["arm64"],
      handler: "index.handler",
      s3Bucket: stored.bucket,
      s3Key: stored.key,
      role: role.arn,
      memorySize: 256,
      timeout: 60,
      vpcConfig: { subnetIds: args.network.subnetIds.app, securityGroupIds: [group.id] },
      loggingConfig: { logFormat: "Text", logGroup: log.name },
      environment: {
        variables: {
          STORE_ENDPOINT: store.endpoint,
          STORE_SECRET: store.secretArn,
          STORE_CERTIFICATE: store.trustedCertificate ?? "",
          STREAM: systemStream(environment),
          PIPELINE: NAMES.maskingPipeline,
          ENVIRONMENT: environment,
        },
      },
      tags,
    },
    { parent, dependsOn: role.granted },
  );
}

/** The same bytes, in the same place, for the same program: what did not change is not sent again. */
const packedProgram = (): PackedArtifact =>
  keepArchive(zipSync({ "index.js": [Buffer.from(carryInProgram), { mtime: "1980-01-02" }] }), "zip");

function subscribe(
  name: string,
  logGroup: pulumi.Input<string>,
  program: LambdaFunction,
  { region, accountId }: CarryInStore,
  parent: pulumi.Resource,
): void {
  const allowed = new Permission(
    name,
    {
      function: program.name,
      action: "lambda:InvokeFunction",
      principal: "logs.amazonaws.com",
      sourceArn: pulumi.interpolate`arn:aws:logs:${region}:${accountId}:log-group:${logGroup}:*`,
      sourceAccount: accountId,
    },
    { parent },
  );
  new LogSubscriptionFilter(
    name,
    { logGroup, filterPattern: "", destinationArn: program.arn },
    { parent, dependsOn: [allowed] },
  );
}
