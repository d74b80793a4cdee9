/** A small environment made with the AWS SDK alone, for tests of the sandbox that need no Pulumi. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  CreateLaunchTemplateCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeImagesCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyTargetGroupAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { create } from "tar";

export interface Frontend {
  url: string;
  listenerArn: string;
  vpcId: string;
  subnetIds: string[];
  bucket: string;
}

export interface Release {
  name: string;
  groupArn: string;
}

export class Account {
  private readonly ec2: EC2Client;
  private readonly elb: ElasticLoadBalancingV2Client;
  private readonly scaling: AutoScalingClient;
  private readonly s3: S3Client;

  constructor(endpoint: string) {
    const credentials = { accessKeyId: "sandbox", secretAccessKey: "sandbox" };
    const options = { endpoint, region: "eu-central-1", credentials };
    this.ec2 = new EC2Client(options);
    this.elb = new ElasticLoadBalancingV2Client(options);
    this.scaling = new AutoScalingClient(options);
    this.s3 = new S3Client({ ...options, forcePathStyle: true });
  }

  /** A load balancer that answers 503 until a release is made live. */
  async frontend(): Promise<Frontend> {
    const { Vpc } = await this.ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
    const vpcId = Vpc!.VpcId!;
    const subnetIds: string[] = [];
    for (const [index, zone] of ["a", "b"].entries()) {
      const { Subnet } = await this.ec2.send(
        new CreateSubnetCommand({
          VpcId: vpcId,
          CidrBlock: `10.0.${index}.0/24`,
          AvailabilityZone: `eu-central-1${zone}`,
        }),
      );
      subnetIds.push(Subnet!.SubnetId!);
    }
    const { LoadBalancers } = await this.elb.send(
      new CreateLoadBalancerCommand({ Name: "shop", Subnets: subnetIds }),
    );
    const { LoadBalancerArn, DNSName } = LoadBalancers![0]!;
    const { Listeners } = await this.elb.send(
      new CreateListenerCommand({
        LoadBalancerArn,
        Port: 80,
        Protocol: "HTTP",
        DefaultActions: [{ Type: "fixed-response", FixedResponseConfig: { StatusCode: "503" } }],
      }),
    );
    const bucket = "shop-releases";
    await this.s3.send(
      new CreateBucketCommand({
        Bucket: bucket,
        CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
      }),
    );
    return { url: `http://${DNSName}`, listenerArn: Listeners![0]!.ListenerArn!, vpcId, subnetIds, bucket };
  }

  /** Machines that run what is in the folder, in a target group of their own. */
  async release(frontend: Frontend, folder: string, version: string, count: number): Promise<Release> {
    const name = `shop-${version.replaceAll(".", "-")}`;
    const artifact = await this.upload(frontend.bucket, folder);
    const { TargetGroups } = await this.elb.send(
      new CreateTargetGroupCommand({
        Name: name,
        Port: 8080,
        Protocol: "HTTP",
        VpcId: frontend.vpcId,
        HealthCheckPath: "/healthz",
        HealthCheckIntervalSeconds: 5,
        HealthCheckTimeoutSeconds: 2,
        HealthyThresholdCount: 2,
        UnhealthyThresholdCount: 2,
      }),
    );
    const groupArn = TargetGroups![0]!.TargetGroupArn!;
    const delay = { Key: "deregistration_delay.timeout_seconds", Value: "10" };
    await this.elb.send(
      new ModifyTargetGroupAttributesCommand({ TargetGroupArn: groupArn, Attributes: [delay] }),
    );
    const { Images } = await this.ec2.send(new DescribeImagesCommand({}));
    await this.ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: name,
        LaunchTemplateData: {
          ImageId: Images![0]!.ImageId!,
          InstanceType: "t3.micro",
          UserData: Buffer.from(userData(version, { bucket: frontend.bucket, ...artifact })).toString(
            "base64",
          ),
        },
      }),
    );
    await this.scaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: name,
        LaunchTemplate: { LaunchTemplateName: name, Version: "1" },
        MinSize: count,
        MaxSize: count,
        VPCZoneIdentifier: frontend.subnetIds.join(","),
        TargetGroupARNs: [groupArn],
      }),
    );
    return { name, groupArn };
  }

  async weights(frontend: Frontend, weights: [Release, number][]): Promise<void> {
    const groups = weights.map(([release, Weight]) => ({ TargetGroupArn: release.groupArn, Weight }));
    await this.elb.send(
      new ModifyListenerCommand({
        ListenerArn: frontend.listenerArn,
        DefaultActions: [{ Type: "forward", ForwardConfig: { TargetGroups: groups } }],
      }),
    );
  }

  async healthy(release: Release): Promise<string[]> {
    const { TargetHealthDescriptions } = await this.elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: release.groupArn }),
    );
    return TargetHealthDescriptions!.flatMap(({ Target, TargetHealth }) =>
      TargetHealth!.State === "healthy" ? [Target!.Id!] : [],
    );
  }

  async remove(release: Release): Promise<void> {
    const gone = new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: release.name, ForceDelete: true });
    await this.scaling.send(gone);
  }

  private async upload(bucket: string, folder: string): Promise<{ key: string; sha256: string }> {
    const temporary = mkdtempSync(join(tmpdir(), "retrofit-artifact-"));
    const file = join(temporary, "artifact.tar.gz");
    await create({ file, cwd: folder, gzip: true, portable: true }, ["."]);
    const content = readFileSync(file);
    rmSync(temporary, { recursive: true });
    const sha256 = createHash("sha256").update(content).digest("hex");
    await this.s3.send(new PutObjectCommand({ Bucket: bucket, Key: sha256, Body: content }));
    return { key: sha256, sha256 };
  }
}

function userData(release: string, artifact: { bucket: string; key: string; sha256: string }): string {
  const application = { name: "shop", command: "node server.js", port: 8080, environment: {}, artifact };
  const document = {
    environment: "test",
    role: "web",
    region: "eu-central-1",
    release,
    fleet: "blue",
    application,
  };
  const file = { path: "/etc/retrofit/machine.json", content: JSON.stringify(document) };
  return `#cloud-config\n${JSON.stringify({ write_files: [file] })}`;
}
