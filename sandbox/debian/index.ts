export { DebianMachine, type MachineOptions } from "./machine";
export { ensureRepository } from "./repository";
export { type DebianRoot, debianRootProblem, ensureDebianRoot } from "./root";
