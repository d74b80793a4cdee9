import { measured, ratioOf, table } from "../lib/tables";

export const SHIFTS = { stepped: [10, 50, 100], atOnce: [100] } as const;
export type Shift = keyof typeof SHIFTS;

/** In the order in which they happen. Each lasts until the next begins. */
export const PHASES = [
  "published",
  "first machine boots",
  "machines started",
  "machines healthy",
  "health gate passed",
  "smoke test passed",
  "first step",
  "second step",
  "all traffic",
  "former standby drains",
  "end",
] as const;
export type Phase = (typeof PHASES)[number];

/** Seconds from the command's start to each mark; a mark that this kind of release does not have is absent. */
export type Marks = Partial<Record<Phase, number>>;

export interface Swap {
  rounds: Record<Shift, Marks>[];
  /** What config says that each step but the last is held. */
  waitSeconds: number;
  pollSeconds: number;
  healthyPolls: number;
  load: { perSecond: number; requests: number; failed: number };
}

/** What happens until a mark is reached. */
const UNTIL: Record<Phase, string> = {
  published: "command starts, config is checked, the release is packed",
  "first machine boots":
    "engine starts; artifact, launch template, target group, test listener, Auto Scaling group",
  "machines started": "machines fetch, verify and start the release",
  "machines healthy": "first health checks pass",
  "health gate passed": "health gate: all healthy in looks in a row",
  "smoke test passed": "smoke test through the test listener",
  "first step": "10 % is written",
  "second step": "10 % is held and watched, 50 % is written",
  "all traffic": "50 % is held and watched, 100 % is written (all at once: the one write of the weights)",
  "former standby drains": "engine writes the listener, then what follows the traffic",
  end: "engine's rest: the former standby is taken away",
};

export function swapSection({ rounds, waitSeconds, pollSeconds, healthyPolls, load }: Swap): string {
  const whole = (kind: Shift) => rounds.map((round) => round[kind].end!);
  const planned = 2 * waitSeconds;
  const extra = rounds.map(({ stepped, atOnce }) => stepped.end! - atOnce.end! - planned);
  return `\`retrofit release\` of dev under ${load.perSecond} requests per second, in pairs: with the traffic moved in steps of 10, 50 and 100 %, and
all at once; ${rounds.length} of each, taking turns in being the first, after one release that warmed up. Config asks for ${healthyPolls} looks ${pollSeconds} s apart at the
health gate and for ${waitSeconds} s at 10 % and at 50 %: those seconds are waits that a user orders, and they are shown as such.
Of ${load.requests.toLocaleString("en")} requests during all releases ${load.failed} failed.

${table(
  ["", "in steps", "all at once", "ratio"],
  [
    [
      "whole release",
      measured(whole("stepped"), "s"),
      measured(whole("atOnce"), "s"),
      ratioOf(whole("stepped"), whole("atOnce")),
    ],
    [
      `the same without the ordered ${planned} s`,
      measured(
        whole("stepped").map((s) => s - planned),
        "s",
      ),
      measured(whole("atOnce"), "s"),
      ratioOf(
        whole("stepped").map((s) => s - planned),
        whole("atOnce"),
      ),
    ],
  ],
)}

Steps cost ${measured(extra, "s")} beyond the waits that were ordered: reading health and metrics, and two more writes of the weights.

${phaseTable(rounds)}`;
}

function phaseTable(rounds: Swap["rounds"]): string {
  const rows = PHASES.map((phase) => {
    const cells = (["stepped", "atOnce"] as const).map((kind) => {
      const lengths = rounds
        .map((round) => lengthOf(round[kind], phase))
        .filter((length) => length !== undefined);
      return lengths.length === rounds.length ? measured(lengths, "s") : "–";
    });
    return [UNTIL[phase], ...cells];
  });
  return table(["phase", "in steps", "all at once"], rows);
}

/** Seconds from the mark before, of those that this release has. */
function lengthOf(marks: Marks, phase: Phase): number | undefined {
  const end = marks[phase];
  if (end === undefined) return undefined;
  const before = PHASES.slice(0, PHASES.indexOf(phase)).findLast((earlier) => marks[earlier] !== undefined);
  return end - (before === undefined ? 0 : marks[before]!);
}
