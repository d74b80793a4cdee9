/** Puts a comment on a pull request, in the place of the one that it has from before. */
import { failed } from "../errors";
import type { PullRequest } from "./find";

/** How long the host may take for one answer, in milliseconds. */
const TIMEOUT = 30_000;

export type Posted = "created" | "updated" | "unchanged";

/** @param marker First line of the comment, by which the one from before is found. */
export async function postComment(to: PullRequest, marker: string, text: string): Promise<Posted> {
  const former = to.host === "azure" ? await formerOnAzure(to, marker) : await formerOnGitHub(to, marker);
  if (former && sameText(former.text, text)) return "unchanged";
  if (former) {
    const field = to.host === "azure" ? "content" : "body";
    await ask(to, "PATCH", former.path, { [field]: text });
    return "updated";
  }
  if (to.host === "azure") {
    const comments = [{ parentCommentId: 0, commentType: 1, content: text }];
    await ask(to, "POST", `${threads(to)}?${AZURE_VERSION}`, { comments, status: "closed" });
  } else {
    await ask(to, "POST", `/repos/${to.repository}/issues/${to.number}/comments`, { body: text });
  }
  return "created";
}

interface Former {
  path: string;
  text: string;
}

const PAGE = 100;

async function formerOnGitHub(to: PullRequest, marker: string): Promise<Former | undefined> {
  for (let page = 1; ; page++) {
    const path = `/repos/${to.repository}/issues/${to.number}/comments?per_page=${PAGE}&page=${page}`;
    const comments = (await ask(to, "GET", path)) as { id: number; body?: string }[];
    const found = comments.find(({ body }) => begins(body, marker));
    if (found) return { path: `/repos/${to.repository}/issues/comments/${found.id}`, text: found.body ?? "" };
    if (comments.length < PAGE) return undefined;
  }
}

const AZURE_VERSION = "api-version=7.1";

const threads = ({ repository, number }: PullRequest): string =>
  `/repositories/${encodeURIComponent(repository)}/pullRequests/${number}/threads`;

async function formerOnAzure(to: PullRequest, marker: string): Promise<Former | undefined> {
  const answer = (await ask(to, "GET", `${threads(to)}?${AZURE_VERSION}`)) as {
    value: { id: number; isDeleted?: boolean; comments?: { id: number; content?: string }[] }[];
  };
  for (const { id, isDeleted, comments = [] } of answer.value) {
    const first = comments[0];
    if (isDeleted || !first || !begins(first.content, marker)) continue;
    return { path: `${threads(to)}/${id}/comments/${first.id}?${AZURE_VERSION}`, text: first.content ?? "" };
  }
  return undefined;
}

const begins = (text: string | undefined, marker: string): boolean => text?.split(/\r?\n/, 1)[0] === marker;

/** Hosts keep line ends of their own. */
const sameText = (a: string, b: string): boolean => a.replaceAll("\r\n", "\n").trim() === b.trim();

async function ask(to: PullRequest, method: string, path: string, body?: object): Promise<unknown> {
  const authorization =
    to.host === "azure" ? `Basic ${Buffer.from(`:${to.token}`).toString("base64")}` : `Bearer ${to.token}`;
  const { host } = new URL(to.api);
  const answer = await fetch(`${to.api}${path}`, {
    method,
    headers: {
      authorization,
      accept: "application/json",
      "content-type": "application/json",
      "user-agent": "retrofit",
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT),
  }).catch((error: Error) => {
    throw failed(
      `${host} cannot be reached: ${(error.cause as Error | undefined)?.message ?? error.message}`,
    );
  });
  const text = await answer.text();
  if (answer.ok) return text === "" ? undefined : JSON.parse(text);
  const hint =
    answer.status === 401 || answer.status === 403
      ? "The token may not write to pull requests. On GitHub, runs for pull requests from forks never may."
      : undefined;
  throw failed(`${host} answered ${answer.status} to ${method} ${path}: ${text.slice(0, 200)}`, hint);
}
