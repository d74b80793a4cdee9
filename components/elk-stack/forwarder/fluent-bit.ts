/** The model as a configuration of Fluent Bit 3 and newer, for Amazon Linux and for stores that want signed requests. */
import { stringify } from "yaml";
import { NAMES } from "../store/setup";
import {
  applicationStream,
  bufferOf,
  FORWARDER_FOLDER,
  type ForwarderModel,
  type LogSource,
  MACHINE_VARIABLES,
  systemStream,
} from "./model";

type Section = Record<string, string | number | boolean | readonly string[]>;

/** Comes with its package. */
const PARSERS = "/etc/fluent-bit/parsers.conf";

/** Fields of the journal, as they are to be named. */
const JOURNAL_FIELDS = {
  MESSAGE: "message",
  PRIORITY: "log.level",
  SYSLOG_IDENTIFIER: "process.name",
  _PID: "process.pid",
  _SYSTEMD_UNIT: "systemd.unit",
} as const;

export interface FluentBitFiles {
  /** `/etc/fluent-bit/fluent-bit.yaml` */
  readonly configuration: string;
}

/**
 * Renders the configuration. Fluent Bit replaces nothing within a line, so the store's pipeline masks its lines; and where
 * its buffer is full it drops the oldest.
 *
 * @throws Error for what only syslog-ng can do: masks of one's own, which the store's pipeline does not know, lines of
 * containers, and collected lines that are kept in files.
 */
export function fluentBitConfiguration(model: ForwarderModel): string {
  refuseWhatItCannot(model);
  const routes = model.sources.flatMap((source) => routesOf(source, model));
  const multiline = model.sources.flatMap((source) =>
    source.type === "files" && source.startsWith !== undefined
      ? [
          {
            name: `multi-${source.name}`,
            type: "regex",
            flush_timeout: 2000,
            rules: rules(source.startsWith),
          },
        ]
      : [],
  );
  return stringify(
    {
      service: {
        flush: 1,
        log_level: "info",
        http_server: true,
        http_listen: "127.0.0.1",
        http_port: 2020,
        "storage.path": `${FORWARDER_FOLDER}/buffer`,
        "storage.sync": "full",
        "storage.checksum": true,
        "storage.metrics": true,
        "storage.max_chunks_up": 64,
        ...(model.sources.some(({ type }) => type === "syslog") && { parsers_file: PARSERS }),
      },
      ...(multiline.length > 0 && { multiline_parsers: multiline }),
      pipeline: {
        inputs: model.sources.map((source) => input(source, model)),
        filters: [...routes.flatMap(({ filters }) => filters), ...machineFilters(model)],
        outputs: [...new Map(routes.map((route) => [route.stream, route])).values()].map(({ stream }) =>
          output(stream, model),
        ),
      },
    },
    { lineWidth: 0 },
  );
}

function refuseWhatItCannot({ masks = [], sources }: ForwarderModel): void {
  const refuse = (what: string, why: string, instead: string): never => {
    throw new Error(`${what}: Fluent Bit ${why}. ${instead}, or use syslog-ng.`);
  };
  if (masks.length > 0) {
    const names = masks.map(({ name }) => name).join(", ");
    refuse(
      `masks (${names})`,
      "cannot replace within a line, and the store's pipeline knows only the masks that are always there",
      "Leave masks out",
    );
  }
  sources.forEach((source, index) => {
    if (source.type === "journal" && source.containers)
      refuse(`sources[${index}].containers`, "does not tell containers apart", "Leave it out");
    if (source.type === "syslog" && source.keepIn !== undefined)
      refuse(`sources[${index}].keepIn`, "does not keep lines by sender and day", "Leave it out");
  });
}

const rules = (startsWith: string) => [
  { state: "start_state", regex: `/${startsWith.replaceAll("/", "\\/")}/`, next_state: "cont" },
  // Everything that is no beginning belongs to what has begun.
  {
    state: "cont",
    regex: `/^(?!${startsWith.replace(/^\^/, "").replaceAll("/", "\\/")})/`,
    next_state: "cont",
  },
];

function input(source: LogSource, model: ForwarderModel): Section {
  const common = {
    tag: `${source.name}.line`,
    "storage.type": "filesystem",
    "storage.pause_on_chunks_overlimit": bufferOf(model).whenFull === "block",
  };
  const database = `${FORWARDER_FOLDER}/${source.name}.db`;
  switch (source.type) {
    case "files":
      return {
        name: "tail",
        ...common,
        path: source.paths.join(","),
        path_key: "log.file.path",
        // An id is made of all that is in a line, and two equal ones are two.
        offset_key: "log.offset",
        key: "message",
        read_from_head: true,
        refresh_interval: 5,
        db: database,
        "db.sync": "full",
        buffer_max_size: "1M",
        ...(source.startsWith === undefined ? {} : { "multiline.parser": `multi-${source.name}` }),
      };
    case "journal":
      return {
        name: "systemd",
        ...common,
        db: database,
        "db.sync": "full",
        read_from_tail: false,
        strip_underscores: false,
      };
    case "syslog":
      return {
        name: "syslog",
        ...common,
        mode: "tcp",
        listen: "0.0.0.0",
        port: source.port,
        parser: "syslog-rfc5424",
      };
  }
}

interface Route {
  readonly stream: string;
  readonly filters: Section[];
}

function routesOf(source: LogSource, model: ForwarderModel): Route[] {
  const match = `${source.name}.line`;
  const system = systemStream(model.environment);
  const limit: Section[] =
    source.rateLimit === undefined
      ? []
      : [{ name: "throttle", match, rate: source.rateLimit, window: 1, interval: "1s", print_status: true }];
  const to = (stream: string, match: string, dataset: string, service: string, format = "plain"): Route => ({
    stream,
    filters: [
      add(match, {
        "event.dataset": dataset,
        "service.name": service,
        "retrofit.format": format,
        // Until the store's pipeline finds another in the line.
        ...(source.type !== "journal" && { "log.level": "info" }),
      }),
      retag(match, "$message .*", `store.${stream}`),
    ],
  });
  if (source.type === "files") {
    const { application, format } = source;
    const route = to(
      applicationStream(application, model.environment),
      match,
      source.name,
      application,
      format,
    );
    return [{ ...route, filters: [...limit, ...route.filters] }];
  }
  if (source.type === "syslog") {
    const route = to(system, match, source.name, "system");
    return [{ ...route, filters: [...limit, ...route.filters] }];
  }
  const names: Section = {
    name: "modify",
    match: `${source.name}.*`,
    rename: Object.entries(JOURNAL_FIELDS).map(([from, to]) => `${from} ${to}`),
  };
  const parted: Section[] = [
    ...(source.application
      ? [retag(match, `$_SYSTEMD_UNIT ^${escaped(source.application.unit)}$`, `${source.name}.application`)]
      : []),
    // Facilities 4 and 10 of syslog: auth and authpriv.
    retag(match, "$SYSLOG_FACILITY ^(4|10)$", `${source.name}.auth`),
  ];
  const routes = [
    ...(source.application
      ? [
          to(
            applicationStream(source.application.name, model.environment),
            `${source.name}.application`,
            "journal",
            source.application.name,
            source.application.format,
          ),
        ]
      : []),
    to(system, `${source.name}.auth`, "auth", "system"),
    to(system, match, "journal", "system"),
  ];
  const [first, ...rest] = routes;
  return [{ ...first!, filters: [...limit, ...parted, names, ...first!.filters] }, ...rest];
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

const add = (match: string, fields: Record<string, string>): Section => ({
  name: "record_modifier",
  match,
  record: Object.entries(fields).map(([name, value]) => `${name} ${value}`),
});

/** What is under way between two tags waits on disk as well, so that a restart does not lose it. */
const retag = (match: string, condition: string, tag: string): Section => ({
  name: "rewrite_tag",
  match,
  rule: `${condition} ${tag} false`,
  "emitter_storage.type": "filesystem",
});

/** What each line says of its machine; Fluent Bit reads it from its environment. */
function machineFilters({ environment }: ForwarderModel): Section[] {
  const fields = Object.entries(MACHINE_VARIABLES).map(([field, variable]) => [field, `\${${variable}}`]);
  return [
    add("store.*", {
      "service.environment": environment,
      "host.name": "${HOSTNAME}",
      ...Object.fromEntries(fields),
    }),
  ];
}

function output(stream: string, model: ForwarderModel): Section {
  const { endpoint, authentication, region, trustedCertificates } = model.output;
  const url = new URL(endpoint);
  const tls = url.protocol === "https:";
  return {
    name: "opensearch",
    match: `store.${stream}`,
    host: url.hostname,
    port: Number(url.port || (tls ? 443 : 9200)),
    tls,
    ...(tls && { "tls.verify": true }),
    ...(trustedCertificates && { "tls.ca_file": trustedCertificates }),
    ...(authentication === "basic" && {
      http_user: "${RETROFIT_LOGS_USER}",
      http_passwd: "${RETROFIT_LOGS_PASSWORD}",
    }),
    ...(authentication === "signed" && { aws_auth: true, aws_region: region! }),
    index: stream,
    // A data stream takes new lines only, each under an id of its own, so that one that is sent again is not there twice.
    write_operation: "create",
    generate_id: true,
    suppress_type_name: true,
    time_key: "@timestamp",
    time_key_nanos: true,
    // Answers are read to their end: one that is cut would be taken for a failure, and sent again for ever.
    buffer_size: false,
    pipeline: NAMES.maskingPipeline,
    trace_error: true,
    retry_limit: "no_limits",
    "storage.total_limit_size": `${bufferOf(model).sizeMb}M`,
  };
}
