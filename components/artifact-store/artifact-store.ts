import type { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import type { Bucket } from "@pulumi/aws/s3/bucket";
import { BucketObjectv2 } from "@pulumi/aws/s3/bucketObjectv2";
import * as pulumi from "@pulumi/pulumi";
import type { ArtifactStoreArgs, BucketStoreArgs, MountSetting, StoredArtifact, StoreMode } from "./args";
import { makeBucket } from "./bucket";
import { checkStore } from "./checks";
import { isDeletable } from "./deletable";
import { storeKey } from "./encryption";
import { type Access, type GrantedRole, grant, grantShare, objectStatements } from "./grants";
import { type Inbox, makeInbox } from "./inbox";
import { inboxSettings } from "./inbox-prefixes";
import { bucketMount, shareMount } from "./mounts";
import { makeRepository, type Repository } from "./repository";
import { makeS3Files, type S3Files } from "./s3-files";
import { makeShare, type Share } from "./share";

/**
 * A home for files: a share that machines mount, a bucket, or a content repository. Encrypted with a key of its own, reached
 * over TLS only, private, backed up and watched, whichever it is. Release artifacts live in one of the second kind.
 *
 * @throws ResourceError listing everything wrong with the arguments.
 * @example
 * const uploads = new ArtifactStore("uploads", { mode: "bucket", inbox: {} });
 * uploads.grantReadWrite("web", role);
 */
export class ArtifactStore extends pulumi.ComponentResource {
  public readonly mode: StoreMode;
  public readonly keyArn: pulumi.Output<string>;
  /** Whether it may be deleted with what is in it. */
  public readonly deletable: boolean;
  /** The file system of a share. */
  public readonly fileSystemId?: pulumi.Output<string>;
  /** The access points of a share, by name. */
  public readonly accessPointIds?: Readonly<Record<string, pulumi.Output<string>>>;
  /** Address of a repository. */
  public readonly url?: pulumi.Output<string>;
  /** Queue of a bucket's inbox, and of what could not be processed; what its workers have to be told. */
  public readonly inbox?: {
    readonly queueUrl: pulumi.Output<string>;
    readonly deadLetterUrl: pulumi.Output<string>;
    readonly claimSeconds: number;
    readonly attempts: number;
  };

  private readonly bucket?: Bucket;
  private readonly settled: readonly pulumi.Resource[] = [];
  private readonly share?: Share;
  private readonly repository?: Repository;
  private readonly s3Files?: S3Files;
  private readonly queues?: Inbox;

  constructor(
    private readonly storeName: string,
    private readonly args: ArtifactStoreArgs = {},
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("retrofit:artifact-store:ArtifactStore", storeName, {}, opts);
    checkStore(storeName, args).throwIfAny(this);
    this.mode = args.mode ?? "bucket";
    this.deletable = isDeletable(args);
    this.keyArn = storeKey(storeName, args, this);
    switch (args.mode) {
      case "share":
        this.share = makeShare(storeName, args, this.keyArn, this);
        this.fileSystemId = this.share.fileSystem.id;
        this.accessPointIds = this.share.accessPoints;
        break;
      case "repository":
        this.repository = makeRepository(storeName, args, this.keyArn, this);
        this.url = this.repository.url;
        break;
      default: {
        const made = makeBucket(storeName, args, this.keyArn, this);
        this.bucket = made.bucket;
        this.settled = made.settled;
        const { inbox, mount, network } = args;
        if (inbox) {
          this.queues = makeInbox(storeName, { ...args, inbox }, this.bucket, this.keyArn, this);
          const { queue, deadLetters } = this.queues;
          const { claimSeconds, attempts } = inboxSettings(inbox);
          this.inbox = { queueUrl: queue.url, deadLetterUrl: deadLetters.url, claimSeconds, attempts };
        }
        if (mount === "s3files" && network) {
          const over = { bucket: this.bucket, keyArn: this.keyArn };
          this.s3Files = makeS3Files(storeName, { ...args, network }, over, this);
        }
      }
    }
    this.registerOutputs({
      keyArn: this.keyArn,
      bucketName: this.bucket?.id,
      bucketArn: this.bucket?.arn,
      fileSystemId: this.fileSystemId,
      accessPointIds: this.accessPointIds,
      url: this.url,
      inbox: this.inbox,
    });
  }

  /** Name of the bucket; an error for a store of another mode. */
  get bucketName(): pulumi.Output<string> {
    return this.only(this.bucket, "bucket").id;
  }

  get bucketArn(): pulumi.Output<string> {
    return this.only(this.bucket, "bucket").arn;
  }

  /** Uploads a packed artifact as part of the update. Its name holds its sum, so other content is another object. */
  upload(name: string, artifact: { key: string; file: string; sha256: string }): StoredArtifact {
    const object = new BucketObjectv2(
      `${this.storeName}-${name}`,
      {
        bucket: this.bucketName,
        key: artifact.key,
        source: new pulumi.asset.FileAsset(artifact.file),
        contentType: "application/gzip",
        serverSideEncryption: "aws:kms",
        kmsKeyId: this.keyArn,
        // S3 takes nothing into a bucket with a lock that has no checksum.
        checksumAlgorithm: "SHA256",
        // Where objects are locked, the lock has to be lifted before one can go.
        forceDestroy: this.deletable,
      },
      {
        parent: this,
        dependsOn: [...this.settled],
        retainOnDelete: !this.deletable,
        // The bucket's own lock appears on each object in it.
        ignoreChanges: ["objectLockMode", "objectLockRetainUntilDate"],
      },
    );
    return { bucket: this.bucketName, key: object.key, sha256: artifact.sha256 };
  }

  /**
   * Lets a role read. `name` names the role and is part of the grant's name. In a bucket `prefix` limits it to keys that
   * begin so; a share is limited by its access points.
   */
  grantRead(name: string, role: GrantedRole, prefix = ""): RolePolicy {
    return this.grant("read", `${this.storeName}-${name}-read`, role, prefix);
  }

  /** Lets a role read, write and delete; of an inbox also claim what arrives. */
  grantReadWrite(name: string, role: GrantedRole, prefix = ""): RolePolicy {
    return this.grant("readWrite", `${this.storeName}-${name}-write`, role, prefix);
  }

  /** Lets the members of a security group reach a share or a repository. A bucket needs no such thing. */
  allowFrom(who: string, securityGroupId: pulumi.Input<string>): void {
    const doors = this.share?.doors ?? this.repository?.doors ?? this.s3Files?.doors;
    doors?.open(who, securityGroupId);
  }

  /**
   * What `profile::mounts` of a machine's role is given to have the store at `folder`; `accessPoint` picks one of a share's
   * (default: the first). Empty for what is used by API.
   */
  mounts(folder: string, accessPoint?: string): pulumi.Output<Record<string, MountSetting>> {
    if (this.share) {
      const id = this.share.accessPoints[accessPoint ?? Object.keys(this.share.accessPoints)[0]!];
      if (!id) {
        const allowed = Object.keys(this.share.accessPoints).join(", ");
        throw new pulumi.ResourceError(
          `ArtifactStore "${this.storeName}" has no access point "${accessPoint}"; there are: ${allowed}`,
          this,
          true,
        );
      }
      return pulumi
        .all([this.share.fileSystem.id, id])
        .apply(([fileSystem, point]) => ({ [folder]: shareMount(fileSystem, point) }));
    }
    const { mount: how, objectLock } = this.args as BucketStoreArgs;
    if (!this.bucket || !how) return pulumi.output<Record<string, MountSetting>>({});
    return pulumi
      .all([this.bucket.id, this.keyArn, this.s3Files?.id ?? ""])
      .apply(([bucket, keyArn, fileSystem]) => ({
        [folder]: bucketMount(how, { bucket, keyArn, fileSystem, locked: objectLock !== undefined }),
      }));
  }

  /** Security group of a repository's machine; undefined for what has no machine. */
  get machineSecurityGroupId(): pulumi.Output<string> | undefined {
    return this.repository?.machineSecurityGroupId;
  }

  /** Secret with the login of those who only read a repository, or of those who write. */
  loginSecretArn(access: Access): pulumi.Output<string> {
    const { users } = this.only(this.repository, "repository");
    return (access === "read" ? users.reader : users.writer).secretArn;
  }

  private grant(access: Access, child: string, role: GrantedRole, prefix: string): RolePolicy {
    if (this.share) return grantShare(child, this.share, role, access, this);
    if (this.repository) {
      const secret = this.loginSecretArn(access);
      const statements = secret.apply((Resource) => [
        { Action: ["secretsmanager:GetSecretValue"], Resource },
      ]);
      return grant(child, role, statements, this);
    }
    const claim = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"];
    const { queue: waiting, deadLetters: dead } = this.queues ?? {};
    const mount = access === "read" ? ["ClientMount"] : ["ClientMount", "ClientWrite"];
    const statements = pulumi
      .all([this.bucketArn, this.s3Files?.arn ?? "", waiting?.arn ?? "", dead?.arn ?? ""])
      .apply(([bucket, fileSystem, queue, deadLetters]) => [
        ...objectStatements(bucket, access, prefix),
        ...(queue && access === "readWrite"
          ? [
              { Action: claim, Resource: queue },
              { Action: ["sqs:SendMessage"], Resource: deadLetters },
            ]
          : []),
        ...(fileSystem ? [{ Action: mount.map((right) => `s3files:${right}`), Resource: fileSystem }] : []),
      ]);
    return grant(child, role, statements, this);
  }

  private only<T>(made: T | undefined, mode: StoreMode): T {
    if (made !== undefined) return made;
    throw new pulumi.ResourceError(
      `ArtifactStore "${this.storeName}" is a ${this.mode}, and this is for a ${mode}. Make a store with mode: "${mode}" for it.`,
      this,
      true,
    );
  }
}
