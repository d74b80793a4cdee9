export type {
  AccessPointArgs,
  ArtifactStoreArgs,
  BucketMount,
  BucketStoreArgs,
  CommonStoreArgs,
  MountSetting,
  RepositoryArgs,
  ShareArgs,
  ShareThroughput,
  StoredArtifact,
  StoreMode,
} from "./args";
export { ArtifactStore } from "./artifact-store";
export type { InboxArgs } from "./inbox";
export { INBOX_PREFIXES } from "./inbox-prefixes";
export type { InboxQueue } from "./inbox-queue";
export {
  type InboxFile,
  type InboxWorkerOptions,
  readReceipts,
  sendToInbox,
  workInbox,
} from "./inbox-worker";
