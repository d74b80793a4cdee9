export { type Clock, interruptibleClock, type Report, type TrafficClients, trafficClients } from "./clients";
export { describeFleet, type FleetState, raiseCapacity, readFleet } from "./fleet-state";
export { GateError, type GateName } from "./gate-error";
export { type HealthGateSettings, isTransient, waitForHealthy } from "./health-gate";
export { errorPercent, firingAlarms, readTraffic, type TrafficReading } from "./metrics";
export { announceMove, readMoves } from "./moves";
export { freePort } from "./port-change";
export { applyScheduleInForce, scheduleInForce } from "./schedule-in-force";
export { loadBalancerDimension, readServing, type Serving, weightsOf, writeWeights } from "./serving";
export type { ShiftSettings } from "./shift";
export { runSmokeTest, type SmokeCheck } from "./smoke";
export { prepareToServe, restStandby } from "./standby-size";
export { runSwap, type SwapRequest, type SwapSettings } from "./swap";
export {
  describeWeights,
  MOVES_TAG,
  nextMove,
  sameShares,
  servingGroups,
  shares,
  type Weights,
} from "./weights";
