export { portsOf } from "./balancer";
export { untilGreen } from "./replacement-gate";
export { makeSelfHostedStore } from "./store";
