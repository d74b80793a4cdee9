import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { errorOf, graphOf, resolved } from "../../components/shared/mocks";
import { loadEnvironmentFile } from "../config";
import { environment } from "../environment";
import { CiAccess, type CiAccessArgs } from "./access";
import { boundaryDocument, deployDocument, previewDocument, SERVICES } from "./permissions";
import { ci } from "./program";
import { readSettings } from "./settings";

// The first graph pays for loading the SDK, which a busy machine takes its time for.
jest.setTimeout(60_000);

const root = join(__dirname, "..", "..");
const state = { bucket: "states", project: "shop" };
const environments = [
  { name: "dev", region: "eu-central-1", shortLived: "pr-*" },
  { name: "prod", region: "eu-west-1" },
];
const github: CiAccessArgs = {
  environments,
  state,
  trust: { kind: "github", repository: "example/shop" },
};
const made = (args: CiAccessArgs) => graphOf(() => new CiAccess("ci", args));

interface Statement {
  Sid: string;
  Effect: string;
  Action?: string[];
  NotAction?: string[];
  Resource?: string[];
  NotResource?: string[];
  Condition?: Record<string, Record<string, unknown>>;
}
const statementsOf = (document: string): Statement[] => JSON.parse(document).Statement;
const find = (document: string, sid: string) => statementsOf(document).find(({ Sid }) => Sid === sid)!;
const trustOf = (assumeRolePolicy: string) => statementsOf(assumeRolePolicy)[0]!.Condition;

/** As IAM decides about a resource with this tag; conditions on anything else hold. */
function decide(document: string, action: string, environment?: string): boolean {
  const like = (patterns: unknown, text: string) =>
    [patterns]
      .flat()
      .some((pattern) => new RegExp(`^${String(pattern).replaceAll("*", ".*")}$`, "i").test(text));
  const applies = ({ Action, NotAction, Condition = {} }: Statement) => {
    if (Action ? !like(Action, action) : like(NotAction, action)) return false;
    const tags = Condition.StringNotLike?.["aws:ResourceTag/retrofit:environment"];
    return tags === undefined || (environment !== undefined && !like(tags, environment));
  };
  const found = statementsOf(document).filter(applies);
  return found.some(({ Effect }) => Effect === "Allow") && found.every(({ Effect }) => Effect === "Allow");
}

describe("roles of a CI", () => {
  test("there is one for each environment and one for pull requests, and no key anywhere", async () => {
    const graph = await made(github);
    const roles = graph.ofType("aws:iam/role:Role");
    expect(roles.map(({ inputs }) => inputs.name).sort()).toEqual([
      "retrofit-dev",
      "retrofit-preview",
      "retrofit-prod",
    ]);
    expect(graph.resources.filter(({ type }) => /user|accessKey/i.test(type))).toEqual([]);
    expect(Object.keys(graph.result.roleArns)).toEqual(["dev", "prod", "preview"]);
  });

  test("on GitHub a role is for jobs of its environment in this repository, the preview's for pull requests", async () => {
    const graph = await made(github);
    const subject = (name: string) =>
      trustOf(graph.one("aws:iam/role:Role", `ci-${name}`).inputs.assumeRolePolicy)!.StringEquals;
    expect(subject("prod")).toEqual({
      "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
      "token.actions.githubusercontent.com:sub": "repo:example/shop:environment:prod",
    });
    expect(subject("preview")).toMatchObject({
      "token.actions.githubusercontent.com:sub": "repo:example/shop:pull_request",
    });
  });

  test("elsewhere the token's audience or subject says for which environment it is", async () => {
    const graph = await made({
      ...github,
      trust: {
        kind: "oidc",
        issuer: "https://issuer.example.com/jenkins",
        audience: "retrofit-{role}",
        subject: "https://jenkins.example.internal/job/*",
      },
    });
    const provider = graph.one("aws:iam/openIdConnectProvider:OpenIdConnectProvider").inputs;
    expect(provider.clientIdLists).toEqual(["retrofit-dev", "retrofit-prod", "retrofit-preview"]);
    expect(trustOf(graph.one("aws:iam/role:Role", "ci-dev").inputs.assumeRolePolicy)).toEqual({
      StringEquals: { "issuer.example.com/jenkins:aud": "retrofit-dev" },
      StringLike: { "issuer.example.com/jenkins:sub": "https://jenkins.example.internal/job/*" },
    });
  });

  test("a provider that the account has already is used", async () => {
    const graph = await made({ ...github, providerArn: "arn:aws:iam::111122223333:oidc-provider/x" });
    expect(graph.names("aws:iam/openIdConnectProvider:OpenIdConnectProvider")).toEqual([]);
    expect(graph.one("aws:iam/role:Role", "ci-dev").inputs.assumeRolePolicy).toContain("oidc-provider/x");
  });

  test("every mistake is told at once", async () => {
    const message = await errorOf(() => {
      new CiAccess("ci", {
        state,
        environments: [
          { name: "preview", region: "eu-central-1" },
          { name: "dev", region: "x", shortLived: "*", from: "dev" },
        ],
        trust: { kind: "oidc", issuer: "http://issuer/", audience: "aws", subject: "*" },
      });
    });
    expect(message).toContain("has 6 mistakes");
    for (const property of [
      "environments[0].name",
      "environments[1].shortLived",
      "environments[1].from",
      "trust.issuer",
      "trust.subject",
    ])
      expect(message).toContain(property);
  });

  test("whole accounts are trusted by nobody", async () => {
    const trust = { kind: "aws" as const, principals: ["arn:aws:iam::111122223333:root"] };
    expect(await errorOf(() => void new CiAccess("ci", { ...github, trust }))).toContain("trust.principals");
  });
});

describe("what a role may do", () => {
  const scope = {
    names: ["dev", "pr-*"],
    region: "eu-central-1",
    state,
    boundaryArn: "arn:aws:iam::1:policy/b",
  };
  const deploy = deployDocument(scope);
  const preview = previewDocument({ state });

  test("what carries another environment's tag is only read, and the CI's own roles carry one", async () => {
    const { Condition, NotAction } = find(deploy, "OthersAreLeftAlone");
    expect(Condition!.StringNotLike).toEqual({ "aws:ResourceTag/retrofit:environment": ["dev", "pr-*"] });
    const looking = /:(Describe|Get|List)\*$|^kms:(Decrypt|GenerateDataKey\*)$/;
    expect(NotAction!.filter((action) => !looking.test(action))).toEqual([]);
    const graph = await made(github);
    for (const { inputs } of graph.ofType("aws:iam/role:Role"))
      expect(inputs.tags["retrofit:environment"]).toBe("ci");
  });

  test.each([
    // Its own, that of the environment before it, another's, one without a tag.
    ["rds:DeleteDBInstance", [true, false, false, true]],
    ["rds:DescribeDBInstances", [true, true, true, true]],
    ["secretsmanager:GetSecretValue", [true, false, false, true]],
    ["ssm:GetParameter", [true, false, false, true]],
    ["logs:GetLogEvents", [true, false, false, true]],
    ["kms:Decrypt", [true, true, false, true]],
    ["kms:GenerateDataKey", [true, true, false, true]],
    ["kms:ScheduleKeyDeletion", [true, false, false, true]],
  ])("%s is for its own, and for others as far as a promotion needs it", (action, expected) => {
    const document = deployDocument({
      ...scope,
      names: ["test"],
      from: { name: "dev", region: "eu-central-1" },
    });
    const allowed = (tag?: string) => decide(document, action, tag);
    expect([allowed("test"), allowed("dev"), allowed("prod"), allowed()]).toEqual(expected);
  });

  test("a secret that environments share is read where it is named", () => {
    const arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:logs-AbCdEf";
    const { NotResource, Resource } = find(
      deployDocument({ ...scope, secrets: [arn] }),
      "OthersSecretsAreNotRead",
    );
    expect([NotResource, Resource]).toEqual([[arn], undefined]);
  });

  test("it works in its region, and reads and writes no other environment's state", () => {
    expect(find(deploy, "Environment").Condition!.StringEquals).toEqual({
      "aws:RequestedRegion": "eu-central-1",
    });
    const { Resource } = find(deploy, "State");
    expect(Resource).toContain("arn:aws:s3:::states/.pulumi/stacks/shop/dev.json*");
    expect(Resource!.filter((arn) => !/\/shop\/(dev|pr-\*)[./]/.test(arn))).toEqual([]);
    expect(find(deploy, "Buckets").NotResource).toEqual(["arn:aws:s3:::states", "arn:aws:s3:::states/*"]);
  });

  test("a promotion reads what is live in the environment before, wherever that is, and changes nothing of its state", () => {
    const promoted = deployDocument({
      ...scope,
      names: ["test"],
      from: { name: "dev", region: "eu-west-1" },
    });
    expect(find(promoted, "PredecessorState")).toMatchObject({
      Effect: "Allow",
      Action: ["s3:GetObject"],
      Resource: [
        "arn:aws:s3:::states/.pulumi/stacks/shop/dev.json*",
        "arn:aws:s3:::states/.pulumi/stacks/shop/dev.pulumi-tags*",
      ],
    });
    // Machines and their health; the artifact and its evidence are in a bucket, which "Buckets" is about.
    expect(find(promoted, "Predecessor")).toMatchObject({
      Action: ["autoscaling:Describe*", "ec2:Describe*", "elasticloadbalancing:Describe*"],
      Condition: { StringEquals: { "aws:RequestedRegion": "eu-west-1" } },
    });
    const written = statementsOf(promoted).filter(({ Action = [] }) => Action.includes("s3:PutObject"));
    expect(written.flatMap(({ Resource = [] }) => Resource).filter((arn) => arn.includes("/dev."))).toEqual(
      [],
    );
    expect(find(deploy, "PredecessorState")).toBeUndefined();
  });

  test("each of the stack's roles knows the environment before it, as the environments' files do", async () => {
    const { config } = parse(readFileSync(join(__dirname, "Pulumi.ci.yaml"), "utf8"));
    const { access } = readSettings({ access: config["retrofit-ci:access"] });
    const fromFiles = access!.environments.map(({ name }) => {
      const { promotion } = loadEnvironmentFile(join(root, `Pulumi.${name}.yaml`));
      return [name, promotion?.from];
    });
    expect(access!.environments.map(({ name, from }) => [name, from])).toEqual(fromFiles);
    const policies = (await made(access!)).ofType("aws:iam/rolePolicy:RolePolicy");
    const ofTest = policies.find(({ name }) => name === "ci-test")!.inputs.policy;
    expect(find(ofTest, "PredecessorState").Resource![0]).toContain("/retrofit/dev.json");
  });

  test("it makes no role that could do more than the boundary, and does not touch the boundary", () => {
    const { Action, Condition } = find(deploy, "RolesWithTheBoundary");
    expect(Action).toEqual(["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"]);
    expect(Condition!.StringEquals).toEqual({ "iam:PermissionsBoundary": scope.boundaryArn });
    const others = statementsOf(deploy).filter(
      ({ Effect, Sid }) => Effect === "Allow" && Sid !== "RolesWithTheBoundary",
    );
    const allowed = others.flatMap(({ Action }) => Action ?? []);
    expect(
      allowed.filter((action) =>
        /^(iam:\*$|iam:(Put|Attach|Create)(Role|User|Policy|Access)|\*)/.test(action),
      ),
    ).toEqual([]);
    expect(
      statementsOf(boundaryDocument(state))
        .flatMap(({ Action }) => Action ?? [])
        .filter((action) => /^(iam|sts|\*)/.test(action)),
    ).toEqual([]);
  });

  test("a pull request's role changes nothing and sees no secret and no content of buckets", () => {
    const allowed = statementsOf(preview).flatMap(({ Action }) => Action ?? []);
    const changing = allowed.filter(
      (action) =>
        !/^[a-z0-9-]+:(Describe|Get|List)/.test(action) &&
        !/^kms:(Decrypt|Encrypt|GenerateDataKey)$/.test(action),
    );
    expect(changing).toEqual([]);
    expect(allowed).not.toContain("secretsmanager:Get*");
    expect(allowed).not.toContain("s3:Get*");
    for (const data of ["secretsmanager:GetSecretValue", "logs:GetLogEvents", "lambda:GetFunction"])
      expect([data, decide(preview, data)]).toEqual([data, false]);
    expect(find(preview, "PublicParameters").Resource).toBe("arn:aws:ssm:*::parameter/aws/service/*");
    expect(allowed.filter((action) => action.startsWith("ssm:Get"))).toEqual(["ssm:GetParameter*"]);
    expect(find(preview, "State").Resource!.every((arn) => arn.includes("/.pulumi/"))).toBe(true);
  });

  test("documents fit into what IAM takes", () => {
    // Characters without white space: inline policies of a role together, and a managed policy.
    expect(deploy.length).toBeLessThan(10_240);
    expect(preview.length).toBeLessThan(10_240);
    expect(boundaryDocument(state).length).toBeLessThan(6_144);
  });

  test("every service that the components make something in is among those a role may use", () => {
    const prefixes: Record<string, string> = {
      lb: "elasticloadbalancing",
      ebs: "ec2",
      efs: "elasticfilesystem",
      opensearch: "es",
      vpc: "ec2",
      ec2transitgateway: "ec2",
    };
    const folders = ["components", "stacks"].map((folder) => join(root, folder));
    const files = folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
        .map((name) => join(folder, name)),
    );
    const used = files.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/^import (?!type).*"@pulumi\/aws\/([a-z0-9]+)\//gm)].map(
        (match) => prefixes[match[1]!] ?? match[1]!,
      ),
    );
    const missing = [...new Set(used)].filter((service) => ![...SERVICES, "iam", "s3"].includes(service));
    expect(missing).toEqual([]);
  });
});

test("every role of an environment carries the boundary that its file names, whatever component makes it", async () => {
  const boundary = "arn:aws:iam::111122223333:policy/ci-boundary";
  const file = loadEnvironmentFile(join(root, "Pulumi.prod.yaml"));
  const config = {
    ...file,
    permissionsBoundary: boundary,
    network: { ...file.network, flowLogs: { enabled: true, retentionDays: 30 } },
  };
  const roles = (await graphOf(() => environment(config, root))).ofType("aws:iam/role:Role");
  expect(roles.length).toBeGreaterThan(1);
  expect(
    roles.filter(({ inputs }) => inputs.permissionsBoundary !== boundary).map(({ name }) => name),
  ).toEqual([]);
});

describe("Jenkins", () => {
  const jenkins = {
    cidr: "10.60.0.0/20",
    offices: { office: { address: "198.51.100.7", networks: { desks: "192.168.50.0/24" } } },
    image: `registry.example.com/jenkins@sha256:${"a".repeat(64)}`,
    url: "http://jenkins.example.internal:18080/",
    secretArn: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:jenkins-AbCdEf",
    repository: "https://github.com/example/shop",
    roles: "arn:aws:iam::111122223333:role/retrofit-",
    issuer: "https://issuer.example.com/jenkins",
    backend: "s3://states",
  };
  const calls = {
    "aws:ec2/getAmi:getAmi": () => ({ id: "ami-1" }),
    "aws:ec2/getSubnet:getSubnet": () => ({ availabilityZone: "eu-central-1a" }),
  };
  const graph = () => graphOf(() => ci(readSettings({ jenkins })), { calls });

  test("only the offices' networks reach it, through tunnels", async () => {
    const { ofType, names } = await graph().then((made) => ({
      ofType: made.ofType.bind(made),
      names: made.names.bind(made),
    }));
    const open = ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").map(
      ({ inputs }) => inputs,
    );
    expect(open.map(({ cidrIpv4, fromPort, toPort }) => [cidrIpv4, fromPort, toPort])).toEqual([
      ["192.168.50.0/24", 18080, 18081],
    ]);
    expect(names("aws:ec2/vpnConnection:VpnConnection")).toEqual(["ci-office"]);
    expect(names("aws:lb/loadBalancer:LoadBalancer")).toEqual([]);
  });

  test("it is configured as code: the declaration has the file, and of secrets only where they are", async () => {
    const made = await graph();
    const { content } = made.one("aws:s3/bucketObjectv2:BucketObjectv2", "jenkins-current").inputs;
    const [container] = JSON.parse(content).hosts[0];
    const casc = parse(container.environment.CASC);
    expect(casc.jenkins.authorizationStrategy.loggedInUsersCanDoAnything.allowAnonymousRead).toBe(false);
    expect(container.secrets.ADMIN_PASSWORD).toEqual({ arn: jenkins.secretArn, key: "adminPassword" });
    // What the file asks for is what the container is given.
    const asked = [...container.environment.CASC.matchAll(/\$\{(\w+)\}/g)].map((match: string[]) => match[1]);
    const given = [...Object.keys(container.environment), ...Object.keys(container.secrets)];
    expect(asked.filter((name: string | undefined) => !given.includes(name!))).toEqual([]);
    expect(container.readOnlyRoot).toBe(true);
    expect(container.update).toBe("stopFirst");
  });

  test("its credentials are those that the Jenkinsfiles ask for, one id token for each role", () => {
    const folder = join(root, "ci", "jenkins");
    const casc = parse(readFileSync(join(folder, "controller", "jenkins.yaml"), "utf8"));
    const credentials: { id: string }[] = casc.credentials.system.domainCredentials[0].credentials.map(
      (credential: object) => Object.values(credential)[0],
    );
    const ids = credentials.map(({ id }) => id);
    const asked = ["Jenkinsfile", "Jenkinsfile.environments"].flatMap((name) => [
      ...readFileSync(join(folder, name), "utf8").matchAll(/credentials(?:\(|Id: )'([\w-]+)'/g),
    ]);
    expect(asked.length).toBeGreaterThan(4);
    expect(asked.map((match) => match[1]!).filter((id) => !ids.includes(id))).toEqual([]);
    const inJobs = [...casc.jobs[0].script.matchAll(/credentials(?:Id)?\('([\w-]+)'\)/g)];
    expect(inJobs.map((match) => match[1])).toEqual(["github", "github"]);
    // What a branch source and a push take: a name and a password, not a text alone.
    const [{ username, password }] = credentials.filter(({ id }) => id === "github") as unknown as [
      Record<string, string>,
    ];
    expect([username, password]).toEqual(["token", "$" + "{GITHUB_TOKEN}"]);
  });

  test("its branch source finds pull requests, which plain git does not, and none of a fork", () => {
    const folder = join(root, "ci", "jenkins", "controller");
    const [{ script }] = parse(readFileSync(join(folder, "jenkins.yaml"), "utf8")).jobs;
    const [source] = /source \{[\s\S]*?factory/.exec(script)!;
    expect(source).toMatch(/^\s+github \{$/m);
    expect(source).toMatch(/^\s+gitHubPullRequestDiscovery \{ strategyId\(1\) \}$/m);
    expect(source).not.toMatch(/fork\w*Discovery|^\s+git \{$/im);
    // The two kinds would be built beside each other.
    expect(source).toMatch(/^\s+gitHubBranchDiscovery \{ strategyId\(1\) \}$/m);
    const plugins = readFileSync(join(folder, "plugins.txt"), "utf8").split("\n");
    expect(plugins).toEqual(expect.arrayContaining(["github-branch-source", "job-dsl", "git"]));
    expect(readFileSync(join(folder, "..", "Jenkinsfile"), "utf8")).toContain("when { changeRequest() }");
  });
});

test("the example of the stack is a valid one, and names every environment of the project", async () => {
  const { config } = parse(readFileSync(join(__dirname, "Pulumi.ci.yaml"), "utf8"));
  const settings = readSettings({ access: config["retrofit-ci:access"] });
  const graph = await graphOf(() => ci(settings));
  const names = readdirSync(root).flatMap((name) => /^Pulumi\.(\w+)\.yaml$/.exec(name)?.[1] ?? []);
  expect(Object.keys(await resolved(graph.result.roles)).sort()).toEqual([...names, "preview"].sort());
});

test("what the stack's file has wrong is told at once, with its path", () => {
  const wrong = { access: { environments: [], trust: { kind: "gitlab" }, state: { bucket: "b" }, spare: 1 } };
  expect(() => readSettings(wrong)).toThrow(
    /Pulumi\.ci\.yaml has \d mistakes[\s\S]*retrofit-ci:access\.trust[\s\S]*retrofit-ci:access\.state\.project/,
  );
});
