import { existsSync, readFileSync } from "node:fs";
import type { Context } from "../context";
import { wrongUse } from "../errors";
import { MARKER } from "../pull-request/comment";
import { findPullRequest, type Named } from "../pull-request/find";
import { postComment } from "../pull-request/post";

/** Puts what `retrofit check --comment` has written on the pull request: one comment, which later runs change. */
export async function comment(context: Context, file: string, named: Named): Promise<void> {
  if (!existsSync(file)) throw wrongUse(`There is no file ${file}.`, "`retrofit check --comment` writes it.");
  const text = readFileSync(file, "utf8");
  const marker = text.split("\n", 1)[0] ?? "";
  if (!MARKER.test(marker)) {
    throw wrongUse(
      `${file} is no comment of \`retrofit check\`: its first line is ${JSON.stringify(marker.slice(0, 60))}.`,
      "Name a file that `retrofit check --comment` has written.",
    );
  }
  const pullRequest = findPullRequest(process.env, named);
  const posted = await postComment(pullRequest, marker, text);
  const { repository, number } = pullRequest;
  context.output.done(`The comment of pull request ${number} of ${repository} is ${posted}.`);
  context.output.result({ repository, pullRequest: number, comment: posted });
}
