/**
 * Who may mount a share: members of the account whose role was granted it, through an access point, encrypted. EFS lets
 * everybody mount a file system without a policy; with this one, what no grant allows is refused.
 */
export function sharePolicy(fileSystemArn: string, accountId: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: "*",
        Resource: fileSystemArn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      {
        Sid: "AccessPointsOnly",
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
        Resource: fileSystemArn,
        Condition: { Null: { "elasticfilesystem:AccessPointArn": "true" } },
      },
      {
        Sid: "NobodyIsRoot",
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: "elasticfilesystem:ClientRootAccess",
        Resource: fileSystemArn,
      },
      {
        // An anonymous mount has no account. The right itself comes from the role's own policy as well.
        Sid: "OwnAccountThroughMountTargets",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${accountId}:root` },
        Action: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
        Resource: fileSystemArn,
        Condition: { Bool: { "elasticfilesystem:AccessedViaMountTarget": "true" } },
      },
    ],
  });
}
