export {
  ArtifactError,
  type PackedArtifact,
  packArtifact,
  packArtifactSync,
} from "../components/artifact-store/pack";
