import type { Context } from "../context";
import type { LiveRelease } from "../promotion/live-release";
import { record, type Subject } from "../promotion/record";
import { describeVerdict } from "./bottleneck";
import type { LoadtestResult } from "./result";

/** It only tells that a load test can be made here. */
const NO_EVIDENCE = "smoke";

/**
 * Keeps a run with the artifact of the release that it was of, as what `promote` asks for. Not where another release came
 * meanwhile: nobody knows whose figures they are. The run itself is not lost when it cannot be kept.
 */
export async function keepAsEvidence(
  { output }: Pick<Context, "output">,
  subject: Subject,
  after: () => Promise<LiveRelease | undefined>,
  result: LoadtestResult,
): Promise<boolean> {
  if (result.profile.name === NO_EVIDENCE) return false;
  try {
    if (identityOf(await after()) !== identityOf(subject.live)) {
      output.warn("Another release came while the load was on: this run is no evidence for either.");
      return false;
    }
    const { passed, missed, verdict, profile } = result;
    const note = [`${profile.name}:`, ...missed, describeVerdict(verdict)].join(" ");
    await record(subject, "performance", { passed, note, report: result });
    output.done(`Kept as performance evidence of ${result.version} in ${result.environment}`);
    return true;
  } catch (error) {
    output.warn(`The run was not kept as evidence: ${(error as Error).message}`);
    return false;
  }
}

const identityOf = (live: LiveRelease | undefined): string =>
  live === undefined ? "" : `${live.artifact.version} ${live.artifact.sha256} ${live.image}`;
