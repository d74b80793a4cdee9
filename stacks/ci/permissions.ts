/** What the roles of a CI may do, as IAM documents. Pure. */

/** Where the engine keeps its state, with `PULUMI_BACKEND_URL=s3://<bucket>`. */
export interface StateLocation {
  readonly bucket: string;
  /** Name of the project in `Pulumi.yaml`. */
  readonly project: string;
  /** Key of the stacks' secrets (`secretsprovider: awskms://…`). Default: none, a passphrase protects them. */
  readonly keyArn?: string;
}

export interface Scope {
  /** Names of the environments that the role is for; `pr-*` stands for each that begins so. */
  readonly names: readonly string[];
  readonly region: string;
  readonly state: StateLocation;
  /** Boundary that every role has to carry which this one makes. */
  readonly boundaryArn: string;
  /** Where its releases come from: a promotion reads what is live there, and that it is healthy. Default: nowhere. */
  readonly from?: Predecessor;
  /** ARNs of other environments' secrets that it reads all the same. Default: none. */
  readonly secrets?: readonly string[];
}

export interface Predecessor {
  readonly name: string;
  readonly region: string;
}

interface Statement {
  Sid: string;
  Effect: "Allow" | "Deny";
  Action?: string | string[];
  NotAction?: string[];
  Resource?: string | string[];
  NotResource?: string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** Services that the program of an environment makes something in. */
const REGIONAL = [
  "autoscaling",
  "backup",
  "cloudwatch",
  "ec2",
  "ecs",
  "elasticache",
  "elasticfilesystem",
  "elasticloadbalancing",
  "es",
  "imagebuilder",
  "kms",
  "lambda",
  "logs",
  "rds",
  "secretsmanager",
  "servicediscovery",
  "sns",
  "sqs",
  "ssm",
];
const GLOBAL = ["budgets", "route53"];
/** Services besides S3 and IAM, which are told apart by resource. */
export const SERVICES = [...REGIONAL, ...GLOBAL];

const ENVIRONMENT_TAG = "aws:ResourceTag/retrofit:environment";

/** Services that roles of an environment are for. */
const ROLES_OF = [
  "backup.amazonaws.com",
  "ec2.amazonaws.com",
  "ecs-tasks.amazonaws.com",
  "lambda.amazonaws.com",
  "monitoring.rds.amazonaws.com",
  "rds.amazonaws.com",
  "vpc-flow-logs.amazonaws.com",
];

/** Makes, changes and takes away one environment, and leaves the others alone. */
export function deployDocument({ names, region, state, boundaryArn, from, secrets = [] }: Scope): string {
  const here = { StringEquals: { "aws:RequestedRegion": region } };
  // Of what carries the tag at all, all that is not of one of these.
  const notOf = (...environments: readonly string[]) => ({
    StringNotLike: { [ENVIRONMENT_TAG]: [...environments] },
    Null: { [ENVIRONMENT_TAG]: "false" },
  });
  const withBoundary = { StringEquals: { "iam:PermissionsBoundary": boundaryArn } };
  return documentOf([
    allow(
      "Environment",
      REGIONAL.flatMap((service) => `${service}:*`),
      "*",
      here,
    ),
    allow("Global", [...GLOBAL.map((service) => `${service}:*`), ...LOOKING_UP], "*"),
    // What another environment has is never changed, and neither are the roles of the CI, which carry a tag as well.
    {
      Sid: "OthersAreLeftAlone",
      Effect: "Deny",
      NotAction: [...READING, ...USING_KEYS],
      Resource: "*",
      Condition: notOf(...names),
    },
    {
      Sid: "OthersSecretsAreNotRead",
      Effect: "Deny",
      Action: READING_DATA,
      ...(secrets.length > 0 ? { NotResource: [...secrets] } : { Resource: "*" }),
      Condition: notOf(...names),
    },
    // Artifacts and their evidence are encrypted: a promotion reads those of the environment before, and notes an approval there.
    {
      Sid: "OthersKeysAreNotUsed",
      Effect: "Deny",
      Action: USING_KEYS,
      Resource: "*",
      Condition: notOf(...names, ...(from ? [from.name] : [])),
    },
    { Sid: "NothingIsBoughtForYears", Effect: "Deny", Action: PURCHASES, Resource: "*" },
    // Buckets have generated names; the state is told apart below.
    { Sid: "Buckets", Effect: "Allow", Action: "s3:*", NotResource: bucketOf(state) },
    ...stateStatements(state, names, ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]),
    ...(from ? predecessorStatements(state, from) : []),
    allow(
      "RolesWithTheBoundary",
      ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"],
      ROLE,
      withBoundary,
    ),
    allow(
      "RolesBesides",
      [
        ...["iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:UpdateAssumeRolePolicy"],
        ...[
          "iam:TagRole",
          "iam:UntagRole",
          "iam:UpdateRole",
          "iam:*InstanceProfile",
          "iam:Get*",
          "iam:List*",
        ],
      ],
      "*",
    ),
    { Sid: "TheBoundaryStays", Effect: "Deny", Action: BOUNDARY_CHANGES, Resource: "*" },
    allow("RolesForServices", ["iam:PassRole"], ROLE, { StringEquals: { "iam:PassedToService": ROLES_OF } }),
    allow("ServiceRoles", ["iam:CreateServiceLinkedRole"], "arn:aws:iam::*:role/aws-service-role/*"),
  ]);
}

/** Reads what a preview reads. Pull requests get it, so it changes nothing and sees no data. */
export function previewDocument({ state }: Pick<Scope, "state">): string {
  return documentOf([
    allow(
      "Looking",
      READING.filter((action) => !/^(lambda|logs|s3|secretsmanager|ssm):Get/.test(action)),
      "*",
    ),
    // Names of AMIs are AWS's own parameters.
    allow("PublicParameters", ["ssm:GetParameter*"], "arn:aws:ssm:*::parameter/aws/service/*"),
    allow("LookingUp", [...LOOKING_UP, "secretsmanager:GetRandomPassword"], "*"),
    ...stateStatements(state, ["*"], ["s3:GetObject"]),
  ]);
}

/**
 * The most that a role of an environment can do, whatever its policies say: what machines, tasks and services of the components
 * need. Without it whoever may make roles may do anything.
 */
export function boundaryDocument(state: StateLocation): string {
  return documentOf([
    allow(
      "Machines",
      [
        ...["autoscaling:*", "cloudwatch:*", "ec2:AttachVolume", "ec2:Describe*", "ec2:DetachVolume"],
        // A function in a network has addresses of its own there.
        ...["ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"],
        ...["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"],
        ...[
          "ec2messages:*",
          "ecr:*",
          "ecs:*",
          "elasticloadbalancing:*",
          "kms:Decrypt",
          "kms:GenerateDataKey*",
        ],
        ...[
          "imagebuilder:GetComponent",
          "logs:*",
          "rds-db:connect",
          "secretsmanager:DescribeSecret",
          "secretsmanager:GetSecretValue",
        ],
        ...["sqs:*", "ssm:*", "ssmmessages:*"],
      ],
      "*",
    ),
    { Sid: "Buckets", Effect: "Allow", Action: "s3:*", NotResource: bucketOf(state) },
  ]);
}

const ROLE = "arn:aws:iam::*:role/*";

const BOUNDARY_CHANGES = [
  "iam:PutRolePermissionsBoundary",
  "iam:DeleteRolePermissionsBoundary",
  "iam:CreatePolicyVersion",
  "iam:DeletePolicy",
  "iam:DeletePolicyVersion",
  "iam:SetDefaultPolicyVersion",
];

const PURCHASES = ["ec2:Purchase*", "elasticache:Purchase*", "rds:Purchase*", "route53domains:*"];

const READING = [...SERVICES, "iam", "s3"].flatMap((service) =>
  ["Describe*", "Get*", "List*"].map((verb) => `${service}:${verb}`),
);

/** What `READING` has of contents, not of settings. */
const READING_DATA = [
  "logs:FilterLogEvents",
  "logs:GetLogEvents",
  "logs:GetQueryResults",
  "secretsmanager:BatchGetSecretValue",
  "secretsmanager:GetSecretValue",
  "ssm:GetParameter*",
];

const USING_KEYS = ["kms:Decrypt", "kms:GenerateDataKey*"];

const LOOKING_UP = ["pricing:GetProducts", "sts:GetCallerIdentity", "tag:GetResources"];

const bucketOf = ({ bucket }: StateLocation): string[] => [
  `arn:aws:s3:::${bucket}`,
  `arn:aws:s3:::${bucket}/*`,
];

/** What `retrofit promote` asks of the environment that a release comes from; its artifacts are in a bucket, which `Buckets` allows. */
function predecessorStatements(state: StateLocation, { name, region }: Predecessor): Statement[] {
  const serving = ["autoscaling", "ec2", "elasticloadbalancing"].map((service) => `${service}:Describe*`);
  return [
    allow("PredecessorState", ["s3:GetObject"], stacksOf(state, name)),
    allow("Predecessor", serving, "*", { StringEquals: { "aws:RequestedRegion": region } }),
  ];
}

/** A stack's state and its tags. No name has a dot, so that none is the beginning of another. */
const stacksOf = ({ bucket, project }: StateLocation, name: string): string[] =>
  ["json*", "pulumi-tags*"].map(
    (ending) => `arn:aws:s3:::${bucket}/.pulumi/stacks/${project}/${name}.${ending}`,
  );

/** The state of the environments' stacks, as Pulumi lays it out in a bucket, and no other stack's. */
function stateStatements(state: StateLocation, names: readonly string[], actions: string[]) {
  const { bucket, project, keyArn } = state;
  const inBucket = (path: string) => `arn:aws:s3:::${bucket}/.pulumi/${path}`;
  const own = names.flatMap((name) => [
    ...stacksOf(state, name),
    ...["history", "backups"].map((folder) => inBucket(`${folder}/${project}/${name}/*`)),
    inBucket(`locks/organization/${project}/${name}/*`),
  ]);
  return [
    allow("State", actions, own),
    allow("StateLayout", ["s3:GetObject"], inBucket("meta.yaml")),
    allow("StateList", ["s3:GetBucketLocation", "s3:ListBucket"], `arn:aws:s3:::${bucket}`),
    ...(keyArn ? [allow("StateKey", ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], keyArn)] : []),
  ];
}

function allow(
  Sid: string,
  Action: string[],
  Resource: string | string[],
  Condition?: Statement["Condition"],
): Statement {
  return { Sid, Effect: "Allow", Action, Resource, ...(Condition && { Condition }) };
}

const documentOf = (statements: Statement[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });
