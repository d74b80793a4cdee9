/** What a store's bucket turns away, whatever else is allowed. Each statement is a refusal; nobody is let in by it. */
export interface BucketRules {
  readonly bucketArn: string;
  readonly accountId: string;
  readonly keyArn: string;
  /** Writes that do not ask for encryption are refused too, not encrypted by default. */
  readonly encryptionHeader: boolean;
  /** Machines' credentials work through this endpoint only. */
  readonly vpcEndpointId?: string;
}

const HEADER = "s3:x-amz-server-side-encryption";

export function bucketPolicy(rules: BucketRules): string {
  const objects = `${rules.bucketArn}/*`;
  const all = [rules.bucketArn, objects];
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      tlsOnly(all),
      deny("OldTls", "s3:*", all, { NumericLessThan: { "s3:TlsVersion": "1.2" } }),
      deny("OwnAccountOnly", "s3:*", all, {
        StringNotEquals: { "aws:PrincipalAccount": rules.accountId },
        // AWS's own services write logs and replicas.
        Bool: { "aws:PrincipalIsAWSService": "false" },
      }),
      deny("OtherEncryption", "s3:PutObject", [objects], {
        StringNotEqualsIfExists: { [HEADER]: "aws:kms" },
        Null: { [HEADER]: "false" },
      }),
      deny("OtherKey", "s3:PutObject", [objects], {
        StringNotEqualsIfExists: { [`${HEADER}-aws-kms-key-id`]: rules.keyArn },
        Null: { [`${HEADER}-aws-kms-key-id`]: "false" },
      }),
      ...(rules.encryptionHeader
        ? [deny("EncryptionNotAskedFor", "s3:PutObject", [objects], { Null: { [HEADER]: "true" } })]
        : []),
      ...(rules.vpcEndpointId
        ? [
            deny("MachinesThroughTheEndpoint", "s3:*", all, {
              StringNotEquals: { "aws:SourceVpce": rules.vpcEndpointId },
              // Present in requests signed with a machine's credentials, and in no other.
              Null: { "ec2:SourceInstanceARN": "false" },
            }),
          ]
        : []),
    ],
  });
}

/** What the copy of a bucket turns away: S3 writes it, and whoever reads it comes by TLS. */
export function copyPolicy(bucketArn: string): string {
  const all = [bucketArn, `${bucketArn}/*`];
  return JSON.stringify({ Version: "2012-10-17", Statement: [tlsOnly(all)] });
}

/** What a bucket that AWS itself writes logs into takes, from that bucket only. */
export function logBucketPolicy(logs: string, source: string, accountId: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      tlsOnly([logs, `${logs}/*`]),
      {
        Sid: "AccessLogs",
        Effect: "Allow",
        Principal: { Service: "logging.s3.amazonaws.com" },
        Action: "s3:PutObject",
        Resource: `${logs}/*`,
        Condition: { ArnLike: { "aws:SourceArn": source }, StringEquals: { "aws:SourceAccount": accountId } },
      },
    ],
  });
}

const tlsOnly = (resources: string[]) =>
  deny("TlsOnly", "s3:*", resources, { Bool: { "aws:SecureTransport": "false" } });

function deny(Sid: string, Action: string, Resource: string[], Condition: Record<string, object>) {
  return { Sid, Effect: "Deny", Principal: "*", Action, Resource, Condition };
}
