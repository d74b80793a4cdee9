/** Which pull request a run of the CI is about, from the variables that the CI sets. */
import { wrongUse } from "../errors";

export interface PullRequest {
  host: "github" | "azure";
  /** Address that the host's API begins with, without a slash at the end. */
  api: string;
  /** GitHub: `owner/name`. Azure: id of the repository. */
  repository: string;
  number: number;
  token: string;
}

export interface Named {
  repository?: string;
  pullRequest?: number;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** What is named comes before what the CI says. Throws with everything that is missing. */
export function findPullRequest(env: Variables, named: Named = {}): PullRequest {
  const host = env.SYSTEM_PULLREQUEST_PULLREQUESTID && !named.repository ? "azure" : "github";
  const { api, repository, number, token } = host === "azure" ? azure(env) : github(env, named);
  if (token && repository && number) return { host, api: api.replace(/\/+$/, ""), repository, number, token };
  const missing = [
    ...(token ? [] : [HOSTS[host].token]),
    ...(repository ? [] : ["the repository (--repository)"]),
    ...(number ? [] : ["the pull request (--pull-request)"]),
  ];
  throw wrongUse(`It is not known where the comment goes; missing: ${missing.join(", ")}.`, HOSTS[host].hint);
}

const HOSTS = {
  github: {
    token: "GITHUB_TOKEN",
    hint: "GITHUB_TOKEN needs the permission to write to pull requests; the rest comes from GitHub Actions, Jenkins and Travis CI by themselves.",
  },
  azure: {
    token: "SYSTEM_ACCESSTOKEN",
    hint: 'Give the step `env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }`; the build service needs "Contribute to pull requests".',
  },
} as const;

interface Found {
  api: string;
  repository: string | undefined;
  number: number | undefined;
  token: string | undefined;
}

/** GitHub Actions, and others that build a repository of GitHub: Jenkins' multibranch jobs and Travis CI. */
function github(env: Variables, named: Named): Found {
  const change = /\/([^/]+\/[^/]+)\/pull\/(\d+)/.exec(env.CHANGE_URL ?? "");
  const ref = /^refs\/pull\/(\d+)\//.exec(env.GITHUB_REF ?? "");
  return {
    api: env.GITHUB_API_URL || "https://api.github.com",
    repository: named.repository ?? env.GITHUB_REPOSITORY ?? change?.[1] ?? env.TRAVIS_REPO_SLUG,
    number: named.pullRequest ?? numberIn(ref?.[1] ?? change?.[2] ?? env.TRAVIS_PULL_REQUEST),
    token: env.GITHUB_TOKEN,
  };
}

function azure(env: Variables): Found {
  const project = encodeURIComponent(env.SYSTEM_TEAMPROJECT ?? "");
  return {
    api: `${(env.SYSTEM_COLLECTIONURI ?? "").replace(/\/+$/, "")}/${project}/_apis/git`,
    repository: env.BUILD_REPOSITORY_ID,
    number: numberIn(env.SYSTEM_PULLREQUEST_PULLREQUESTID),
    token: env.SYSTEM_ACCESSTOKEN,
  };
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
