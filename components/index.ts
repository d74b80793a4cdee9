/** The library: components for an environment on AWS. */
export * from "./artifact-store";
export * from "./budget";
export * from "./database";
export * from "./docker-host";
export * from "./elk-stack";
export * from "./links";
export * from "./machine";
export * from "./network";
export type { Transform } from "./shared/transform";
export * from "./web-tier";
