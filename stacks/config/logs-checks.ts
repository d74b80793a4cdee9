/** Rules about `logs` that look at more than one key: the component's own, so that a file's mistakes come with their line. */
import { elkStackProblems, programProblems } from "../../components/elk-stack/checks";
import { forwarderProblems } from "../../components/elk-stack/forwarder/checks";
import { applicationStream } from "../../components/elk-stack/forwarder/model";
import type { Problem } from "../../components/shared/validation";
import { logSources, OTHER_LINES, otherApplications } from "../log-shipping";
import { logContent, programsOf } from "../logs";
import type { Finding, Rule } from "./checks";
import { gotText } from "./errors";
import type { SettingsPath } from "./walk";

/** `sources[1].paths[0]` as the path of a key below `logs`. */
function keyPath(property: string): SettingsPath {
  const keys = property.replace(/\[(\d+)\]/g, ".$1").split(".");
  return ["logs", ...keys.map((key) => (/^\d+$/.test(key) ? Number(key) : key))];
}

const finding = ({ property, got, allowed, fix }: Problem): Finding => ({
  path: keyPath(property),
  uses: [["logs"]],
  got: gotText(got),
  allowed,
  fix,
});

const storeIsLargeEnough: Rule = ({ logs, protected: kept }) => {
  if (!logs || logs.store) return [];
  const { selfHosted } = logs;
  const form = selfHosted ? "selfHosted" : "managed";
  return [
    ...elkStackProblems({ ...logs, store: form, protected: kept }),
    ...(selfHosted ? programProblems(programsOf(selfHosted), "selfHosted") : []),
  ].map(finding);
};

/** A store is one's own or another's. */
const oneStore: Rule = ({ logs }) =>
  logs?.store && logs.selfHosted
    ? [
        {
          path: ["logs", "selfHosted"],
          uses: [["logs", "store"]],
          got: "a store of the environment's own beside that of another",
          allowed: "one of the two",
          fix: "Leave out selfHosted to use the store of the other environment.",
        },
      ]
    : [];

/** Machines that get the store's own user might as well have no other named for them. */
const writerIsAnother: Rule = ({ logs }) =>
  logs?.store && logs.store.writerSecret === logs.store.secret
    ? [
        {
          path: ["logs", "store", "writerSecret"],
          uses: [["logs", "store", "secret"]],
          got: gotText(logs.store.secret),
          allowed: "another secret than retrofit:logs.store.secret, which may do everything in the store",
          fix: "Name the output logs.writerSecretArn of the environment that has the store.",
        },
      ]
    : [];

const carriedInExists: Rule = ({ logs, network }) => {
  const { flowLogs, logGroups = {} } = logs?.carryIn ?? {};
  const uses: SettingsPath[] = [["logs", "carryIn"]];
  const twice = Object.entries(logGroups).filter(
    ([, group], index, all) => all.findIndex(([, other]) => other === group) < index,
  );
  return [
    ...(logs?.carryIn && logs.store
      ? [
          {
            path: ["logs", "carryIn"],
            uses,
            got: "a store of another environment",
            allowed: "only beside a store of the environment's own",
            fix: "Carry the lines in where the store is: write carryIn in the file of that environment.",
          },
        ]
      : []),
    ...(flowLogs && !network.flowLogs.enabled
      ? [
          {
            path: ["logs", "carryIn", "flowLogs"],
            uses: [...uses, ["network", "flowLogs"]] as SettingsPath[],
            got: "no flow logs are kept",
            allowed: "true only with retrofit:network.flowLogs.enabled",
            fix: "Enable them, or leave this out.",
          },
        ]
      : []),
    ...twice.map(([name, group]) => ({
      path: ["logs", "carryIn", "logGroups", name],
      uses,
      got: gotText(group),
      allowed: "each log group once",
      fix: "Leave one of the two out: every line would be stored twice.",
    })),
  ];
};

const sourcesAreReadable: Rule = (config) => {
  if (!config.logs) return [];
  const { environment, logs } = config;
  const [, ...files] = logSources(config);
  const output = { endpoint: "https://store", authentication: "none" } as const;
  // The journal comes before them, and names of sources must not meet.
  const named = files.flatMap((source, index): Problem[] =>
    source.name === "journal"
      ? [
          {
            property: `sources[${index}].name`,
            got: "journal",
            allowed: "another name",
            fix: "The journal itself has it: name it after its files.",
          },
        ]
      : [],
  );
  if (logs.sources.length === 0) return [];
  return [...named, ...forwarderProblems({ environment, sources: files, output })].map(finding);
};

/** `shop` in `review-dev` and `shop-review` in `dev` would write into one stream of a store that they share. */
const noStreamOfAnother: Rule = (config, { siblingStreams }) => {
  const { logs, environment } = config;
  if (!logs?.store) return [];
  const taken = siblingStreams();
  return logContent(config).applications.flatMap((application) => {
    const stream = applicationStream(application, environment);
    const other = taken[stream];
    return other === undefined
      ? []
      : [
          {
            path: ["logs", "store"],
            uses: [["logs", "store"], ["application"]] as SettingsPath[],
            got: `${gotText(stream)}, which ${other} writes into`,
            allowed: "a stream for each application and environment",
            fix: `Rename the application ${application}, or give one of the two environments another store.`,
          },
        ];
  });
};

/** A stream belongs to one application: the machines' own lines, containers and repositories have their names already. */
const oneStreamForEach: Rule = (config) => {
  const { logs, application, environment } = config;
  if (!logs) return [];
  const whose: Record<string, string> = { system: "the machines' own lines" };
  for (const name of otherApplications(config)) whose[name] = OTHER_LINES[name]!;
  const named: [SettingsPath, string | undefined][] = [
    [["application", "name"], application.name],
    ...logs.sources.map((source, index): [SettingsPath, string | undefined] => [
      ["logs", "sources", index, "application"],
      // Its own check refuses it.
      source.application === "system" ? undefined : source.application,
    ]),
  ];
  return named.flatMap(([path, name]) =>
    name === undefined || whose[name] === undefined
      ? []
      : [
          {
            path,
            uses: [["logs"]] as SettingsPath[],
            got: gotText(name),
            allowed: "another name where there are central logs",
            fix: `logs-${name}-${environment} is the stream of ${whose[name]}: rename the application.`,
          },
        ],
  );
};

/** A door that nobody can come to is a mistake. */
const syslogHasSenders: Rule = ({ logs }) =>
  logs?.selfHosted?.syslog && logs.viewers.length === 0
    ? [
        {
          path: ["logs", "selfHosted", "syslog"],
          uses: [["logs", "viewers"]],
          got: "true, and nobody may send",
          allowed: "true only with logs.viewers",
          fix: "Name the networks of the appliances in logs.viewers, or leave syslog out.",
        },
      ]
    : [];

export const LOGS_RULES: Rule[] = [
  syslogHasSenders,
  oneStore,
  storeIsLargeEnough,
  writerIsAnother,
  carriedInExists,
  sourcesAreReadable,
  oneStreamForEach,
  noStreamOfAnother,
];
