export type {
  AutoscalingWebTierArgs,
  CapacityArgs,
  Deployment,
  FleetLabel,
  HealthCheckArgs,
  ScalingMetricArgs,
  ScheduleArgs,
  ShiftArgs,
  WebRelease,
} from "./args";
export { AutoscalingWebTier, type FleetOutputs } from "./autoscaling-web-tier";
export { fleetLabel } from "./names";
export type { ReleaseGate } from "./release-gate";
export type { SmokeCheck } from "./traffic/smoke";
