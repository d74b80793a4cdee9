/** What stands against carrying a release on. Pure: all of it is found at once, and nothing is asked. */
import { createHash } from "node:crypto";
import type { EnvironmentConfig, EvidenceKind } from "../../stacks/config";
import { soleServer } from "../environment";
import type { Evidence } from "./evidence";
import type { LiveRelease } from "./live-release";

export interface Refusal {
  reason: "way" | "live" | "health" | "artifact" | "evidence";
  message: string;
  /** What to do about it. */
  fix: string;
}

type Step = Pick<EnvironmentConfig, "environment" | "promotion">;

/** How an environment's evidence is had. */
const HOW: Record<EvidenceKind, (environment: string) => string> = {
  smoke: (name) => `retrofit evidence ${name} smoke`,
  tests: (name) => `retrofit evidence ${name} tests --run "<command>"`,
  performance: (name) => `retrofit loadtest ${name}`,
  approval: (name) => `retrofit evidence ${name} approval --by "<name>"`,
};

/** Evidence that an environment asks for where its file says nothing. */
export const neededIn = ({ promotion }: Step): EvidenceKind[] => promotion?.evidence ?? ["smoke"];

/** Releases go from one environment to the next, and none is left out. */
export function refuseWay(from: Step, to: Step): Refusal[] {
  const before = to.promotion?.from;
  if (before === from.environment) return [];
  if (before === undefined) {
    const message = `${to.environment} is on no way: its file has no retrofit:promotion.from.`;
    const fix = `Write retrofit:promotion: { from: ${from.environment} } into Pulumi.${to.environment}.yaml.`;
    return [{ reason: "way", message, fix }];
  }
  const message = `Releases come to ${to.environment} from ${before}, not from ${from.environment}: none of the environments between is left out.`;
  return [
    {
      reason: "way",
      message,
      fix: `When it is live in ${before}: retrofit promote ${before} ${to.environment}`,
    },
  ];
}

/** @param content The artifact as the bucket has it now; undefined when it is gone. */
export function refuseRelease(
  from: Step,
  live: LiveRelease | undefined,
  content: Buffer | undefined,
  evidence: readonly Evidence[],
): Refusal[] {
  if (live === undefined) {
    const fix = `Release one there: retrofit release ${from.environment} <version>`;
    return [{ reason: "live", message: `Nothing is live in ${from.environment}.`, fix }];
  }
  return [
    ...refuseHealth(live),
    ...refuseContent(live, content),
    ...neededIn(from).flatMap((kind) => refuseEvidence(kind, live, evidence)),
  ];
}

function refuseHealth({ environment, artifact: { version }, serving }: LiveRelease): Refusal[] {
  const [healthy, desired] = [serving.healthy[version] ?? 0, serving.desired[version] ?? 0];
  const fix = `See: retrofit status ${environment}`;
  if (soleServer(serving) !== version) {
    const share = serving.weights[version] ?? 0;
    const message = `${version} gets ${share} % of the traffic in ${environment}; it has to get all of it.`;
    return [{ reason: "live", message, fix }];
  }
  if (healthy > 0 && healthy >= desired) return [];
  const message = `${healthy} of ${desired} machines of ${version} are healthy in ${environment}; all have to be.`;
  return [{ reason: "health", message, fix }];
}

function refuseContent({ environment, artifact }: LiveRelease, content: Buffer | undefined): Refusal[] {
  const { version, sha256, bucket } = artifact;
  const fix = `Release the version that is meant anew, under a number of its own: retrofit release ${environment} <version>`;
  if (content === undefined) {
    return [{ reason: "artifact", message: `The artifact of ${version} is gone from ${bucket}.`, fix }];
  }
  const now = createHash("sha256").update(content).digest("hex");
  if (now === sha256) return [];
  const message = `The artifact of ${version} was changed since it went live in ${environment}: it is ${short(now)} now and was ${short(sha256)}.`;
  return [{ reason: "artifact", message, fix }];
}

function refuseEvidence(kind: EvidenceKind, live: LiveRelease, evidence: readonly Evidence[]): Refusal[] {
  const { environment, artifact, image } = live;
  const fix = `Have it shown: ${HOW[kind](environment)}`;
  const refusal = (message: string): Refusal[] => [{ reason: "evidence", message, fix }];
  const found = evidence.find((item) => item.environment === environment && item.kind === kind);
  if (!found) return refusal(`${artifact.version} has no ${kind} evidence in ${environment}.`);
  if (!found.passed) {
    return refusal(
      `${artifact.version} did not hold in ${environment}: ${kind} of ${found.at}${found.note ? `, ${found.note}` : ""}.`,
    );
  }
  if (found.sha256 !== artifact.sha256 || found.version !== artifact.version) {
    return refusal(
      `The ${kind} evidence in ${environment} is of ${found.version} (${short(found.sha256)}), not of ${artifact.version} (${short(artifact.sha256)}).`,
    );
  }
  if (found.image !== image) {
    return refusal(
      `The ${kind} evidence in ${environment} is of image ${found.image}; the machines have ${image} now.`,
    );
  }
  return [];
}

const short = (sum: string): string => `${sum.slice(0, 12)}…`;
