import type { EvidenceKind } from "../../stacks/config";
import type { Context } from "../context";
import { selectAws } from "../engine/engine";
import { turnedAway, wrongUse } from "../errors";
import { type Evidence, readEvidence } from "../promotion/evidence";
import { type Finding, record, runTests, type Subject, smoke, subjectOf } from "../promotion/record";

export interface EvidenceOptions {
  run?: string;
  by?: string;
  note?: string;
  /** Commander's name for `--no-passed`. */
  passed?: boolean;
}

const KINDS: readonly EvidenceKind[] = ["smoke", "tests", "performance", "approval"];

/** Shows what the live release has shown so far, or has it show more. Exit code 3 where it did not hold. */
export async function evidence(
  context: Context,
  environment: string,
  kind: string | undefined,
  options: EvidenceOptions,
): Promise<void> {
  if (kind !== undefined) checkUse(kind, options);
  await selectAws(context);
  const subject = await subjectOf(context, environment);
  const { artifact, s3 } = subject.live;
  if (kind === undefined) {
    const all = await readEvidence(s3, artifact);
    for (const item of all) tell(context, item);
    if (all.length === 0) context.output.line(`${artifact.version} has shown nothing yet.`);
    context.output.result({ environment, version: artifact.version, sha256: artifact.sha256, evidence: all });
    return;
  }
  const kept = await record(subject, kind as EvidenceKind, await find(context, subject, kind, options));
  tell(context, kept);
  if (!kept.passed) throw turnedAway("evidence", `${artifact.version} did not hold: ${kept.note}`);
  context.output.result({ ...kept });
}

export function checkUse(kind: string, { run, by, note }: EvidenceOptions): void {
  if (!KINDS.includes(kind as EvidenceKind)) {
    throw wrongUse(`"${kind}" is no kind of evidence.`, `There are ${KINDS.join(", ")}.`);
  }
  if (kind === "tests" && !run) {
    throw wrongUse(
      "tests evidence is had by running something.",
      'Add --run "<command>"; it finds the address in RETROFIT_URL.',
    );
  }
  if (kind === "performance" && !(run && note)) {
    throw wrongUse(
      "performance evidence is had by a load test, which keeps its figures.",
      'Run retrofit loadtest; or a tool of your own: --run "<command>" --note "<what it has shown>", which are kept in place of figures.',
    );
  }
  if (kind === "approval" && !by) {
    throw wrongUse("An approval is somebody's.", 'Add --by "<name>".');
  }
}

async function find(
  context: Context,
  subject: Subject,
  kind: string,
  { run, by, note, passed = true }: EvidenceOptions,
): Promise<Finding> {
  if (kind === "approval") return { passed, by: by!, ...(note !== undefined && { note }) };
  if (kind === "smoke") return await smoke(context, subject);
  const found = await runTests(context, subject, run!);
  return kind === "performance" ? withoutFigures(found, note!) : found;
}

/** An exit code says nothing of speed: whoever reads the evidence is told what it rests on. */
export const withoutFigures = (found: Finding, words: string): Finding => ({
  ...found,
  note: `no load test of retrofit's, so without figures: ${found.note}; said with it: ${words}`,
});

function tell({ output }: Context, { environment, kind, version, passed, at, by, note }: Evidence): void {
  const who = by ? ` by ${by}` : "";
  const text = `${version} in ${environment}: ${kind}${who}, ${at}${note ? `: ${note}` : ""}`;
  if (passed) output.done(text);
  else output.fail(text);
}
