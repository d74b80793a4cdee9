import { OpenIdConnectProvider } from "@pulumi/aws/iam/openIdConnectProvider";
import { Policy } from "@pulumi/aws/iam/policy";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import * as pulumi from "@pulumi/pulumi";
import { Problems } from "../../components/shared/validation";
import { boundaryDocument, deployDocument, previewDocument, type StateLocation } from "./permissions";
import { type CiTrust, issuerOf, PREVIEW, trustDocument, trustProblems } from "./trust";

export interface CiEnvironment {
  readonly name: string;
  /** AWS region of the environment; the role works in no other. */
  readonly region: string;
  /** Short-lived environments that belong to its role, as `pr-*`. Default: none. */
  readonly shortLived?: string;
  /** Environment that its releases come from, as `promotion.from` of its file says. Default: none; it is promoted to by nobody. */
  readonly from?: string;
  /** ARNs of other environments' secrets that it reads, such as that of a log store which several share. Default: none. */
  readonly secrets?: readonly string[];
}

export interface CiAccessArgs {
  readonly environments: readonly CiEnvironment[];
  readonly trust: CiTrust;
  readonly state: StateLocation;
  /** ARN of an identity provider for the same issuer that the account has already. Default: one is made. */
  readonly providerArn?: string;
}

/** A role for the job lasts as long as the longest of its updates may. */
const SESSION_SECONDS = 2 * 60 * 60;

/**
 * What a CI may do in AWS, without a key that is kept: one role for each environment, `retrofit-<environment>`, and one that only
 * looks, `retrofit-preview`, for pull requests. IAM is free of charge.
 *
 * @throws ResourceError listing everything wrong with the arguments.
 */
export class CiAccess extends pulumi.ComponentResource {
  /** ARNs by environment, and `preview`. */
  public readonly roleArns: Readonly<Record<string, pulumi.Output<string>>>;
  /** For `retrofit:permissionsBoundary` of every environment. */
  public readonly boundaryArn: pulumi.Output<string>;

  constructor(name: string, args: CiAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("retrofit:ci:CiAccess", name, {}, opts);
    check(name, args).throwIfAny(this);
    const parent = { parent: this };
    const { environments, trust, state } = args;
    const names = [...environments.map((environment) => environment.name), PREVIEW];
    const issuer = issuerOf(trust, names);
    const providerArn =
      args.providerArn ??
      (issuer
        ? new OpenIdConnectProvider(name, { url: issuer.url, clientIdLists: issuer.audiences }, parent).arn
        : "");
    const boundary = new Policy(
      `${name}-boundary`,
      { description: "The most that roles of an environment can do", policy: boundaryDocument(state) },
      parent,
    );

    const makeRole = (role: string, maxSessionDuration: number, policy: pulumi.Input<string>) => {
      const made = new Role(
        `${name}-${role}`,
        {
          name: `retrofit-${role}`,
          assumeRolePolicy: pulumi.output(providerArn).apply((arn) => trustDocument(trust, role, arn)),
          maxSessionDuration,
          tags: { "retrofit:environment": "ci" },
        },
        parent,
      );
      new RolePolicy(`${name}-${role}`, { role: made.id, policy }, parent);
      return made.arn;
    };
    const deployed = environments.map((environment): [string, pulumi.Output<string>] => {
      const { region, shortLived, secrets } = environment;
      const from = environments.find(({ name }) => name === environment.from);
      const scope = {
        names: [environment.name, ...(shortLived ? [shortLived] : [])],
        region,
        state,
        from,
        secrets,
      };
      const policy = boundary.arn.apply((boundaryArn) => deployDocument({ ...scope, boundaryArn }));
      return [environment.name, makeRole(environment.name, SESSION_SECONDS, policy)];
    });
    const preview = makeRole(PREVIEW, SESSION_SECONDS / 2, previewDocument({ state }));
    this.roleArns = { ...Object.fromEntries(deployed), [PREVIEW]: preview };
    this.boundaryArn = boundary.arn;
    this.registerOutputs({ roleArns: this.roleArns, boundaryArn: this.boundaryArn });
  }
}

function check(name: string, { environments, trust }: CiAccessArgs): Problems {
  const problems = new Problems(`CiAccess "${name}"`);
  problems.require(environments.length > 0, {
    property: "environments",
    got: environments,
    allowed: "one or more",
    fix: "Name the environments that the CI may change.",
  });
  const seen = new Set<string>([PREVIEW, "ci"]);
  for (const [i, { name: environment, shortLived, from }] of environments.entries()) {
    problems.require(/^[a-z][a-z0-9-]{0,19}$/.test(environment) && !seen.has(environment), {
      property: `environments[${i}].name`,
      got: environment,
      allowed: `the name of an environment, once; ${PREVIEW} and ci are taken`,
      fix: "Name it as its file does: Pulumi.<name>.yaml.",
    });
    seen.add(environment);
    problems.require(shortLived === undefined || /^[a-z][a-z0-9-]{0,17}-\*$/.test(shortLived), {
      property: `environments[${i}].shortLived`,
      got: shortLived,
      allowed: "a beginning of names, a hyphen and *, such as pr-*",
      fix: "Give short-lived environments a beginning of their own.",
    });
    for (const [j, arn] of (environments[i]!.secrets ?? []).entries())
      problems.require(/^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[^*?]+$/.test(arn), {
        property: `environments[${i}].secrets[${j}]`,
        got: arn,
        allowed: "the ARN of one secret",
        fix: "Give the ARN as an output of the other environment tells it.",
      });
    const others = environments.map((other) => other.name).filter((other) => other !== environment);
    problems.require(from === undefined || others.includes(from), {
      property: `environments[${i}].from`,
      got: from,
      allowed: `another one of them: ${others.join(", ")}`,
      fix: "Name the environment that its file names under retrofit:promotion.from.",
    });
  }
  problems.add(...trustProblems(trust));
  return problems;
}
