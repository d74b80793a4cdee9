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
export { INBOX_PREFIXES, type InboxArgs } from "./inbox";
export { type InboxFile, type InboxWorkerOptions, workInbox } from "./inbox-worker";
