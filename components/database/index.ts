export { Database } from "./database";
export type { DatabaseArgs, ShardingArgs } from "./database-args";
