import { networkFix } from "../formats";
import { checked, choice, different, flag, group, list, oneOf, text, whole } from "../keys";
import { release } from "./release";

const days = (is: string, example: number) => whole(1, 36_500, is, example).optional();

const store = group(
  "A home for files.",
  {
    name: text(/^[a-z][a-z0-9-]{0,20}$/, {
      is: "Name; it stands in tags and in the application's variables.",
      allowed: "lower-case letters, digits and hyphens, at most 21, beginning with a letter",
      example: "uploads",
    }),
    mode: choice(
      ["share", "bucket", "repository"],
      "share: a folder that machines mount. bucket: objects. repository: documents with versions and search.",
      "share",
    ),
    access: choice(["read", "readWrite"], "What the web machines may do with it.", "readWrite").default(
      "readWrite",
    ),
    folder: text(/^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._-]+)+$/, {
      is: "Where the web machines have it, of a share or a mounted bucket. Default: /srv/<name>.",
      allowed: "an absolute folder, without .. in it",
      example: "/srv/uploads",
    }).optional(),
    deletable: flag(
      "May be deleted with what is in it. Where protected: one update with true, then the destroy. Default: not protected.",
      true,
    ).optional(),
    backupDays: whole(
      1,
      365,
      "Days that daily backups are kept. Default 7, 35 where protected.",
      35,
    ).optional(),
    replicateTo: text(/^(none|[a-z]{2}(-[a-z]+)+-\d+)$/, {
      is: "Region that gets a copy. A bucket has to say it where protected. Cost: the storage there and the transfer.",
      allowed: "an AWS region such as eu-west-1, or none",
      example: "eu-west-1",
    }).optional(),
    throughput: choice(
      ["elastic", "bursting"],
      "Of a share. elastic follows the load and is paid per GB moved; bursting grows with what is stored.",
      "elastic",
    ).optional(),
    infrequentAfterDays: oneOf(
      [1, 7, 14, 30, 60, 90, 180, 270, 365],
      "Of a share: days without access until a file goes to the cheaper class. Default 30.",
      30,
    ).optional(),
    mount: choice(
      ["s3files", "mountpoint", "s3fs"],
      "Of a bucket: how machines have it as a folder. Each has limits; without it the application uses the API.",
      "s3fs",
    ).optional(),
    unencryptedWrites: choice(
      ["refused", "byDefault"],
      "Of a bucket: whether a write has to ask for encryption, or gets it by default.",
      "refused",
    ).optional(),
    objectLockDays: days("Of a bucket: days in which no version can be changed or deleted.", 365),
    archiveAfterDays: days("Of a bucket: days until objects go to an archive class.", 180),
    oldVersionsDays: days("Of a bucket: days until old versions go away. Default 90.", 30),
    inbox: group(
      "Of a bucket: files that arrive under incoming/ are told of in a queue, to be processed once each. {} takes all defaults.",
      {
        claimSeconds: whole(
          30,
          43_200,
          "Seconds that a worker has for a file; then another may take it. Default 300.",
          300,
        ).optional(),
        attempts: whole(1, 100, "Tries until a file goes to the dead letters. Default 5.", 5).optional(),
        archiveDays: days("Days that processed files are kept. Default 365.", 365),
        rejectedDays: days("Days that files which were given up are kept. Default 90.", 90),
      },
      { attempts: 5 },
    ).optional(),
    program: release("Of a repository: its program, as `retrofit files program` makes it.").optional(),
    certificateArn: text(/^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]+$/, {
      is: "Of a repository: certificate of its load balancer. Required where protected.",
      allowed: "the ARN of a certificate in ACM",
      example: "arn:aws:acm:eu-central-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef",
    }).optional(),
    clients: list(
      checked((cidr) => networkFix(cidr, 8), {
        is: "A network.",
        allowed: "an IPv4 network from /8 to /32",
        example: "192.168.50.0/24",
      }),
      {
        is: "Of a repository: networks beyond the VPN that may reach it.",
        allowed: "a list of networks, each once",
        example: ["192.168.50.0/24"],
      },
      different,
    ).optional(),
  },
  { name: "uploads", mode: "bucket" },
);

export const files = list(store, {
  is: "Homes for files, see `ArtifactStore`. Without this key there are none.",
  allowed: "a list of groups with name and mode",
  example: [{ name: "uploads", mode: "bucket" }],
});
