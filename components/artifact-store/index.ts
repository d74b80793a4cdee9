export { ArtifactStore, type ArtifactStoreArgs, type StoredArtifact } from "./artifact-store";
