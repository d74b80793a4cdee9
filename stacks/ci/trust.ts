/** How a CI proves to AWS which environment it works for: no keys are kept anywhere. */
import type { Problem } from "../../components/shared/validation";

export type CiTrust =
  /** GitHub Actions: the role of an environment is for jobs of that environment, the preview's for pull requests. */
  | { readonly kind: "github" /** `owner/name` */; readonly repository: string }
  /**
   * Any other system that issues OpenID Connect tokens. In `audience` and `subject`, `{role}` stands for the environment's name, or
   * `preview`; one of the two has to have it, or every job could take every role. `*` in `subject` stands for anything.
   */
  | {
      readonly kind: "oidc";
      /** `https://…`; AWS reads the keys there, so it has to be reachable from the internet. */
      readonly issuer: string;
      readonly audience: string;
      readonly subject: string;
    }
  /** Systems without tokens: the roles of their agents, or users that may do nothing else. */
  | { readonly kind: "aws"; readonly principals: readonly string[] };

export interface OidcIssuer {
  readonly url: string;
  readonly audiences: string[];
}

/** The identity provider that the account needs; none where AWS itself tells who it is. @param roles With `preview`. */
export function issuerOf(trust: CiTrust, roles: readonly string[]): OidcIssuer | undefined {
  if (trust.kind === "github") return { url: GITHUB, audiences: [STS] };
  if (trust.kind === "aws") return undefined;
  return { url: trust.issuer, audiences: [...new Set(roles.map((role) => filled(trust.audience, role)))] };
}

/** Who may take a role. @param providerArn Of the identity provider, where there is one. */
export function trustDocument(trust: CiTrust, role: string, providerArn: string): string {
  const statement =
    trust.kind === "aws"
      ? { Effect: "Allow", Principal: { AWS: [...trust.principals] }, Action: "sts:AssumeRole" }
      : {
          Effect: "Allow",
          Principal: { Federated: providerArn },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: trust.kind === "github" ? fromGitHub(trust.repository, role) : fromIssuer(trust, role),
        };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

const GITHUB = "https://token.actions.githubusercontent.com";
const STS = "sts.amazonaws.com";
export const PREVIEW = "preview";

const filled = (text: string, role: string): string => text.replaceAll("{role}", role);

const withoutScheme = (url: string): string => url.replace(/^https:\/\//, "");

function fromGitHub(repository: string, role: string) {
  const subject = role === PREVIEW ? "pull_request" : `environment:${role}`;
  const issuer = withoutScheme(GITHUB);
  return { StringEquals: { [`${issuer}:aud`]: STS, [`${issuer}:sub`]: `repo:${repository}:${subject}` } };
}

function fromIssuer({ issuer, audience, subject }: Extract<CiTrust, { kind: "oidc" }>, role: string) {
  const from = withoutScheme(issuer);
  return {
    StringEquals: { [`${from}:aud`]: filled(audience, role) },
    StringLike: { [`${from}:sub`]: filled(subject, role) },
  };
}

export function trustProblems(trust: CiTrust): Problem[] {
  const problems: Problem[] = [];
  const require = (ok: boolean, problem: Problem) => void (ok || problems.push(problem));
  if (trust.kind === "github") {
    require(/^[\w.-]+\/[\w.-]+$/.test(trust.repository), {
      property: "trust.repository",
      got: trust.repository,
      allowed: "a repository of GitHub as owner/name, without wildcards",
      fix: "Write for example example/shop.",
    });
  } else if (trust.kind === "oidc") {
    require(/^https:\/\/[\w.-]+(\/[\w./-]*[\w-])?$/.test(trust.issuer), {
      property: "trust.issuer",
      got: trust.issuer,
      allowed: "an address that begins with https:// and does not end with /",
      fix: "Write it as the tokens have it under iss.",
    });
    require(`${trust.audience} ${trust.subject}`.includes("{role}"), {
      property: "trust.subject",
      got: trust.subject,
      allowed: "{role} in subject or in audience",
      fix: "Write {role} where a token says for which environment it is, or every job could take every role.",
    });
    require(/[^*?]/.test(trust.subject.replace("{role}", "")) || trust.audience.includes("{role}"), {
      property: "trust.subject",
      got: trust.subject,
      allowed: "more than wildcards",
      fix: "Name the project or the job that may take the roles.",
    });
  } else {
    require(trust.principals.length > 0 &&
      trust.principals.every((arn) => /^arn:aws[\w-]*:iam::\d{12}:(role|user)\/\S+$/.test(arn)), {
      property: "trust.principals",
      got: trust.principals,
      allowed: "ARNs of roles and users, one or more",
      fix: "Name the role of the agents' machines; never a whole account.",
    });
  }
  return problems;
}
