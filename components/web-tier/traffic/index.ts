export { type Clock, interruptibleClock, type Report, type TrafficClients, trafficClients } from "./clients";
export { describeFleet, type FleetState, raiseCapacity, readFleet } from "./fleet-state";
export { GateError, type GateName } from "./gate-error";
export { type HealthGateSettings, isTransient, waitForHealthy } from "./health-gate";
export { errorPercent, firingAlarms, readTraffic, type TrafficReading } from "./metrics";
export {
  readServing,
  type Serving,
  sameShares,
  servingGroups,
  shares,
  type Weights,
  writeWeights,
} from "./serving";
export { type ShiftSettings, shiftTraffic } from "./shift";
export { runSmokeTest, type SmokeCheck } from "./smoke";
export { runSwap, type SwapRequest, type SwapSettings } from "./swap";
