/** Rules that look at two keys at once, or at what is around the file. Each is one function. */
import { maxZones } from "../../components/network/address-plan";
import { parseCidr } from "../../components/network/cidr";
import { DATABASE_RULES } from "./database-checks";
import { dockerRule } from "./docker-checks";
import { ENVIRONMENT_RULES } from "./environment-checks";
import { gotText } from "./errors";
import { FILES_RULES } from "./files-checks";
import { LINK_RULES } from "./link-checks";
import { LOGS_RULES } from "./logs-checks";
import type { EnvironmentConfig, ReleaseConfig } from "./types";
import { vpnFindings } from "./vpn-checks";
import type { SettingsPath } from "./walk";

/** What a rule may ask beside the configuration itself. */
export interface Surroundings {
  /** What a path relative to the project leads to. */
  look(path: string): "folder" | "archive" | "other" | "missing";
  /** The absolute path of one that is relative to the project. */
  absolute(path: string): string;
  /** Whether the file says so itself, rather than leaving it to the default. */
  isWritten(path: SettingsPath): boolean;
  /** Networks of the other environments beside this one, by name. */
  siblings(): Record<string, string>;
  /** Streams of logs of other environments that share a store, and whose each is. */
  siblingStreams(): Record<string, string>;
}

export interface Finding {
  path: SettingsPath;
  /** Other keys it rests on: when one of them is wrong, the finding may be, too. */
  uses: SettingsPath[];
  got: string;
  allowed: string;
  fix: string;
}

export type Rule = (config: EnvironmentConfig, around: Surroundings) => Finding[];

export function crossCheck(config: EnvironmentConfig, around: Surroundings): Finding[] {
  return RULES.flatMap((rule) => rule(config, around));
}

const when = (wrong: boolean, finding: Finding): Finding[] => (wrong ? [finding] : []);

const SIZE: SettingsPath = ["size"];

const minNotAboveMax: Rule = ({ web, size }, { isWritten }) => {
  const maxWritten = isWritten(["web", "max"]);
  const note = (key: "min" | "max") => `${web[key]}${isWritten(["web", key]) ? "" : ` (default of ${size})`}`;
  return when(web.min > web.max, {
    path: ["web", maxWritten ? "max" : "min"],
    uses: [["web", "min"], ["web", "max"], SIZE],
    got: `got min ${note("min")} and max ${note("max")}`,
    allowed: "min no larger than max",
    fix: `Set max to ${web.min} or more, or min to ${web.max} or less.`,
  });
};

const protectedSurvivesOneLoss: Rule = ({ protected: isProtected, web, size }, { isWritten }) =>
  when(isProtected && web.min < 2, {
    path: isWritten(["web", "min"]) ? ["web", "min"] : ["protected"],
    uses: [["web", "min"], ["protected"], SIZE],
    got: `got min ${web.min}${isWritten(["web", "min"]) ? "" : ` (default of ${size})`} in a protected environment`,
    allowed: "web.min of 2 or more where protected, so that one machine may fail",
    fix: "Set min: 2 in retrofit:web, or write retrofit:protected: false.",
  });

const zonesFitNetwork: Rule = ({ network }) => {
  const room = maxZones(parseCidr(network.cidr)?.prefix ?? 16);
  return when(network.zones > room, {
    path: ["network", "zones"],
    uses: [["network", "cidr"], ["network", "zones"], SIZE],
    got: gotText(network.zones),
    allowed: `2 to ${room} zones in ${network.cidr}`,
    fix: `Set zones to ${room}, or take a larger network.`,
  });
};

const timeoutBelowInterval: Rule = ({ web: { healthCheck }, size }, { isWritten }) => {
  const key = isWritten(["web", "healthCheck", "timeoutSeconds"]) ? "timeoutSeconds" : "intervalSeconds";
  const { intervalSeconds, timeoutSeconds } = healthCheck;
  const other = key === "timeoutSeconds" ? "intervalSeconds" : "timeoutSeconds";
  const note = isWritten(["web", "healthCheck", other]) ? "" : ` (default of ${size})`;
  return when(timeoutSeconds >= intervalSeconds, {
    path: ["web", "healthCheck", key],
    uses: [["web", "healthCheck", "intervalSeconds"], ["web", "healthCheck", "timeoutSeconds"], SIZE],
    got: `got ${healthCheck[key]} with ${other} ${healthCheck[other]}${note}`,
    allowed: "timeoutSeconds less than intervalSeconds",
    fix: "Set intervalSeconds higher than timeoutSeconds.",
  });
};

const testPortOfItsOwn: Rule = ({ web, application }) =>
  when(web.testPort === application.port, {
    path: ["web", "testPort"],
    uses: [
      ["web", "testPort"],
      ["application", "port"],
    ],
    got: gotText(web.testPort),
    allowed: "a port other than application.port, so that the two cannot be mistaken for each other",
    fix: `Set testPort to ${web.testPort === 8443 ? 8444 : 8443}.`,
  });

const certificateOfRegion: Rule = ({ web, region }) =>
  when(web.certificateArn !== undefined && web.certificateArn.split(":")[3] !== region, {
    path: ["web", "certificateArn"],
    uses: [["web", "certificateArn"], ["region"]],
    got: `got a certificate of ${web.certificateArn?.split(":")[3]}`,
    allowed: `a certificate of ${region}, the region of the load balancer`,
    fix: `Request the certificate in ${region} and write its ARN here.`,
  });

const pollsFitTimeout: Rule = ({ shift }) =>
  when(shift.healthyPolls * shift.pollSeconds > shift.healthTimeoutSeconds, {
    path: ["shift", "healthTimeoutSeconds"],
    uses: [["shift", "healthyPolls"], ["shift", "pollSeconds"], ["shift", "healthTimeoutSeconds"], SIZE],
    got: gotText(shift.healthTimeoutSeconds),
    allowed: `at least healthyPolls × pollSeconds, ${shift.healthyPolls * shift.pollSeconds}: no release could ever pass`,
    fix: "Raise healthTimeoutSeconds, or lower healthyPolls or pollSeconds.",
  });

const schedulesWithinLimits: Rule = ({ web, protected: isProtected, hours }) =>
  // Those that the hours have made are none of the file's, and have a rule of their own.
  web.schedules.slice(hours ? 2 : 0).flatMap(({ min, max, desired = min }, i) => {
    const at = (key: string): SettingsPath => ["web", "schedules", i, key];
    const uses = [at("min"), at("max"), at("desired"), ["web", "max"], ["protected"], SIZE];
    return [
      ...when(min > max, {
        path: at("min"),
        uses,
        got: `got min ${min} and max ${max}`,
        allowed: "min no larger than max",
        fix: `Set max to ${min} or more, or min to ${max} or less.`,
      }),
      ...when(max > web.max, {
        path: at("max"),
        uses,
        got: gotText(max),
        allowed: `at most web.max, ${web.max}, the ceiling of the bill`,
        fix: `Set max to ${web.max} or less, or raise max in retrofit:web.`,
      }),
      ...when(min <= max && (desired < min || desired > max), {
        path: at("desired"),
        uses,
        got: gotText(desired),
        allowed: `from the schedule's min to its max, ${min} to ${max}`,
        fix: `Set desired to ${max}, or leave it out.`,
      }),
      ...when(isProtected && min < 2, {
        path: at("min"),
        uses,
        got: gotText(min),
        allowed: "2 or more where protected, so that one machine may fail",
        fix: "Set min to 2.",
      }),
    ];
  });

const scheduleNamesDiffer: Rule = ({ web: { schedules } }) =>
  schedules.flatMap(({ name }, i) =>
    when(schedules.findIndex((other) => other.name === name) < i, {
      path: ["web", "schedules", i, "name"],
      uses: [["web", "schedules", i, "name"]],
      got: gotText(name),
      allowed: "a name that no other schedule has",
      fix: `Rename it, for example to ${name}-${i + 1}.`,
    }),
  );

/** Set on each machine by its first boot. */
const RESERVED = ["HOST", "PORT", "RELEASE", "ENVIRONMENT", "MACHINE_ID"];

const noReservedVariables: Rule = ({ application }) =>
  Object.keys(application.environment)
    .filter((name) => RESERVED.includes(name))
    .map((name) => ({
      path: ["application", "environment", name],
      uses: [],
      got: "set by the machine itself",
      allowed: `any name but ${RESERVED.join(", ")}`,
      fix: name === "PORT" ? "Remove it and set port in retrofit:application." : "Remove it.",
    }));

const SECRET_NAME =
  /(^|_)(PASSWORD|PASSWD|PASSPHRASE|SECRET|SECRET_KEY|SECRET_ACCESS_KEY|PRIVATE_KEY|API_KEY|ACCESS_TOKEN|AUTH_TOKEN)$/i;
/** An ARN, or the path of a parameter: says where the secret is, and is none itself. */
const REFERENCE = /^(arn:|\/)/;

const noSecretVariables: Rule = ({ application }) =>
  Object.entries(application.environment)
    .filter(([name, value]) => SECRET_NAME.test(name) && !REFERENCE.test(value))
    .map(([name]) => ({
      path: ["application", "environment", name],
      uses: [["application", "environment", name]],
      // The value is left out on purpose: messages end up in logs.
      got: "got what looks like a secret",
      allowed: "the ARN of a secret or the path of a parameter",
      fix: "Keep the value in Secrets Manager and write its ARN here; the application reads it by its role.",
    }));

const standbyBehindLive: Rule = ({ live, standby }) => [
  ...when(standby !== undefined && live === undefined, {
    path: ["standby"],
    uses: [["live"]],
    got: `got ${standby?.version} and no retrofit:live`,
    allowed: "a standby only behind a live release",
    fix: "Rename it to retrofit:live, or remove it.",
  }),
  ...when(standby !== undefined && standby.version === live?.version, {
    path: ["standby", "version"],
    uses: [
      ["live", "version"],
      ["standby", "version"],
    ],
    got: gotText(standby?.version),
    allowed: "a version other than that of retrofit:live",
    fix: "Name the former release here, or remove retrofit:standby.",
  }),
];

const artifacts: Rule = ({ live, standby, protected: isProtected }, { look }) =>
  Object.entries({ live, standby }).flatMap(([key, release]) =>
    release === undefined ? [] : artifactOf(key, release, isProtected, look),
  );

function artifactOf(
  key: string,
  release: ReleaseConfig,
  isProtected: boolean,
  look: Surroundings["look"],
): Finding[] {
  const path: SettingsPath = [key, "artifact"];
  const got = gotText(release.artifact);
  if (release.artifact.startsWith("s3://")) {
    return when(release.sha256 === undefined, {
      path: [key, "sha256"],
      uses: [path, [key, "sha256"]],
      got: "missing",
      allowed: "64 hexadecimal digits, required with an s3:// artifact",
      fix: "Add the SHA-256 of the published artifact: each machine checks what it fetched.",
    });
  }
  if (isProtected) {
    return [
      {
        path,
        uses: [path, ["protected"], SIZE],
        got,
        allowed: "s3://bucket/key where protected: only what was published and tried before",
        fix: "Release it to another environment first and name the published artifact and its sha256 here.",
      },
    ];
  }
  const found = look(release.artifact);
  return when(found === "missing" || found === "other", {
    path,
    uses: [path],
    got: `${got}, ${found === "missing" ? "which does not exist" : "which is neither"}`,
    allowed: "a folder or a .tar.gz, relative to the project",
    fix: "Correct the path, or build the release first.",
  });
}

const vpn: Rule = (config, { siblings }) => (config.vpn ? vpnFindings(config, siblings()) : []);

const singleWindowsEnd: Rule = ({ maintenance }) =>
  (maintenance?.once ?? []).flatMap(({ from, to }, i) =>
    when(Date.parse(to) <= Date.parse(from), {
      path: ["maintenance", "once", i, "to"],
      uses: [
        ["maintenance", "once", i, "from"],
        ["maintenance", "once", i, "to"],
      ],
      got: gotText(to),
      allowed: `a moment after ${from}, when the window begins`,
      fix: "Correct the one or the other.",
    }),
  );

const someWindow: Rule = ({ maintenance }) =>
  when(maintenance !== undefined && !maintenance.weekly && !maintenance.once, {
    path: ["maintenance"],
    uses: [["maintenance"]],
    got: "got neither weekly nor once",
    allowed: "at least one window",
    fix: "Write for example weekly: [{ days: [sun], from: 02:00, to: 04:00 }], or remove the key.",
  });

const changesNeedDatabase: Rule = ({ live, database }) =>
  when(live !== undefined && live.database !== "none" && database === undefined, {
    path: ["live", "database"],
    uses: [["live", "database"], ["database"]],
    got: `${gotText(live?.database)} in an environment without a database`,
    allowed: "none, unless the environment has retrofit:database",
    fix: "Add retrofit:database: {} with what the database is to be, or write database: none.",
  });

const warmWithinMax: Rule = ({ keep, web }, { isWritten }) =>
  when(keep.standby === "warm" && keep.machines > web.max, {
    path: isWritten(["keep", "machines"]) ? ["keep", "machines"] : ["web", "max"],
    uses: [["keep", "standby"], ["keep", "machines"], ["web", "max"], SIZE],
    got: gotText(keep.machines),
    allowed: `at most web.max, ${web.max}`,
    fix: `Set machines to ${web.max} or less, or write standby: hot.`,
  });

/** What is written about a standby that can never be there would only be believed. */
const noStandbyInPlace: Rule = ({ deployment, keep }, { isWritten }) =>
  when(deployment === "inPlace" && isWritten(["keep", "standby"]) && keep.standby !== "none", {
    path: ["keep", "standby"],
    uses: [["deployment"], ["keep", "standby"]],
    got: gotText(keep.standby),
    allowed: "none with deployment: inPlace, where the machines that serve are all there are",
    fix: "Remove standby, or write retrofit:deployment: blueGreen.",
  });

/** One machine at a time means that another has to serve meanwhile. */
const inPlaceNeedsTwo: Rule = ({ deployment, web, size }, { isWritten }) =>
  when(deployment === "inPlace" && web.max < 2, {
    path: isWritten(["web", "max"]) ? ["web", "max"] : ["deployment"],
    uses: [["deployment"], ["web", "max"], SIZE],
    got: `got max ${web.max}${isWritten(["web", "max"]) ? "" : ` (default of ${size})`}`,
    allowed: "2 or more with deployment: inPlace, so that another machine serves while one is updated",
    fix: "Set max to 2 or more, or write retrofit:deployment: blueGreen.",
  });

/** A breaking change needs a moment in which no machine serves; in place one always does, with the former release. */
const breakingNeedsBlueGreen: Rule = ({ deployment, live }) =>
  when(deployment === "inPlace" && live?.database === "breaking", {
    path: ["live", "database"],
    uses: [["deployment"], ["live", "database"]],
    got: gotText("breaking"),
    allowed: "none or additive with deployment: inPlace, where both releases serve side by side for a while",
    fix: "Change the database in additive steps, or write retrofit:deployment: blueGreen.",
  });

const oneCurrency: Rule = ({ budget, prices }) =>
  when(budget !== undefined && prices !== undefined && budget.currency !== prices.currency, {
    path: ["prices", "currency"],
    uses: [
      ["prices", "currency"],
      ["budget", "currency"],
    ],
    got: gotText(prices?.currency),
    allowed: `${budget?.currency}, the currency of retrofit:budget`,
    fix: "Write both in the currency that AWS bills in.",
  });

const pricesOfThePast: Rule = ({ prices }) =>
  when(prices !== undefined && Date.parse(prices.date) > Date.now(), {
    path: ["prices", "date"],
    uses: [["prices", "date"]],
    got: gotText(prices?.date),
    allowed: "the day on which the prices were looked up",
    fix: `Write for example date: "${new Date().toISOString().slice(0, 10)}".`,
  });

const scalingFollowsSomething: Rule = ({ web: { scaling } }) => {
  const follows = scaling.cpuPercent ?? scaling.requestsPerTarget ?? scaling.metric;
  const idle = scaling.cooldownSeconds !== undefined || scaling.idlePercent !== undefined;
  return when(follows === undefined && idle, {
    path: ["web", "scaling"],
    uses: [["web", "scaling"]],
    got: "got a pace and nothing to follow",
    allowed: "cpuPercent, requestsPerTarget or metric beside it",
    fix: "Add for example cpuPercent: 60, or write scaling: {} to turn scaling off.",
  });
};

const bakeNeedsRole: Rule = ({ machines }) =>
  when(machines.bake === true && machines.tool === "none", {
    path: ["machines", "bake"],
    uses: [["machines", "tool"]],
    got: gotText(true),
    allowed: "only with a tool: without one a machine has no role to bake",
    fix: "Write tool: puppet, or remove bake.",
  });

const RULES: Rule[] = [
  changesNeedDatabase,
  singleWindowsEnd,
  someWindow,
  oneCurrency,
  pricesOfThePast,
  scalingFollowsSomething,
  minNotAboveMax,
  protectedSurvivesOneLoss,
  zonesFitNetwork,
  timeoutBelowInterval,
  testPortOfItsOwn,
  certificateOfRegion,
  pollsFitTimeout,
  schedulesWithinLimits,
  scheduleNamesDiffer,
  noReservedVariables,
  noSecretVariables,
  standbyBehindLive,
  warmWithinMax,
  noStandbyInPlace,
  inPlaceNeedsTwo,
  breakingNeedsBlueGreen,
  artifacts,
  bakeNeedsRole,
  ...DATABASE_RULES,
  ...LOGS_RULES,
  ...ENVIRONMENT_RULES,
  ...LINK_RULES,
  dockerRule,
  ...FILES_RULES,
  vpn,
];
