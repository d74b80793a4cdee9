import { LOOSENING_WORDS } from "../../../components/network/vpn/tunnel-options";
import { networkFix } from "../formats";
import { checked, choice, different, flag, group, list, oneOf, text, whole } from "../keys";

const NAME = /^[a-z][a-z0-9-]{0,30}$/;
const NAME_ALLOWED = "lower-case letters, digits and hyphens, at most 31, beginning with a letter";

const named = group(
  "A network beyond the tunnels.",
  {
    name: text(NAME, {
      is: "Name, by which `allow` refers to it.",
      allowed: NAME_ALLOWED,
      example: "legacy",
    }),
    cidr: checked((cidr) => networkFix(cidr, 8), {
      is: "Its addresses.",
      allowed: "an IPv4 network from /8 to /32",
      example: "192.168.50.0/24",
    }),
  },
  { name: "legacy", cidr: "192.168.50.0/24" },
);
const NETWORKS_EXAMPLE = [{ name: "legacy", cidr: "192.168.50.0/24" }];

const phase = (is: string, longest: number) =>
  group(
    is,
    {
      encryption: list(
        choice(["AES256-GCM-16", "AES256", "AES128-GCM-16", "AES128"], "An algorithm.", "AES256-GCM-16"),
        {
          is: "Encryption algorithms.",
          allowed: "a list of different algorithms",
          example: ["AES256-GCM-16"],
        },
        different,
      ).optional(),
      integrity: list(
        choice(["SHA2-512", "SHA2-384", "SHA2-256", "SHA1"], "An algorithm.", "SHA2-384"),
        { is: "Integrity algorithms.", allowed: "a list of different algorithms", example: ["SHA2-384"] },
        different,
      ).optional(),
      groups: list(
        oneOf([2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24], "A group.", 20),
        { is: "Diffie-Hellman groups.", allowed: "a list of different groups", example: [19, 20, 21] },
        different,
      ).optional(),
      lifetimeSeconds: whole(900, longest, "Seconds after which new keys are made.", 1800).optional(),
    },
    { groups: [20] },
  );

const tunnels = group(
  "Options of both tunnels, where the hardened ones do not fit. What is weaker needs its word in `loosen`.",
  {
    ikeVersions: list(
      choice(["ikev1", "ikev2"], "A version.", "ikev2"),
      { is: "IKE versions.", allowed: "a list of different versions", example: ["ikev2"] },
      different,
    ).optional(),
    phase1: phase("The exchange of keys.", 28_800).optional(),
    phase2: phase("The traffic.", 3600).optional(),
    dpdTimeoutSeconds: whole(
      30,
      3600,
      "Seconds without an answer after which a peer counts as gone.",
      30,
    ).optional(),
    startupAction: choice(
      ["start", "add"],
      "Whether AWS begins, too, or the device alone.",
      "start",
    ).optional(),
    lifecycleControl: flag("AWS asks before it replaces an end of a tunnel.", true).optional(),
  },
  { dpdTimeoutSeconds: 30 },
);

const peer = group(
  "A place that is joined to the environment.",
  {
    name: text(NAME, { is: "Name, different for each peer.", allowed: NAME_ALLOWED, example: "office" }),
    address: text(/^\S+$/, {
      is: "Public address of its device.",
      allowed: "a public IPv4 address",
      example: "198.51.100.2",
    }).optional(),
    certificateArn: text(/^arn:aws[a-z-]*:acm:\S+$/, {
      is: "Certificate by which a device whose address changes proves itself.",
      allowed: "the ARN of a private certificate in ACM",
      example: "arn:aws:acm:eu-central-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef",
    }).optional(),
    networks: list(named, {
      is: "Its networks. Needed unless routes are exchanged by BGP, and for `allow`.",
      allowed: "a list of names and networks",
      example: NETWORKS_EXAMPLE,
    }).optional(),
    asn: whole(
      1,
      4_294_967_294,
      "Its number in BGP. With it routes are exchanged, without it they are static.",
      65_010,
    ).optional(),
    presharedKeys: text(/^(service|secretsManager|arn:aws[a-z-]*:secretsmanager:\S+)$/, {
      is: "Where the keys come from: made by AWS, made and kept in Secrets Manager, or a secret of yours with the JSON text {tunnel1, tunnel2}. Never the keys themselves.",
      allowed: "service, secretsManager or the ARN of a secret",
      example: "service",
    }).optional(),
    loosen: list(
      choice(
        LOOSENING_WORDS as [(typeof LOOSENING_WORDS)[number], ...typeof LOOSENING_WORDS],
        "What is given up.",
        "group14",
      ),
      {
        is: "What is given up for an old device.",
        allowed: `a list of ${LOOSENING_WORDS.join(", ")}`,
        example: ["group14"],
      },
      different,
    ).optional(),
    tunnels: tunnels.optional(),
    insideCidrs: list(
      text(/^\S+$/, { is: "A block.", allowed: "a /30 block in 169.254.0.0/16", example: "169.254.20.0/30" }),
      {
        is: "Inside addresses of the two tunnels; changing them later replaces the connection.",
        allowed: "two /30 blocks in 169.254.0.0/16",
        example: ["169.254.20.0/30", "169.254.21.0/30"],
      },
      (blocks) => blocks.length === 2,
    ).optional(),
  },
  { name: "office", address: "198.51.100.2", networks: NETWORKS_EXAMPLE },
);

const routeTable = (is: string) =>
  text(/^tgw-rtb-[0-9a-f]+$/, {
    is,
    allowed: "tgw-rtb- and hexadecimal digits",
    example: "tgw-rtb-0123456789abcdef0",
  });

export const vpn = group(
  "The tunnels that join the environment to the office. Left out, there are none.",
  {
    gateway: choice(
      ["vgw", "tgw"],
      "What the tunnels end in: a gateway of this environment, or a hub of several.",
      "vgw",
    ).default("vgw"),
    peers: list(peer, {
      is: "The places that are joined. May be left out where `hub` is that of another environment.",
      allowed: "a list of peers",
      example: [{ name: "office", address: "198.51.100.2", networks: NETWORKS_EXAMPLE }],
    }).default([]),
    hub: group(
      "The hub of another environment: its output `vpn.hub`.",
      {
        transitGatewayId: text(/^tgw-[0-9a-f]+$/, {
          is: "The transit gateway.",
          allowed: "tgw- and hexadecimal digits",
          example: "tgw-0123456789abcdef0",
        }),
        environmentsTableId: routeTable("Its route table of the environments."),
        peersTableId: routeTable("Its route table of the peers."),
      },
      {
        transitGatewayId: "tgw-0123456789abcdef0",
        environmentsTableId: "tgw-rtb-0123456789abcdef0",
        peersTableId: "tgw-rtb-0123456789abcdef1",
      },
    ).optional(),
    hubNetworks: list(named, {
      is: "Networks that the hub's peers have.",
      allowed: "a list of names and networks",
      example: NETWORKS_EXAMPLE,
    }).optional(),
    amazonAsn: whole(64_512, 4_294_967_294, "AWS's number in BGP, a private one.", 64_512).optional(),
    accelerated: flag(
      "Into AWS's network at the edge nearest to the peer; only with tgw. Costs by the hour.",
      true,
    ).optional(),
    allow: list(
      group(
        "An opening for a network beyond the tunnels.",
        {
          from: text(NAME, {
            is: "Name of the network.",
            allowed: "the name of a network above",
            example: "legacy",
          }),
          to: choice(["machines"], "What is reached.", "machines"),
          ports: list(
            whole(1, 65_535, "A port.", 8080),
            { is: "The ports.", allowed: "a list of at least one port, each once", example: [8080] },
            (ports) => ports.length > 0 && different(ports),
          ),
          protocol: choice(["tcp", "udp"], "The protocol.", "tcp").default("tcp"),
        },
        { from: "legacy", to: "machines", ports: [8080] },
      ),
      {
        is: "What those networks may reach. Nothing else.",
        allowed: "a list of openings",
        example: [{ from: "legacy", to: "machines", ports: [8080] }],
      },
    ).default([]),
    alarmTopics: list(
      text(/^arn:aws[a-z-]*:sns:\S+$/, {
        is: "A topic.",
        allowed: "the ARN of an SNS topic",
        example: "arn:aws:sns:eu-central-1:123456789012:on-call",
      }),
      {
        is: "SNS topics that are told when a tunnel is down.",
        allowed: "a list of different ARNs",
        example: ["arn:aws:sns:eu-central-1:123456789012:on-call"],
      },
      different,
    ).default([]),
    logRetentionDays: oneOf(
      [
        0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
        3653,
      ],
      "Days that the tunnels' logs are kept; 0 turns them off.",
      90,
    ).default(90),
    dashboard: flag("A CloudWatch dashboard with a row for each peer.", true).default(true),
  },
  { peers: [{ name: "office", address: "198.51.100.2", networks: NETWORKS_EXAMPLE }] },
);
