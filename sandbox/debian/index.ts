export { archiveOf } from "./archive";
export { DebianMachine, type KeptLayer, type MachineOptions } from "./machine";
export { ensureRepository } from "./repository";
export { type DebianRoot, debianRootProblem, ensureDebianRoot, findDebianRoot, rootSources } from "./root";
