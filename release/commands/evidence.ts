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

function checkUse(kind: string, { run, by }: EvidenceOptions): void {
  if (!KINDS.includes(kind as EvidenceKind)) {
    throw wrongUse(`"${kind}" is no kind of evidence.`, `There are ${KINDS.join(", ")}.`);
  }
  if ((kind === "tests" || kind === "performance") && !run) {
    throw wrongUse(
      `${kind} evidence is had by running something.`,
      'Add --run "<command>"; it finds the address in RETROFIT_URL.',
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
  return kind === "smoke" ? await smoke(context, subject) : await runTests(context, subject, run!);
}

function tell({ output }: Context, { environment, kind, version, passed, at, by, note }: Evidence): void {
  const who = by ? ` by ${by}` : "";
  const text = `${version} in ${environment}: ${kind}${who}, ${at}${note ? `: ${note}` : ""}`;
  if (passed) output.done(text);
  else output.fail(text);
}
