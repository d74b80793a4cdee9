/** When a short-lived environment goes, as its stack has it: the file may be in a checkout that is gone. */
import { type OpenStack, readOutputs, readTags } from "../engine/engine";
import type { Project } from "../project";

const TAG = "retrofit:expires";

/** Noted before anything is made, so that an environment whose first update fails or is killed goes as well. */
export async function noteEnd({ stack }: OpenStack, expires: string): Promise<void> {
  await stack.setTag(TAG, expires);
}

/** Undefined for one that was made to stay. */
export async function endOf(project: Project, name: string): Promise<string | undefined> {
  const outputs = (await readOutputs(project, name)) ?? {};
  if (typeof outputs.expires === "string") return outputs.expires;
  // One that came up has said all it has to say; what never did has only what was noted.
  return outputs.url === undefined ? (await readTags(project, name))[TAG] : undefined;
}

/** NaN is never in the past: what cannot be read is not taken away. */
export const isOver = (end: string | undefined, now: number): boolean =>
  end !== undefined && Date.parse(end) <= now;
