export { Database } from "./database";
export type { DatabaseArgs, ShardingArgs } from "./database-args";
export { SessionStore } from "./session-store";
export type { SessionStoreArgs } from "./session-store-args";
