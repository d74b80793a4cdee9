/**
 * Thirty programs with the mistakes that are made again and again in public: in tutorials, in questions, in accounts of
 * incidents. Written for this test; what each has to be caught by stands beside it.
 */
import { ref, type Sample, sample } from "../../../policies/testing/rule-test";

export interface InsecureProgram {
  mistake: string;
  resources: Sample[];
  caughtBy: string[];
}

const policy = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const subnets = ["subnet-1a2b3c4d", "subnet-2a2b3c4d"];
const zones = { vpcZoneIdentifiers: subnets };
const balancer =
  "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/shop/0123456789abcdef";
const anywhere = { cidrBlocks: ["0.0.0.0/0"] };
const database = {
  engine: "postgres",
  instanceClass: "db.t4g.medium",
  allocatedStorage: 20,
  username: "shop",
  manageMasterUserPassword: true,
};
const machine = { ami: "ami-0123456789abcdef0", instanceType: "t3.small" };

export const CORPUS: InsecureProgram[] = [
  {
    mistake: "a web server of a first tutorial: SSH open, public address, token-less metadata",
    resources: [
      sample("ec2/securityGroup", "web", {
        ingress: [
          { protocol: "tcp", fromPort: 22, toPort: 22, ...anywhere },
          { protocol: "tcp", fromPort: 80, toPort: 80, ...anywhere },
        ],
      }),
      sample("ec2/instance", "web", { ...machine, associatePublicIpAddress: true }),
    ],
    caughtBy: [
      "no-remote-administration-from-internet",
      "no-public-address",
      "metadata-needs-token",
      "encrypted-volumes",
    ],
  },
  {
    mistake: "a security group that was opened to find out why it did not work",
    resources: [
      sample("ec2/securityGroup", "debug", {
        description: "debug",
        ingress: [{ protocol: "-1", fromPort: 0, toPort: 0, ...anywhere, description: "temporary" }],
      }),
    ],
    caughtBy: ["internet-reaches-only-web-ports", "no-remote-administration-from-internet"],
  },
  {
    mistake: "a static site's bucket that also keeps the exports",
    resources: [
      sample("s3/bucket", "exports", {}),
      sample("s3/bucketAcl", "exports", { bucket: ref("exports"), acl: "public-read" }),
    ],
    caughtBy: ["bucket-without-acls", "bucket-public-access-block", "bucket-versioning"],
  },
  {
    mistake: "a block of public access of which one switch was turned off",
    resources: [
      sample("s3/bucket", "files", {}),
      sample("s3/bucketPublicAccessBlock", "files", {
        bucket: ref("files"),
        blockPublicAcls: true,
        blockPublicPolicy: false,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      }),
    ],
    caughtBy: ["bucket-public-access-block"],
  },
  {
    mistake: "a database reached from home",
    resources: [sample("rds/instance", "db", { ...database, publiclyAccessible: true })],
    caughtBy: ["database-private", "database-backups", "database-survives-zone"],
  },
  {
    mistake: "a database that is thrown away without a snapshot",
    resources: [
      sample("rds/instance", "db", { ...database, storageEncrypted: true, skipFinalSnapshot: true }),
    ],
    caughtBy: ["no-forced-deletion"],
  },
  {
    mistake: "PostgreSQL open to the world in a rule of its own",
    resources: [
      sample("vpc/securityGroupIngressRule", "pg", {
        securityGroupId: "sg-12345678",
        ipProtocol: "tcp",
        fromPort: 5432,
        toPort: 5432,
        cidrIpv4: "0.0.0.0/0",
      }),
    ],
    caughtBy: ["internet-reaches-only-web-ports", "security-groups-described"],
  },
  {
    mistake: "remote desktop over IPv6, which nobody thought of",
    resources: [
      sample("ec2/securityGroupRule", "rdp", {
        securityGroupId: "sg-12345678",
        type: "ingress",
        protocol: "tcp",
        fromPort: 3389,
        toPort: 3389,
        ipv6CidrBlocks: ["::/0"],
      }),
    ],
    caughtBy: ["no-remote-administration-from-internet"],
  },
  {
    mistake: "a role that may do everything, because something was denied",
    resources: [
      sample("iam/rolePolicy", "ci", {
        role: "ci",
        policy: policy({ Effect: "Allow", Action: "*", Resource: "*" }),
      }),
    ],
    caughtBy: ["no-wildcard-policies"],
  },
  {
    mistake: "everything but IAM, which is enough to become an administrator",
    resources: [
      sample("iam/policy", "poweruser", {
        policy: policy({ Effect: "Allow", NotAction: ["iam:*"], Resource: "*" }),
      }),
    ],
    caughtBy: ["no-wildcard-policies"],
  },
  {
    mistake: "a user with a key for the build server",
    resources: [sample("iam/user", "jenkins", {}), sample("iam/accessKey", "jenkins", { user: "jenkins" })],
    caughtBy: ["no-users"],
  },
  {
    mistake: "an access key in user data",
    resources: [
      sample("ec2/instance", "batch", {
        ...machine,
        userData: `#!/bin/bash\nexport AWS_ACCESS_KEY_ID=${"AKIA"}QWERTYUIOPASDFGH\n`,
      }),
    ],
    caughtBy: ["no-secrets-in-user-data", "instance-profile"],
  },
  {
    mistake: "a database password in the URL of an environment file",
    resources: [
      sample("ec2/launchTemplate", "app", {
        userData: Buffer.from(
          "#cloud-config\nwrite_files:\n  - path: /etc/app.env\n    content: DATABASE_URL=postgres://shop:hunter22@db/shop\n",
        ).toString("base64"),
      }),
    ],
    caughtBy: ["no-secrets-in-user-data"],
  },
  {
    mistake: "a load balancer that serves in the clear",
    resources: [
      sample("lb/listener", "http", {
        loadBalancerArn: balancer,
        port: 80,
        protocol: "HTTP",
        defaultActions: [
          { type: "fixed-response", fixedResponse: { contentType: "text/plain", statusCode: "200" } },
        ],
      }),
    ],
    caughtBy: ["http-only-redirects"],
  },
  {
    mistake: "HTTPS with the policy that the example had",
    resources: [
      sample("lb/listener", "https", {
        loadBalancerArn: balancer,
        port: 443,
        protocol: "HTTPS",
        sslPolicy: "ELBSecurityPolicy-2016-08",
        certificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/1",
        defaultActions: [
          { type: "fixed-response", fixedResponse: { contentType: "text/plain", statusCode: "200" } },
        ],
      }),
    ],
    caughtBy: ["current-tls"],
  },
  {
    mistake: "sticky sessions, to carry over how it was",
    resources: [
      sample("lb/targetGroup", "app", {
        port: 8080,
        protocol: "HTTP",
        vpcId: "vpc-12345678",
        stickiness: { type: "lb_cookie", cookieDuration: 86400 },
      }),
    ],
    caughtBy: ["no-sticky-sessions", "target-group-health-check"],
  },
  {
    mistake: "a fleet on the latest version of its template",
    resources: [
      sample("autoscaling/group", "app", {
        maxSize: 4,
        minSize: 2,
        ...zones,
        launchTemplate: { id: "lt-0123456789abcdef0", version: "$Latest" },
      }),
    ],
    caughtBy: ["fixed-template-version"],
  },
  {
    mistake: "a fleet in one zone, without a ceiling worth the name",
    resources: [
      sample("autoscaling/group", "app", {
        maxSize: 500,
        minSize: 1,
        vpcZoneIdentifiers: ["subnet-1a2b3c4d"],
        launchTemplate: { id: "lt-0123456789abcdef0", version: "1" },
      }),
    ],
    caughtBy: ["machines-in-two-zones", "machines-within-budget"],
  },
  {
    mistake: "a launch configuration from an old book",
    resources: [
      sample("ec2/launchConfiguration", "app", {
        imageId: "ami-0123456789abcdef0",
        instanceType: "t3.small",
      }),
    ],
    caughtBy: ["launch-templates", "metadata-needs-token", "encrypted-volumes"],
  },
  {
    mistake: "a VPN as AWS makes it when nothing is said",
    resources: [
      sample("ec2/vpnConnection", "office", {
        customerGatewayId: "cgw-12345678",
        type: "ipsec.1",
        vpnGatewayId: "vgw-12345678",
        staticRoutesOnly: true,
      }),
    ],
    caughtBy: ["vpn-ikev2-only", "vpn-strong-proposals", "vpn-tunnel-logs", "vpn-tunnel-alarms"],
  },
  {
    mistake: "a VPC and nothing around it",
    resources: [sample("ec2/vpc", "main", { cidrBlock: "10.0.0.0/16" })],
    caughtBy: ["vpc-flow-logs", "default-security-group-closed"],
  },
  {
    mistake: "subnets that give public addresses, for convenience",
    resources: [
      sample("ec2/subnet", "a", {
        vpcId: "vpc-12345678",
        cidrBlock: "10.0.1.0/24",
        mapPublicIpOnLaunch: true,
      }),
    ],
    caughtBy: ["no-automatic-public-addresses"],
  },
  {
    mistake: "logs in an open search domain, found by a search engine",
    resources: [
      sample("opensearch/domain", "logs", {
        engineVersion: "OpenSearch_2.19",
        accessPolicies: policy({ Effect: "Allow", Principal: { AWS: "*" }, Action: "es:*", Resource: "*" }),
      }),
    ],
    caughtBy: ["search-in-vpc", "search-encrypted", "search-tls", "search-access-control"],
  },
  {
    mistake: "sessions in a cache without a password",
    resources: [
      sample("elasticache/replicationGroup", "sessions", {
        description: "sessions",
        nodeType: "cache.t4g.small",
      }),
    ],
    caughtBy: ["session-store-safe"],
  },
  {
    mistake: "a share that everybody mounts as root",
    resources: [
      sample("efs/fileSystem", "share", {}),
      sample("efs/accessPoint", "share", { fileSystemId: ref("share"), rootDirectory: { path: "/" } }),
    ],
    caughtBy: ["file-system-encrypted", "file-system-backups", "access-points-confine"],
  },
  {
    mistake: "images whose tags move",
    resources: [sample("ecr/repository", "app", { imageTagMutability: "MUTABLE", forceDelete: true })],
    caughtBy: ["image-repositories", "no-forced-deletion"],
  },
  {
    mistake: "a password in a parameter in the clear",
    resources: [sample("ssm/parameter", "db-password", { type: "String", value: "hunter2" })],
    caughtBy: ["secrets-kept-as-secrets"],
  },
  {
    mistake: "a role that decrypts with every key",
    resources: [
      sample("iam/policy", "reader", {
        policy: policy({ Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: "*" }),
      }),
      sample("kms/key", "data", { description: "data", enableKeyRotation: false }),
    ],
    caughtBy: ["keys-rotate-and-stay-apart"],
  },
  {
    mistake: "a container that manages the others",
    resources: [
      sample("docker/container", "manager", {
        image: "manager@sha256:00",
        privileged: true,
        ports: [{ internal: 9000, external: 9000 }],
        volumes: [{ hostPath: "/var/run/docker.sock", containerPath: "/var/run/docker.sock" }],
      }),
    ],
    caughtBy: [
      "container-unprivileged",
      "container-no-docker-socket",
      "container-bound-ports",
      "container-limits",
    ],
  },
  {
    mistake: "a Docker host as it comes, with a registry without TLS",
    resources: [
      sample("ec2/instance", "docker", {
        ...machine,
        userData: `#cloud-config\nwrite_files:\n  - path: /etc/docker/daemon.json\n    content: '{"insecure-registries":["registry:5000"]}'\n`,
      }),
    ],
    caughtBy: [
      "docker-isolated-containers",
      "docker-no-insecure-registries",
      "docker-daemon-logs",
      "docker-live-restore",
    ],
  },
];
