import * as pulumi from "@pulumi/pulumi";
import { ArtifactStore } from "../../artifact-store";
import type { NetworkLike } from "../../network";
import { graphOf } from "../../shared/mocks";
import { ElkStack } from "../elk-stack";

// The first graph loads the SDK, which takes its time where others work too.
jest.setTimeout(60_000);

const network: NetworkLike = {
  vpcId: pulumi.output("vpc-1"),
  cidr: pulumi.output("10.20.0.0/16"),
  subnetIds: {
    public: pulumi.output(["subnet-p1"]),
    app: pulumi.output(["subnet-a1"]),
    data: pulumi.output(["subnet-d1"]),
  },
  routeTableIds: { public: pulumi.output([]), app: pulumi.output([]), data: pulumi.output([]) },
};

const graph = () =>
  graphOf(
    () =>
      new ElkStack("logs", {
        network,
        dailyGb: 2,
        retentionDays: 10,
        carryIn: {
          environment: "dev",
          artifacts: new ArtifactStore("artifacts"),
          logGroups: { flow: "/vpc/flow", database: pulumi.output("/aws/rds/instance/shop/postgresql") },
        },
      }),
    {
      state: ({ type }) =>
        type === "aws:opensearch/domain:Domain" ? { endpoint: "logs.example" } : undefined,
    },
  );

test("each log group hands its lines to the function, which nobody else may call", async () => {
  const made = await graph();
  const filters = made.ofType("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter");
  expect(filters.map(({ inputs }) => [inputs.logGroup, inputs.filterPattern])).toEqual([
    ["/aws/rds/instance/shop/postgresql", ""],
    ["/vpc/flow", ""],
  ]);
  const callers = made.ofType("aws:lambda/permission:Permission").map(({ inputs }) => inputs);
  expect(callers.map(({ principal, sourceArn }) => [principal, sourceArn])).toEqual([
    [
      "logs.amazonaws.com",
      "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/rds/instance/shop/postgresql:*",
    ],
    ["logs.amazonaws.com", "arn:aws:logs:eu-central-1:111122223333:log-group:/vpc/flow:*"],
  ]);
});

test("the function is in the VPC, reads the secret of those who only write lines, and has no password in its settings", async () => {
  const made = await graph();
  const { inputs } = made.one("aws:lambda/function:Function");
  expect(inputs.vpcConfig).toMatchObject({ subnetIds: ["subnet-a1"] });
  expect(inputs.environment.variables).toMatchObject({
    STORE_ENDPOINT: "https://logs.example",
    STREAM: "logs-system-dev",
    PIPELINE: "retrofit-logs-masking",
    STORE_SECRET: expect.stringContaining("logs-writer"),
  });
  const policy = made.one("aws:iam/rolePolicy:RolePolicy", "logs-carry-in-secrets").inputs.policy;
  expect(policy).toContain("logs-writer");
  expect(policy).not.toContain("logs-user");
  expect(JSON.stringify(inputs)).not.toContain("a-random-password");
  const rules = made.ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
  expect(
    rules.map(({ inputs: { referencedSecurityGroupId, fromPort } }) => [referencedSecurityGroupId, fromPort]),
  ).toEqual([["logs-carry-in-id", 443]]);
});

test("a second run has the same program in the same place", async () => {
  const program = async (): Promise<string> => {
    const { source } = (await graph()).one("aws:s3/bucketObjectv2:BucketObjectv2").inputs;
    return source.path;
  };
  expect(await program()).toMatch(/\.zip$/);
  expect(await program()).toBe(await program());
});

test("what the store does not take for hours waits in a queue, and somebody is told", async () => {
  const made = await graph();
  const { inputs } = made.one("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig");
  expect(inputs).toMatchObject({ maximumEventAgeInSeconds: 21_600, destinationConfig: { onFailure: {} } });
  expect(made.one("aws:sqs/queue:Queue").inputs).toMatchObject({ messageRetentionSeconds: 1_209_600 });
  expect(made.one("aws:cloudwatch/metricAlarm:MetricAlarm", "logs-carry-in-waiting").inputs.threshold).toBe(
    0,
  );
});
