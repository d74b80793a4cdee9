/** What a CI needs in AWS, for programs of one's own; `pulumi up --cwd stacks/ci` is one. */
export { CiAccess, type CiAccessArgs, type CiEnvironment } from "./access";
export { Jenkins, type JenkinsArgs } from "./jenkins";
export type { StateLocation } from "./permissions";
export type { CiTrust } from "./trust";
