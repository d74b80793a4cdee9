import { z } from "zod";
import {
  choice,
  decimal,
  different,
  flag,
  group,
  list,
  notEmpty,
  table,
  text,
  urlPath,
  whole,
} from "../keys";

const INSTANCE_TYPE = /^[a-z0-9-]+\.[a-z0-9-]+$/;
const CONTAINER = {
  allowed: "lower-case letters, digits and hyphens, at most 20, beginning with a letter",
  example: "reports",
};
const CONTAINER_NAME = /^[a-z][a-z0-9-]{0,19}$/;
const words = (is: string, example: string[]) =>
  list(text(/^[^\0]*$/, { is: "A word.", allowed: "a text", example: example[0]! }), {
    is,
    allowed: "a list of texts",
    example,
  });

const port = group(
  "A port of the container.",
  {
    container: whole(1, 65_535, "Where the container listens.", 8080),
    host: whole(
      1024,
      65_534,
      "Where the host listens; the next port is taken too, for the next version. Without it only containers that depend on this one reach it.",
      18_080,
    ).optional(),
    route: group(
      "Requests that the environment's load balancer sends there.",
      {
        paths: list(urlPath("A pattern.", "/reports/*"), {
          is: "Patterns of paths.",
          allowed: "a list of paths, * for anything",
          example: ["/reports/*"],
        }).optional(),
        hosts: list(
          text(/^[a-z0-9*.-]+$/, { is: "A name.", allowed: "a host name", example: "reports.example.com" }),
          {
            is: "Names of hosts.",
            allowed: "a list of host names, * for anything",
            example: ["reports.example.com"],
          },
        ).optional(),
        priority: whole(1, 50_000, "Place among the rules; the lowest that matches wins.", 10),
        healthPath: urlPath("Answered with 200 when it can serve.", "/healthz"),
      },
      { paths: ["/reports/*"], priority: 10, healthPath: "/healthz" },
    ).optional(),
  },
  { container: 8080, host: 18_080 },
);

const volume = group(
  "A folder that the container sees.",
  {
    type: choice(
      ["host", "share", "disk"],
      "host: lost with the machine; share: of a store of retrofit:files that is a share or a mounted bucket, below its folder; disk: the host's data disk, which outlives the machine.",
      "disk",
    ),
    path: text(/^\/\S*$/, {
      is: "Folder on the host.",
      allowed: "an absolute path",
      example: "/srv/data/reports",
    }),
    mount: text(/^\/\S*$/, { is: "Folder in the container.", allowed: "an absolute path", example: "/data" }),
    readOnly: flag("Whether the container may only read it. Default false.", true).optional(),
  },
  { type: "disk", path: "/srv/data/reports", mount: "/data" },
);

const health = group(
  "How the host tells that it is healthy. Without it: it has run for five seconds.",
  {
    command: words("Run in the container; exit code 0 is healthy.", ["/bin/reports", "check"]),
    intervalSeconds: whole(1, 3600, "Seconds between checks. Default 5.", 5).optional(),
    timeoutSeconds: whole(1, 3600, "Seconds until a check counts as failed. Default 3.", 3).optional(),
    retries: whole(1, 100, "Failed checks in a row until it is unhealthy. Default 3.", 3).optional(),
    startSeconds: whole(0, 3600, "Seconds in which failures do not count. Default 0.", 30).optional(),
  },
  { command: ["/bin/reports", "check"] },
);

const container = group(
  "A container.",
  {
    name: text(CONTAINER_NAME, { is: "Name, by which `dependsOn` refers to it.", ...CONTAINER }),
    image: text(/^\S+$/, {
      is: "The image, by digest.",
      allowed: "registry/name@sha256:…",
      example: `registry.example.com/reports@sha256:${"0".repeat(64)}`,
    }).optional(),
    archive: text(/^(?![/~\\]|\w+:)\S.*$/, {
      is: "In place of `image`: what `docker save` wrote, for an image that is in no registry.",
      allowed: "a path relative to the project",
      example: "images/reports.tar",
    }).optional(),
    command: words("Replaces the image's command.", ["/bin/reports", "serve"]).optional(),
    memoryMb: whole(6, 786_432, "Most memory in MiB; above it the container is killed, alone.", 512),
    cpus: decimal(0.01, 192, "Most processor time, in cores.", 0.5),
    pids: whole(1, 100_000, "Most processes and threads. Default 256.", 256).optional(),
    ports: list(port, {
      is: "Ports.",
      allowed: "a list of ports",
      example: [{ container: 8080 }],
    }).optional(),
    environment: table(/^[A-Za-z_]\w*$/, z.string(), {
      is: "Plain settings; readable by whoever may read the declaration, so never secrets.",
      allowed: "names of variables and their values in quotes",
      example: { LOG_LEVEL: "info" },
    }).optional(),
    secrets: table(
      /^[A-Za-z_]\w*$/,
      group(
        "A value in Secrets Manager.",
        {
          arn: text(/^arn:[\w-]+:secretsmanager:\S+$/, {
            is: "The secret's ARN.",
            allowed: "the ARN of a secret",
            example: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:token-AbCdEf",
          }),
          key: text(/^\S+$/, {
            is: "Property of a secret that is JSON. Default: the whole text.",
            allowed: "a name",
            example: "token",
          }).optional(),
        },
        { arn: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:token-AbCdEf" },
      ),
      {
        is: "Variables that the host reads from Secrets Manager when it starts the container.",
        allowed: "names of variables and their secrets",
        example: { TOKEN: { arn: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:token-AbCdEf" } },
      },
    ).optional(),
    volumes: list(volume, {
      is: "Folders that it sees.",
      allowed: "a list of volumes",
      example: [{ type: "disk", path: "/srv/data/reports", mount: "/data" }],
    }).optional(),
    health: health.optional(),
    capabilities: list(
      text(/^[A-Z_]+$/, { is: "A capability.", allowed: "a Linux capability", example: "NET_BIND_SERVICE" }),
      {
        is: "Linux capabilities that it keeps. Default: none.",
        allowed: "a list of capabilities",
        example: ["NET_BIND_SERVICE"],
      },
    ).optional(),
    user: text(/^[\w-]+(:[\w-]+)?$/, {
      is: "User in the container. Default: the image's.",
      allowed: "user or user:group",
      example: "1000:1000",
    }).optional(),
    dependsOn: list(text(CONTAINER_NAME, { is: "A container.", ...CONTAINER }), {
      is: "Containers that must be healthy before it starts, and that it reaches by their names.",
      allowed: "a list of names of other containers",
      example: ["database"],
    }).optional(),
    stopSeconds: whole(0, 3600, "Seconds to finish after SIGTERM. Default 30.", 30).optional(),
    update: choice(
      ["beside", "stopFirst"],
      "beside: the new version takes over when it is healthy. stopFirst: never two at once, and a pause; the default for what writes to a disk.",
      "beside",
    ).optional(),
    restart: choice(
      ["always", "onFailure", "never"],
      "When it ends by itself: started again always, after a failure, or never until the host's next boot or update. Default always.",
      "onFailure",
    ).optional(),
    log: choice(
      ["journald", "local", "none"],
      "Where its output goes. journald: to the log store; local: on the host only, 100 MB at most; none: nowhere. Default journald.",
      "local",
    ).optional(),
    allow: list(
      choice(
        ["privileged", "hostNetwork", "dockerSocket", "mutableImage", "writableRoot"],
        "A word.",
        "writableRoot",
      ),
      { is: "What is refused otherwise.", allowed: "a list of different words", example: ["writableRoot"] },
      different,
    ).optional(),
    privileged: flag("Needs its word in `allow`. Default false.", true).optional(),
    hostNetwork: flag("Needs its word in `allow`. Default false.", true).optional(),
    writableRoot: flag("Needs its word in `allow`. Default false: /tmp can be written.", true).optional(),
  },
  { name: "reports", archive: "images/reports.tar", memoryMb: 512, cpus: 0.5 },
);

export const docker = group(
  "One or two large machines that run containers, in place of many small ones.",
  {
    hosts: whole(
      1,
      2,
      "Machines, each in a zone of its own and with every container; copies of each container with ecs. Default 1.",
      2,
    ).optional(),
    engine: choice(
      ["docker", "ecs"],
      "docker: one or two hosts; ecs: Amazon ECS, where they are outgrown. Default docker.",
      "ecs",
    ).optional(),
    instanceType: text(INSTANCE_TYPE, {
      is: "Type of the machines. May be left out with ecs, which then runs on Fargate.",
      allowed: "an EC2 instance type such as m6i.large",
      example: "m6i.large",
    }).optional(),
    size: group(
      "What the type has, where it is one that Retrofit does not know.",
      {
        cpus: whole(1, 896, "Cores.", 2),
        memoryMb: whole(256, 33_554_432, "Memory in MiB.", 8192),
      },
      { cpus: 2, memoryMb: 8192 },
    ).optional(),
    diskSizeGb: whole(
      1,
      16_384,
      "Data disk of each host in GiB, for volumes of type disk. Default: none.",
      50,
    ).optional(),
    diskBackupDays: whole(
      1,
      365,
      "Days that daily backups of the data disks are kept. Default 7, 35 where protected.",
      35,
    ).optional(),
    volumeSizeGb: whole(8, 16_384, "Root volume of each host in GiB. Default 30.", 30).optional(),
    image: text(/^ami-[0-9a-f]{8,17}$/, {
      is: "Machine image. Default: the newest Debian 12, kept from then on.",
      allowed: "the id of an image",
      example: "ami-0123456789abcdef0",
    }).optional(),
    containers: list(
      container,
      {
        is: "Containers of the hosts.",
        allowed: "a list with at least one container",
        example: [{ name: "reports", archive: "images/reports.tar", memoryMb: 512, cpus: 0.5 }],
      },
      notEmpty,
    ),
  },
  {
    instanceType: "m6i.large",
    containers: [{ name: "reports", archive: "images/reports.tar", memoryMb: 512, cpus: 0.5 }],
  },
);
