/** What other parts of the project may use. Not index.ts: for Node the folder is the pack itself, by its package.json. */
export { WAITING } from "./adapter";
export { type Exception, exceptionFor } from "./exceptions";
export { kindOf } from "./kinds";
export { isStackRule, type Level, type Rule } from "./rule";
export { rules } from "./rules";
