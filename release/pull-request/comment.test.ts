/** What reviewers read, word for word: `golden/` has the comments as they look. `UPDATE_GOLDEN=1` writes them anew. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { unconfirmed } from "../engine/losses";
import { failed } from "../errors";
import { PolicyFindings } from "../policies/findings";
import { type CheckedEnvironment, judge } from "./check";
import { commentOf, MARKER } from "./comment";
import type { CostOfChange } from "./cost-lines";

const urn = (environment: string, type: string, name: string) =>
  `urn:pulumi:${environment}::shop::retrofit:x:X$${type}::${name}`;

const step = (op: string, type: string, name: string, more: object = {}) => ({
  resourcePreEvent: { metadata: { op, urn: urn("dev", type, name), new: { custom: true }, ...more } },
});

const finding = (
  policyName: string,
  type: string,
  name: string,
  message: string,
  enforcementLevel = "mandatory",
) => ({
  policyEvent: { policyName, resourceUrn: urn("dev", type, name), message, enforcementLevel },
});

function checked(
  environment: string,
  events: object[],
  more: { confirm?: string[]; costs?: CostOfChange } = {},
) {
  const findings = new PolicyFindings();
  for (const event of events) findings.take(event as EngineEvent);
  const left = unconfirmed(environment, findings.losses, more.confirm ?? []);
  const refusal = judge(findings, left, {});
  const { costs } = more;
  return { environment, findings, unconfirmed: left, ...(refusal && { refusal }), ...(costs && { costs }) };
}

function expectGolden(name: string, found: CheckedEnvironment[]): void {
  const file = join(__dirname, "golden", `${name}.md`);
  const text = commentOf("shop", found);
  if (process.env.UPDATE_GOLDEN) writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, "utf8"));
}

const prices = {
  currency: "USD",
  sources: ["AWS Pricing API, 2026-11-02"],
  missing: [],
  notEstimated: ["traffic", "requests", "logs in CloudWatch", "what is stored in the artifact store"],
};
const amounts = (least: number, most: number) => ({ least, most });

const DATABASE = "aws:rds/instance:Instance";

test("a change that grows: what comes, and what it costs more", () => {
  const costs: CostOfChange = {
    ...prices,
    parts: [
      { part: "machines", before: amounts(30.8, 61.6), now: amounts(30.8, 123.2) },
      { part: "network", before: amounts(58.4, 58.4), now: amounts(58.4, 58.4) },
      { part: "sessions", before: amounts(0, 0), now: amounts(23.36, 23.36) },
    ],
    total: { before: amounts(89.2, 120), now: amounts(112.56, 204.96) },
  };
  const events = [
    step("create", "aws:elasticache/replicationGroup:ReplicationGroup", "sessions"),
    step("create", "aws:ec2/securityGroup:SecurityGroup", "sessions"),
    step("create", "retrofit:database:SessionStore", "sessions", { new: { custom: false } }),
    step("update", "aws:autoscaling/group:Group", "web-1.0.0", { diffs: ["maxSize"] }),
    step("same", "aws:ec2/vpc:Vpc", "network"),
  ];
  expectGolden("grows", [checked("dev", events, { costs })]);
});

const replaced = [
  step("create-replacement", DATABASE, "database", { keys: ["storageEncrypted"] }),
  step("replace", DATABASE, "database", { keys: ["storageEncrypted"], diffs: ["storageEncrypted", "tags"] }),
  step("delete-replaced", DATABASE, "database"),
  step("update", "aws:secretsmanager/secretPolicy:SecretPolicy", "database", { diffs: ["policy"] }),
  step("delete", "aws:ec2/eip:Eip", "nat-1"),
];

test("a change that replaces a database is refused, and the comment says how to confirm it", () => {
  const costs = { ...prices, parts: [], total: { before: amounts(300, 400), now: amounts(300, 400) } };
  const events = [step("update", "aws:autoscaling/group:Group", "web-1.0.0", { diffs: ["maxSize"] })];
  expectGolden("replaces-database", [
    checked("dev", events, { costs }),
    checked("prod", replaced, { confirm: ["prod/nat-1"], costs }),
  ]);
});

test("a change that violates a rule is refused, with what the rule asks for", () => {
  const events = [
    step("create", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "admin"),
    finding(
      "no-remote-administration-from-internet",
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
      "admin",
      "Nobody administers machines from the internet\nPort 22 is open to 0.0.0.0/0. Use SSM Session Manager, or the VPN.",
    ),
    finding(
      "bucket-lifecycle",
      "aws:s3/bucket:Bucket",
      "uploads",
      "title\nFormer versions are kept for ever.",
      "advisory",
    ),
    finding(
      "bucket-tls-only",
      "aws:s3/bucketPolicy:BucketPolicy",
      "uploads",
      "title\ndecided by the update: new",
      "advisory",
    ),
  ];
  expectGolden("violates-rule", [
    checked("test", events, {
      costs: { ...prices, missing: ["t4g.small"], parts: [], total: { now: amounts(10, 10) } },
    }),
  ]);
});

test("a preview that cannot be made is part of the comment, beside the environments that can", () => {
  const refusal = failed("Pulumi.uat.yaml has a mistake:\n  retrofit:web.max: got 0");
  const broken = { environment: "uat", unconfirmed: [], refusal };
  const text = commentOf("shop", [checked("dev", []), broken]);
  expect(text).toContain("### ❌ shop: uat cannot take this change");
  expect(text).toContain("#### ✅ dev");
  expect(text).toContain("retrofit:web.max: got 0");
});

test("a rule that could not run is no finding and no pass: the comment names it", () => {
  const events = [
    finding("database-backups", DATABASE, "db", "can't run policy 'x' during preview", "advisory"),
  ];
  const text = commentOf("shop", [checked("dev", events)]);
  expect(text).toContain("❌ `database-backups`, `instance db`: could not run");
});

test("a change that touches nothing still has its comment, so that an older one does not stay", () => {
  expect(commentOf("shop", [])).toBe(
    "<!-- retrofit:check shop -->\n\n### ✅ shop: no environment is touched by this change\n",
  );
});

test("the first line is the same for every comment of a project, and is recognised", () => {
  const first = commentOf("shop", [checked("dev", replaced)]).split("\n")[0]!;
  expect(first).toBe(commentOf("shop", []).split("\n")[0]);
  expect(first).toMatch(MARKER);
});

test("names and messages cannot break out of the comment, or call people", () => {
  const name = "x` | <img src=y> @everyone";
  const events = [
    step("create", "aws:s3/bucket:Bucket", name, { diffs: ["a|b"] }),
    finding("r", "aws:s3/bucket:Bucket", name, "title\n<script>@all [x](http://y)"),
  ];
  const text = commentOf("shop", [checked("dev", events)]);
  expect(text.split("\n").find((line) => line.startsWith("| create"))).toBe(
    "| create | `bucket x' ∣ <img src=y> @everyone` |  |".replace("|  |", "| `a∣b` |"),
  );
  expect(text).toContain("\\<script\\>@\u2060all \\[x\\](http://y)");
});

test("a very large change stays below the length that hosts take", () => {
  const many = Array.from({ length: 3000 }, (_, i) => step("create", "aws:s3/bucket:Bucket", `bucket-${i}`));
  const findings = Array.from({ length: 3000 }, (_, i) =>
    finding(`rule-${i}`, "aws:s3/bucket:Bucket", "b", `t\n${"long ".repeat(400)}`),
  );
  const text = commentOf("shop", [checked("dev", [...many, ...findings])]);
  expect(text.length).toBeLessThan(65_536);
  expect(text).toContain("the rest is in the log");
});
