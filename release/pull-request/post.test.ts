/** Against a server that answers as the two hosts do, so far as comments go. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { findPullRequest, type PullRequest } from "./find";
import { postComment } from "./post";

const MARKER = "<!-- retrofit:check shop -->";
const text = (body: string) => `${MARKER}\n\n${body}\n`;

let server: Server;
let comments: { id: number; body: string }[];
let asked: { method: string; url: string; authorization?: string }[];
let status = 200;

async function bodyOf(request: IncomingMessage): Promise<Record<string, never>> {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body === "" ? {} : JSON.parse(body);
}

/** The two hosts name the same things differently. */
function answer(
  method: string,
  url: URL,
  body: { body?: string; content?: string; comments?: { content: string }[] },
) {
  const github = url.pathname.startsWith("/repos/");
  if (method === "GET" && github) {
    const page = Number(url.searchParams.get("page"));
    return comments
      .slice((page - 1) * 100, page * 100)
      .map((comment) => ({ ...comment, user: { login: "ci" } }));
  }
  if (method === "GET")
    return { value: comments.map(({ id, body }) => ({ id, comments: [{ id: 1, content: body }] })) };
  if (method === "POST") {
    comments.push({ id: comments.length + 1, body: body.body ?? body.comments?.[0]?.content ?? "" });
    return {};
  }
  const id = Number(github ? url.pathname.split("/").at(-1) : url.pathname.split("/").at(-3));
  const comment = comments.find((each) => each.id === id);
  comment!.body = body.body ?? body.content ?? "";
  return {};
}

beforeEach(async () => {
  comments = [];
  asked = [];
  status = 200;
  server = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    asked.push({ method, url, ...(headers.authorization && { authorization: headers.authorization }) });
    const body = await bodyOf(request);
    response.statusCode = status;
    const said =
      status === 200
        ? answer(method, new URL(url, "http://host"), body)
        : { message: "Resource not accessible" };
    response.end(JSON.stringify(said));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const hosts: [string, () => PullRequest][] = [
  ["GitHub", () => ({ host: "github", api: address(), repository: "example/shop", number: 12, token: "t" })],
  [
    "Azure",
    () => ({
      host: "azure",
      api: `${address()}/example/shop/_apis/git`,
      repository: "4f1c",
      number: 12,
      token: "t",
    }),
  ],
];

describe.each(hosts)("on %s", (_name, to) => {
  test("later runs change the comment that is there, and add none", async () => {
    comments.push({ id: 1, body: "Looks good to me" });
    expect(await postComment(to(), MARKER, text("first"))).toBe("created");
    expect(await postComment(to(), MARKER, text("second"))).toBe("updated");
    expect(await postComment(to(), MARKER, text("second"))).toBe("unchanged");
    expect(comments.map(({ body }) => body)).toEqual(["Looks good to me", text("second")]);
  });

  test("a comment that only quotes the marker is somebody else's", async () => {
    comments.push({ id: 1, body: `> ${MARKER}\nwhat is this?` });
    expect(await postComment(to(), MARKER, text("first"))).toBe("created");
  });

  test("a token that may not write is told as such, and never shown", async () => {
    status = 403;
    const error = await postComment(to(), MARKER, text("x")).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ exitCode: 1, message: /answered 403/, hint: /forks/ });
    expect(JSON.stringify(error)).not.toContain("Bearer");
  });
});

test("the comment is found behind a hundred others", async () => {
  comments = Array.from({ length: 130 }, (_, i) => ({ id: i + 1, body: i === 120 ? text("old") : "talk" }));
  expect(await postComment(hosts[0]![1](), MARKER, text("new"))).toBe("updated");
  expect(comments[120]!.body).toBe(text("new"));
  expect(asked.map(({ authorization }) => authorization)).toEqual(["Bearer t", "Bearer t", "Bearer t"]);
});

const GITHUB = {
  host: "github",
  api: "https://api.github.com",
  repository: "example/shop",
  number: 7,
  token: "t",
};

test.each([
  ["GitHub Actions", { GITHUB_REPOSITORY: "example/shop", GITHUB_REF: "refs/pull/7/merge" }],
  ["Jenkins", { CHANGE_URL: "https://github.com/example/shop/pull/7", CHANGE_ID: "7" }],
  ["Travis CI", { TRAVIS_REPO_SLUG: "example/shop", TRAVIS_PULL_REQUEST: "7" }],
])("%s says which pull request it is about", (_name, variables) => {
  expect(findPullRequest({ ...variables, GITHUB_TOKEN: "t" })).toEqual(GITHUB);
});

test("Azure Pipelines says which pull request it is about", () => {
  const variables = {
    SYSTEM_PULLREQUEST_PULLREQUESTID: "7",
    SYSTEM_COLLECTIONURI: "https://dev.azure.com/example/",
    SYSTEM_TEAMPROJECT: "The shop",
    BUILD_REPOSITORY_ID: "4f1c",
    SYSTEM_ACCESSTOKEN: "t",
  };
  expect(findPullRequest(variables)).toEqual({
    host: "azure",
    api: "https://dev.azure.com/example/The%20shop/_apis/git",
    repository: "4f1c",
    number: 7,
    token: "t",
  });
});

test("a run that is for no pull request is told what is missing, all at once", () => {
  const variables = {
    GITHUB_REPOSITORY: "example/shop",
    GITHUB_REF: "refs/heads/main",
    TRAVIS_PULL_REQUEST: "false",
  };
  expect(() => findPullRequest(variables)).toThrow(
    "missing: GITHUB_TOKEN, the pull request (--pull-request)",
  );
});

test("what is named by hand comes first", () => {
  const variables = { GITHUB_REF: "refs/pull/7/merge", GITHUB_REPOSITORY: "example/shop", GITHUB_TOKEN: "t" };
  expect(findPullRequest(variables, { repository: "example/other", pullRequest: 9 })).toMatchObject({
    repository: "example/other",
    number: 9,
  });
});
