import type { BucketMount, MountSetting } from "./args";

/** What `mount.efs` is told: encrypted, by the role, through the access point; other files cannot be seen. */
export function shareMount(fileSystemId: string, accessPointId: string): MountSetting {
  return {
    type: "efs",
    source: `${fileSystemId}:/`,
    options: `tls,iam,accesspoint=${accessPointId},noresvport,nosuid,nodev,_netdev`,
  };
}

/** How a bucket is mounted; what each way cannot do is in the README. */
export function bucketMount(how: BucketMount, where: { bucket: string; fileSystem?: string }): MountSetting {
  switch (how) {
    case "s3fs":
      return { type: "s3", source: where.bucket };
    case "mountpoint":
      return { type: "mountpoint", source: `s3://${where.bucket}/` };
    case "s3files":
      return { type: "s3files", source: `${where.fileSystem}:/` };
  }
}
