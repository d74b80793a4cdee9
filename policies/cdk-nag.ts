/** Where the list is from; to be gone through again when it is renewed. */
export const CDK_NAG_SOURCE = "cdk-nag 3.0.2 of 2026-08-05 (npm, lib/packs/aws-solutions.js)";

/** Numbers of the rules by service, of the services that the pack has rules for, and of those that Retrofit builds with. */
const NUMBERS: Record<string, readonly number[]> = {
  AEC: [1, 3, 4, 5, 6],
  AS: [1, 2, 3],
  EC2: [3, 6, 7, 8, 9],
  ECR: [1],
  ECS: [2, 4, 7],
  EFS: [1],
  ELB: [1, 2, 3, 4, 5],
  IAM: [4, 5],
  KMS: [5],
  L: [1],
  OS: [1, 2, 3, 4, 5, 7, 8, 9],
  RDS: [2, 3, 6, 8, 10, 11, 13, 14, 16],
  S: [1, 2, 5, 10],
  SMG: [4],
  SNS: [3],
  SQS: [2, 3, 4],
  VPC: [3, 7],
};

/** Its pack AwsSolutions. */
export const CDK_NAG_IDS: readonly string[] = Object.entries(NUMBERS).flatMap(([service, numbers]) =>
  numbers.map((number) => `AwsSolutions-${service}${number}`),
);
