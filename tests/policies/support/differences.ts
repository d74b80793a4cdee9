/** Where Checkov and the pack do not say the same of the same resources, and why. */
export interface Difference {
  rule: string;
  /** Who finds something. */
  finds: "we" | "Checkov";
  /** Titles of the rule's examples, and mistakes of insecure programs. */
  where: readonly string[];
  because: string;
}

/** In the examples and in the insecure programs: rules, and the checks of Checkov that they answer. */
export const DIFFERENCES: readonly Difference[] = [
  {
    rule: "backups-out-of-reach",
    finds: "Checkov",
    where: [
      "locked",
      "no backups",
      "a static site's bucket that also keeps the exports",
      "a block of public access of which one switch was turned off",
    ],
    because:
      "CKV_AWS_144 asks every bucket for a copy in another region; we ask those of backups, and take a lock as well",
  },
  {
    rule: "bucket-lifecycle",
    finds: "we",
    where: ["former versions forgotten"],
    because:
      "Checkov asks for a rule that ends unfinished uploads; we also ask what becomes of former versions",
  },
  {
    rule: "bucket-tls-only",
    finds: "we",
    where: [
      "no policy",
      "a static site's bucket that also keeps the exports",
      "a block of public access of which one switch was turned off",
    ],
    because: "Checkov judges a policy that is there; a bucket without one answers plain HTTP too",
  },
  {
    rule: "bucket-without-acls",
    finds: "we",
    where: ["public"],
    because:
      "Checkov judges an ACL together with its bucket; the example names the bucket as one that exists",
  },
  {
    rule: "current-tls",
    finds: "Checkov",
    where: ["a load balancer that serves in the clear"],
    because: "HTTP is http-only-redirects' to find; here it is asked which TLS, where there is TLS",
  },
  {
    rule: "database-backups",
    finds: "we",
    where: [
      "none",
      "three days",
      "a database reached from home",
      "a database that is thrown away without a snapshot",
    ],
    because:
      "Checkov takes a period that is not given as the default, and is content with any; we ask for a week where it is prod-like",
  },
  {
    rule: "database-observed",
    finds: "Checkov",
    where: ["all"],
    because: "minor upgrades are on where nothing is said; CKV_AWS_226 wants it written",
  },
  {
    rule: "database-survives-zone",
    finds: "Checkov",
    where: ["a replica"],
    because: "a replica has nothing that its writer has not; CKV_AWS_157 asks it for a standby of its own",
  },
  {
    rule: "database-tls",
    finds: "we",
    where: ["not set", "switched off"],
    because:
      "Checkov looks at instances whose parameter group is beside them; we look at the parameter group",
  },
  {
    rule: "encrypted-volumes",
    finds: "we",
    where: [
      "an image's own root volume",
      "a mapping",
      "a database password in the URL of an environment file",
    ],
    because:
      "Checkov does not look into the mappings of launch templates, nor at a root volume that is left to the image",
  },
  {
    rule: "file-system-backups",
    finds: "we",
    where: ["none", "a share that everybody mounts as root"],
    because: "Checkov asks only where there is a backup selection; a file system that stands alone has none",
  },
  {
    rule: "instance-profile",
    finds: "we",
    where: ["a database password in the URL of an environment file"],
    because: "Checkov asks instances; we also ask launch templates, from which instances come",
  },
  {
    rule: "internet-reaches-only-web-ports",
    finds: "we",
    where: [
      "a database port",
      "hidden in a prefix list",
      "PostgreSQL open to the world in a rule of its own",
      "remote desktop over IPv6, which nobody thought of",
    ],
    because:
      "Checkov knows a list of ports that must be closed; we know the two that may be open, and look into prefix lists",
  },
  {
    rule: "keys-rotate-and-stay-apart",
    finds: "we",
    where: ["decrypts everything"],
    because: "Checkov looks at keys; we also look at policies that decrypt with every key",
  },
  {
    rule: "launch-templates",
    finds: "we",
    where: ["a launch configuration", "a launch configuration from an old book"],
    because: "CKV_AWS_315 looks at the Auto Scaling group; we also find the launch configuration itself",
  },
  {
    rule: "load-balancer-access-logs",
    finds: "Checkov",
    where: ["a network load balancer that passes on what it cannot read"],
    because: "AWS writes access logs of a network load balancer for listeners with TLS, and for no others",
  },
  {
    rule: "load-balancer-health",
    finds: "we",
    where: ["EC2's own check"],
    because: "Checkov looks where the target group is in the same program; the example names it by ARN",
  },
  {
    rule: "log-retention",
    finds: "Checkov",
    where: ["a year"],
    because: "CKV_AWS_158 asks for a key of one's own, which here is a parameter",
  },
  {
    rule: "no-remote-administration-from-internet",
    finds: "we",
    where: ["in two halves"],
    because: "half of the internet is no 0.0.0.0/0 to Checkov",
  },
  {
    rule: "no-secrets-in-user-data",
    finds: "we",
    where: [
      "a password",
      "an access key, in base64",
      "a database password in the URL of an environment file",
    ],
    because: "Checkov knows the forms of some keys; we also find passwords, and decode what is encoded",
  },
  {
    rule: "no-unrestricted-egress",
    finds: "we",
    where: ["a rule of its own"],
    because: "Checkov looks at rules inside of security groups",
  },
  {
    rule: "no-users",
    finds: "we",
    where: ["a key"],
    because: "CKV_AWS_348 looks for keys of root; every key is one too many",
  },
  {
    rule: "no-wildcard-policies",
    finds: "we",
    where: ["a whole service", "everything but IAM, which is enough to become an administrator"],
    because: "Checkov finds *:*; we also find everything of one service, and everything but a few actions",
  },
  {
    rule: "required-tags",
    finds: "we",
    where: ["none", "not handed on"],
    because: "CKV_AWS_153 asks a group for any tag; which ones are required is the organisation's to say",
  },
  {
    rule: "required-tags",
    finds: "Checkov",
    where: [
      "a fleet on the latest version of its template",
      "a fleet in one zone, without a ceiling worth the name",
    ],
    because: "nothing is required where the organisation names no tag",
  },
  {
    rule: "roles-trust-whom-they-name",
    finds: "Checkov",
    where: ["everybody of one's organisation"],
    because: "CKV_AWS_60 finds every star; a condition may say whose",
  },
  {
    rule: "search-access-control",
    finds: "we",
    where: ["open to all"],
    because: "Checkov looks at domains; we also look at a policy that is a resource of its own",
  },
  {
    rule: "search-logs",
    finds: "Checkov",
    where: ["both"],
    because: "CKV_AWS_317 looks at the first log that is published",
  },
];

const PROTECTED = ["preprod", "prod"];
const WITH_CARE = ["integration", "perf", ...PROTECTED];
const TO_REBUILD = ["dev", "test", "uat"];
const EVERYWHERE = [...TO_REBUILD, ...WITH_CARE];

/** In the project's own environments, of which the pack finds nothing. */
export const IN_ENVIRONMENTS: readonly {
  ids: readonly string[];
  where: readonly string[];
  because: string;
}[] = [
  {
    ids: ["CKV_AWS_2", "CKV2_AWS_20", "CKV_AWS_103"],
    where: EVERYWHERE,
    because:
      "the sample has no certificate; http-only-redirects is for protected environments, and off in them until there is one",
  },
  {
    ids: ["CKV_AWS_378"],
    where: EVERYWHERE,
    because: "targets-over-tls is off where nothing is said: machines speak plain HTTP inside the network",
  },
  {
    ids: ["CKV2_AWS_28"],
    where: EVERYWHERE,
    because:
      "a firewall is paid by the month, so these environments have turned web-application-firewall off",
  },
  {
    ids: ["CKV_AWS_260"],
    where: EVERYWHERE,
    because: "port 80 of the load balancer is open to the world on purpose",
  },
  {
    ids: ["CKV_AWS_231"],
    where: EVERYWHERE,
    because:
      "network ACLs know no connections, so answers must come in on every high port; security groups close 3389",
  },
  {
    ids: ["CKV_AWS_158", "CKV_AWS_338"],
    where: EVERYWHERE,
    because:
      "how long logs are kept goes by the size, 90 days at the most; with a key of one's own where it is asked for",
  },
  {
    ids: ["CKV_AWS_144", "CKV2_AWS_62"],
    where: EVERYWHERE,
    because:
      "backups have copies elsewhere, where they are configured; what is in the other buckets can be made again",
  },
  {
    ids: ["CKV_AWS_18"],
    where: [...TO_REBUILD, ...PROTECTED],
    because: "bucket-access-logs is off where nothing is said; a bucket of logs does not log itself",
  },
  {
    ids: ["CKV_AWS_145"],
    where: WITH_CARE,
    because: "access logs can be delivered to buckets with S3's own key only",
  },
  {
    ids: ["CKV_AWS_21"],
    where: PROTECTED,
    because:
      "the load balancer's access logs are written once and expire: their environments have an exception",
  },
  {
    ids: ["CKV_AWS_91", "CKV_AWS_150"],
    where: EVERYWHERE.filter((name) => !PROTECTED.includes(name)),
    because: "access logs and deletion protection are for protected environments; the others are rebuilt",
  },
];
