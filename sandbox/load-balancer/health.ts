import type { HealthCheck, TargetHealth } from "../emulated";
import { statusMatcher } from "./patterns";

/** What a health check saw. */
export type Probe =
  | { kind: "status"; status: number }
  | { kind: "timeout" }
  | { kind: "failed"; detail: string };

export type HealthState = "initial" | "healthy" | "unhealthy";

export interface Health {
  state: HealthState;
  /** In a row, since the last failure. */
  passes: number;
  /** In a row, since the last pass. */
  failures: number;
  reason: string | null;
  description: string | null;
}

export const registering: Health = {
  state: "initial",
  passes: 0,
  failures: 0,
  reason: "Elb.RegistrationInProgress",
  description: "Target registration is in progress",
};

/**
 * A target's health after a check. A new target is healthy after its first pass, as with an Application Load
 * Balancer; one that was unhealthy needs `healthyThreshold` passes in a row.
 * `counted: false` is an extra look at a new target between its regular checks: it can pass, but not fail.
 */
export function nextHealth(
  now: Health,
  probe: Probe,
  check: Pick<HealthCheck, "matcher" | "healthyThreshold" | "unhealthyThreshold">,
  counted = true,
): Health {
  if (probe.kind === "status" && statusMatcher(check.matcher || "200")(probe.status)) {
    const passes = now.passes + 1;
    const needed = now.state === "unhealthy" ? check.healthyThreshold : 1;
    if (passes >= needed) return { state: "healthy", passes, failures: 0, reason: null, description: null };
    return { ...now, passes, failures: 0 };
  }
  const failures = now.failures + (counted ? 1 : 0);
  if (now.state === "unhealthy" || failures >= check.unhealthyThreshold) {
    return { state: "unhealthy", passes: 0, failures, ...whyUnhealthy(probe) };
  }
  if (now.state === "healthy") return { ...now, passes: 0, failures };
  return {
    state: "initial",
    passes: 0,
    failures,
    reason: "Elb.InitialHealthChecking",
    description: "Initial health checks in progress",
  };
}

/** In the words of the Elastic Load Balancing API. */
function whyUnhealthy(probe: Probe): Pick<Health, "reason" | "description"> {
  switch (probe.kind) {
    case "status":
      return {
        reason: "Target.ResponseCodeMismatch",
        description: `Health checks failed with these codes: [${probe.status}]`,
      };
    case "timeout":
      return { reason: "Target.Timeout", description: "Request timed out" };
    case "failed":
      return { reason: "Target.FailedHealthChecks", description: `Health checks failed: ${probe.detail}` };
  }
}

export const unused: TargetHealth = {
  state: "unused",
  reason: "Target.NotInUse",
  description: "Target group is not configured to receive traffic from the load balancer",
};

export const draining: TargetHealth = {
  state: "draining",
  reason: "Target.DeregistrationInProgress",
  description: "Target deregistration is in progress",
};
