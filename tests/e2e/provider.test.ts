import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeSecurityGroupsCommand, DescribeTagsCommand } from "@aws-sdk/client-ec2";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation";
import { ensureToolchain, placeAwsPlugin } from "../../sandbox/toolchain";
import { ensureBridge, sdkVersion } from "../../sandbox/toolchain/provider";
import { region, TestEmulator } from "../support/emulator";
import { TestPlugin } from "../support/plugin";

jest.setTimeout(10 * 60_000);

const folder = mkdtempSync(join(tmpdir(), "retrofit-e2e-provider-"));
const home = join(folder, "pulumi");
const executable = join(home, "plugins", `resource-aws-v${sdkVersion()}`, "pulumi-resource-aws");

beforeAll(async () => {
  // Also where the official plugin could be had: these are the tests of the bridge.
  await placeAwsPlugin(home, await ensureBridge(() => {}));
}, 900_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the plugin's processes", () => {
  let plugin: TestPlugin;

  beforeEach(() => {
    plugin = new TestPlugin(executable);
  });
  afterEach(() => plugin.sweep());

  test("are all gone after the plugin was killed", async () => {
    await plugin.ready();
    plugin.kill("main.js");
    await plugin.gone();
  });

  test("are all gone after the plugin was killed while it started", async () => {
    await plugin.listening();
    plugin.kill("main.js");
    await plugin.gone();
  });

  test("are all gone after the engine was killed", async () => {
    await plugin.ready();
    plugin.killEngine();
    await plugin.gone();
  });

  test("but the plugin itself are gone after the engine cancelled", async () => {
    await plugin.ready();
    await plugin.call("cancel");
    await plugin.gone("pulumi-terraform-bridge");
    await plugin.gone("terraform-provider");
    expect(plugin.running("main.js")).toHaveLength(1);
  });

  test("are all gone after the bridge crashed, so that the engine sees a crash and no call waits for ever", async () => {
    await plugin.ready();
    plugin.kill("pulumi-terraform-bridge");
    await plugin.gone();
  });

  test("answer with the version of the SDK, which the engine compares", async () => {
    await plugin.listening();
    expect((await plugin.call("getPluginInfo")).getVersion()).toBe(sdkVersion());
  });
});

describe("a program for @pulumi/aws 7 on the bridge", () => {
  const emulator = new TestEmulator(join(folder, "journal"));
  const file = join(folder, "artifact.txt");
  const environment = { ...process.env };
  let stack: Stack;
  let outputs: Record<string, pulumi.automation.OutputValue>;

  const program = async () => {
    const provider = new aws.Provider("tagged", { defaultTags: { tags: { team: "shop" } } });
    const options = { provider };
    const vpc = new aws.ec2.Vpc("net", { cidrBlock: "10.0.0.0/16", tags: { Name: "net" } }, options);
    const group = new aws.ec2.SecurityGroup(
      "web",
      {
        vpcId: vpc.id,
        namePrefix: "web-",
        ingress: [{ protocol: "tcp", fromPort: 80, toPort: 80, cidrBlocks: ["10.0.0.0/8"] }],
        egress: [],
      },
      options,
    );
    const bucket = new aws.s3.Bucket("Files", { forceDestroy: true }, options);
    const object = new aws.s3.BucketObjectv2(
      "artifact",
      { bucket: bucket.bucket, source: new pulumi.asset.FileAsset(file) },
      options,
    );
    const role = new aws.iam.Role(
      "machine",
      {
        assumeRolePolicy: {
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } },
          ],
        },
      },
      options,
    );
    const alarm = new aws.cloudwatch.MetricAlarm(
      "errors",
      {
        comparisonOperator: "GreaterThanThreshold",
        evaluationPeriods: 1,
        metricName: "Errors",
        namespace: "Shop",
        period: 60,
        statistic: "Sum",
        threshold: 1,
      },
      options,
    );
    const secret = new aws.ssm.Parameter(
      "key",
      { type: "SecureString", value: pulumi.secret("hidden") },
      options,
    );
    return {
      region: vpc.region,
      tags: vpc.tagsAll,
      groupId: group.id,
      groupName: group.name,
      vpcId: vpc.id,
      bucket: bucket.bucket,
      key: object.key,
      alarm: alarm.name,
      policy: role.assumeRolePolicy,
      secret: secret.value,
      here: aws.getRegionOutput({}, options).region,
      zones: aws.getAvailabilityZonesOutput({ state: "available" }, options).names,
    };
  };

  beforeAll(async () => {
    const { engine } = await ensureToolchain();
    await emulator.start();
    writeFileSync(file, "one");
    mkdirSync(join(folder, "state"));
    Object.assign(process.env, {
      PATH: `${join(engine.path, "..")}:${process.env.PATH}`,
      PULUMI_HOME: home,
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      AWS_ENDPOINT_URL: emulator.endpoint,
      AWS_ACCESS_KEY_ID: "sandbox",
      AWS_SECRET_ACCESS_KEY: "sandbox",
      AWS_REGION: region,
      AWS_EC2_METADATA_DISABLED: "true",
    });
    const projectSettings = { name: "shim", runtime: "nodejs" as const };
    stack = await LocalWorkspace.createStack(
      { stackName: "dev", projectName: "shim", program },
      { projectSettings },
    );
    outputs = (await stack.up()).outputs;
  }, 900_000);

  afterAll(async () => {
    process.env = environment;
    await emulator.end();
  });

  test("gets its provider's default tags onto resources", async () => {
    expect(outputs.tags!.value).toEqual({ Name: "net", team: "shop" });
    const filter = { Name: "resource-id", Values: [outputs.vpcId!.value] };
    const { Tags } = await emulator.clients().ec2.send(new DescribeTagsCommand({ Filters: [filter] }));
    expect(Tags!.map(({ Key, Value }) => `${Key}=${Value}`).sort()).toEqual(["Name=net", "team=shop"]);
  });

  test("gets physical names after its logical ones, in the alphabet that AWS allows", async () => {
    expect(outputs.bucket!.value).toMatch(/^files-[0-9a-f]{7}$/);
    expect(outputs.alarm!.value).toMatch(/^errors-[0-9a-f]{7}$/);
    expect(outputs.groupName!.value).toMatch(/^web-[0-9a-f]{7}$/);
    expect(outputs.key!.value).toBe("artifact");
    const { MetricAlarms } = await emulator.clients().cloudwatch.send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms!.map(({ AlarmName }) => AlarmName)).toEqual([outputs.alarm!.value]);
  });

  test("has its inline rules, its policy document and its file on AWS", async () => {
    const asked = new DescribeSecurityGroupsCommand({ GroupIds: [outputs.groupId!.value] });
    const { SecurityGroups } = await emulator.clients().ec2.send(asked);
    expect(SecurityGroups![0]!.IpPermissions![0]).toMatchObject({ FromPort: 80, IpProtocol: "tcp" });
    expect(JSON.parse(outputs.policy!.value).Statement[0].Principal).toEqual({
      Service: "ec2.amazonaws.com",
    });
    expect(await stored()).toBe("one");
  });

  test("sees the region on resources and functions, and keeps secrets secret", () => {
    expect(outputs.region!.value).toBe(region);
    expect(outputs.here!.value).toBe(region);
    expect(outputs.zones!.value).toContain(`${region}a`);
    expect(outputs.secret).toEqual({ value: "hidden", secret: true });
  });

  test("has nothing to change on the next preview, nor after a refresh", async () => {
    expect((await stack.preview()).changeSummary).toEqual({ same: 9 });
    await stack.refresh();
    expect((await stack.preview()).changeSummary).toEqual({ same: 9 });
  });

  test("uploads a file again when its content has changed", async () => {
    writeFileSync(file, "two");
    const { summary } = await stack.up();
    expect(summary.resourceChanges).toEqual({ same: 8, update: 1 });
    expect(await stored()).toBe("two");
  });

  test("is told of a mistake in its own words", async () => {
    const broken = async () => {
      new aws.cloudwatch.MetricAlarm("bad", {
        name: "x".repeat(300),
        comparisonOperator: "Sideways",
        evaluationPeriods: 1,
      });
    };
    const errors: string[] = [];
    const onError = (text: string) => errors.push(text);
    const wrong = await LocalWorkspace.createStack(
      { stackName: "wrong", projectName: "shim", program: broken },
      { projectSettings: { name: "shim", runtime: "nodejs" } },
    );
    await expect(wrong.preview({ onOutput: onError, onError })).rejects.toThrow();
    expect(errors.join("")).toContain("comparisonOperator");
    expect(errors.join("")).not.toContain("aws:index/");
  });

  test("leaves nothing behind when it is destroyed", async () => {
    const { summary } = await stack.destroy();
    expect(summary.resourceChanges).toEqual({ delete: 9 });
    const { MetricAlarms } = await emulator.clients().cloudwatch.send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms).toEqual([]);
  });

  async function stored(): Promise<string> {
    const asked = new GetObjectCommand({ Bucket: outputs.bucket!.value, Key: outputs.key!.value });
    return (await (await emulator.clients().s3.send(asked)).Body!.transformToString()) as string;
  }
});
