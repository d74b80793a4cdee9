/** What a store may do with the bucket of its snapshots: nothing outside of its prefix. */
export function snapshotStatements(bucket: string, prefix: string) {
  return [
    {
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: `arn:aws:s3:::${bucket}`,
      Condition: { StringLike: { "s3:prefix": `${prefix}*` } },
    },
    {
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
      Resource: `arn:aws:s3:::${bucket}/${prefix}*`,
    },
  ];
}
