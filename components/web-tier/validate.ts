import { isPlain, type Problem, Problems } from "../shared/validation";
import type { AutoscalingWebTierArgs, ShiftArgs } from "./args";
import { NAME_LIMIT } from "./names";

/** Everything wrong with a tier's arguments that can be told before anything is made. */
export function checkWebTier(name: string, args: AutoscalingWebTierArgs): Problems {
  const problems = new Problems(`AutoscalingWebTier "${name}"`);
  problems.add(
    ...checkCapacity(args),
    ...checkScaling(args),
    ...checkShift(args.shift ?? {}),
    ...checkListeners(args),
    ...checkReleases(args),
  );
  problems.require(name.length <= NAME_LIMIT, {
    property: "name",
    got: name,
    allowed: `up to ${NAME_LIMIT} characters, since AWS ends target group names at 32`,
    fix: 'Write a short one, such as "web".',
  });
  problems.require(args.smoke.length > 0, {
    property: "smoke",
    got: [],
    allowed: "at least one check",
    fix: 'Write smoke: [{ path: "/" }], so that a release is asked before users ask it.',
  });
  return problems;
}

function checkCapacity({ capacity, standbyMachines }: AutoscalingWebTierArgs): Problem[] {
  const { min, max } = capacity;
  const found: Problem[] = [];
  if (standbyMachines !== undefined && !(Number.isInteger(standbyMachines) && standbyMachines >= 1)) {
    found.push({
      property: "standbyMachines",
      got: standbyMachines,
      allowed: "a whole number from 1",
      fix: "Leave it out to keep all machines, or drop standby to keep none.",
    });
  }
  if (!Number.isInteger(min) || min < 0) {
    found.push({
      property: "capacity.min",
      got: min,
      allowed: "a whole number from 0",
      fix: "Write 2 to survive the loss of a machine.",
    });
  }
  if (!Number.isInteger(max) || max < Math.max(min, 1)) {
    found.push({
      property: "capacity.max",
      got: max,
      allowed: `a whole number from ${Math.max(min, 1)} (capacity.min)`,
      fix: "Raise capacity.max or lower capacity.min.",
    });
  }
  for (const [index, schedule] of (capacity.schedules ?? []).entries()) {
    if (schedule.min > schedule.max || schedule.max > max) {
      found.push({
        property: `capacity.schedules[${index}].max`,
        got: schedule.max,
        allowed: `${schedule.min} (its min) to ${max} (capacity.max)`,
        fix: "Keep a schedule within the tier's bounds.",
      });
    }
  }
  return found;
}

const STATISTIC = /^(Average|Sum|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d+)?)$/;

function checkScaling({
  capacity: { metric, cooldownSeconds = {}, idlePercent },
}: AutoscalingWebTierArgs): Problem[] {
  const found: Problem[] = [];
  if (metric?.statistic !== undefined && !STATISTIC.test(metric.statistic)) {
    found.push({
      property: "capacity.metric.statistic",
      got: metric.statistic,
      allowed: "Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p90",
      fix: "Leave it out for Average.",
    });
  }
  if (metric && !(metric.target > 0)) {
    found.push({
      property: "capacity.metric.target",
      got: metric.target,
      allowed: "a number above 0",
      fix: "Write the value above which one machine more is needed.",
    });
  }
  for (const [direction, seconds] of Object.entries(cooldownSeconds)) {
    if (seconds === undefined || (Number.isInteger(seconds) && seconds >= 0 && seconds <= 86_400)) continue;
    found.push({
      property: `capacity.cooldownSeconds.${direction}`,
      got: seconds,
      allowed: "whole seconds from 0 to 86400",
      fix: "Write about the time from the start of a machine until it carries its share.",
    });
  }
  if (idlePercent !== undefined && !(idlePercent >= 10 && idlePercent <= 95)) {
    found.push({
      property: "capacity.idlePercent",
      got: idlePercent,
      allowed: "10 to 95",
      fix: "Leave it out for 75; nearer to 100 the fleet goes in and out by turns.",
    });
  }
  return found;
}

function checkShift({ steps = [100] }: ShiftArgs): Problem[] {
  const ascending = steps.every(
    (step, index) => Number.isInteger(step) && step > (steps[index - 1] ?? 0) && step <= 100,
  );
  if (ascending && steps.at(-1) === 100) return [];
  return [
    {
      property: "shift.steps",
      got: steps,
      allowed: "whole percents, ascending, the last 100",
      fix: "Write [10, 50, 100], or [100] for all at once.",
    },
  ];
}

function checkListeners(args: AutoscalingWebTierArgs): Problem[] {
  const found: Problem[] = [];
  const testPort = args.testPort ?? 8443;
  if (testPort === 80 || testPort === 443) {
    found.push({
      property: "testPort",
      got: testPort,
      allowed: "any port but 80 and 443",
      fix: "Leave it out for 8443.",
    });
  }
  const open = args.testers.filter((network) => network === "0.0.0.0/0" || network === "::/0");
  if (open.length > 0) {
    found.push({
      property: "testers",
      got: args.testers,
      allowed: "networks that you name",
      fix: "Name the network that updates run from: unreleased versions answer there.",
    });
  }
  return found;
}

function checkReleases({ live, standby, deployment }: AutoscalingWebTierArgs): Problem[] {
  const found: Problem[] = [];
  if (live && standby && live.version === standby.version) {
    found.push({
      property: "standby.version",
      got: standby.version,
      allowed: "another version than live has",
      fix: "Drop standby, or name the version that was live before.",
    });
  }
  if (standby && !live) {
    found.push({
      property: "live",
      allowed: "a release",
      fix: "Make the standby release live, or name a live one too.",
    });
  }
  if (deployment === "inPlace" && standby) {
    found.push({
      property: "standby",
      got: standby.version,
      allowed: 'none with deployment "inPlace", where one fleet serves',
      fix: "Drop standby: to go back, make the former version live again.",
    });
  }
  if (deployment === "inPlace" && live && live.document === undefined) {
    found.push({
      property: "live.document",
      allowed: 'what a machine is told to be, with deployment "inPlace"',
      fix: "Pass the same document that userData was made of.",
    });
  }
  for (const [role, release] of Object.entries({ live, standby })) {
    if (release && isPlain(release.userData) && Buffer.byteLength(release.userData) > 16 * 1024) {
      found.push({
        property: `${role}.userData`,
        got: `${Buffer.byteLength(release.userData)} bytes`,
        allowed: "up to 16384 bytes",
        fix: "Move what is long into the artifact.",
      });
    }
  }
  return found;
}
