import type { BucketMount, MountSetting } from "./args";

/** What `mount.efs` is told: encrypted, by the role, through the access point; other files cannot be seen. */
export function shareMount(fileSystemId: string, accessPointId: string): MountSetting {
  return {
    type: "efs",
    source: `${fileSystemId}:/`,
    options: `tls,iam,accesspoint=${accessPointId},noresvport,nosuid,nodev,_netdev`,
  };
}

export interface MountedBucket {
  readonly bucket: string;
  readonly keyArn: string;
  /** S3 takes nothing into a bucket with a lock that has no checksum. */
  readonly locked: boolean;
  /** Of `s3files`. */
  readonly fileSystem?: string;
}

/** How a bucket is mounted; what each way cannot do is in the README. */
export function bucketMount(how: BucketMount, where: MountedBucket): MountSetting {
  switch (how) {
    case "s3fs":
      return { type: "s3", source: where.bucket, options: s3fsOptions(where) };
    case "mountpoint":
      return { type: "mountpoint", source: `s3://${where.bucket}/`, options: mountpointOptions(where) };
    case "s3files":
      return { type: "s3files", source: `${where.fileSystem}:/` };
  }
}

/** By the machine's role, with the store's key, for whoever is on the machine. */
function s3fsOptions({ keyArn, locked }: MountedBucket): string {
  const checksum = locked ? ",enable_content_md5" : "";
  return `iam_role=auto,use_path_request_style,use_sse=kmsid:${keyArn}${checksum},allow_other,nosuid,nodev,_netdev`;
}

function mountpointOptions({ keyArn }: MountedBucket): string {
  return `sse=aws:kms,sse-kms-key-id=${keyArn},allow-other,allow-overwrite,allow-delete,nosuid,nodev,_netdev`;
}
