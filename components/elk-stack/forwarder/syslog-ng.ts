/** The model as a configuration of syslog-ng 3.38, which Debian 12 carries. */
import { MASKS, type MaskRule } from "./masking";
import {
  applicationStream,
  bufferOf,
  type FileSource,
  FORWARDER_FOLDER,
  type ForwarderModel,
  type JournalSource,
  type LogSource,
  MACHINE_VARIABLES,
  type StoreOutput,
  systemStream,
} from "./model";

/** The folder that stands for `/`: empty on a machine of its own, see `MACHINE_VARIABLES`. */
const ROOT = "`RETROFIT_ROOT`";

/** How a line is named in syslog-ng until it is sent; it is fixed when the line is read, not when the store takes it. */
const FIELD = ".retrofit.";

/** Most bytes of a message; a stack trace of some thousand lines. */
const MESSAGE_BYTES = 262_144;

/** Room on disk for what the forwarder says of itself, in MB. */
const REPORTS_MB = 4;

/**
 * Renders the configuration; the same text for the same model. It reads `RETROFIT_ROOT`, `RETROFIT_JOURNAL` (what the
 * journal is read by) and the variables of `MACHINE_VARIABLES` from its environment.
 *
 * @throws Error where requests are to be signed, which syslog-ng cannot do.
 */
export function syslogNgConfiguration(model: ForwarderModel): string {
  if (model.output.authentication === "signed") {
    throw new Error(
      'output.authentication is "signed", which syslog-ng cannot do. Use "basic", or Fluent Bit.',
    );
  }
  return [
    "@version: 3.38",
    "# Made by Retrofit from the environment's log sources; changes here are lost.",
    `options {
  use-uniqid(yes); keep-hostname(yes); create-dirs(yes); dir-perm(0750); perm(0640);
  ts-format(iso); frac-digits(3); time-reopen(2); stats-level(1); stats-freq(30);
  log-fifo-size(20000); log-msg-size(${MESSAGE_BYTES});
};`,
    maskRewrite([...MASKS, ...(model.masks ?? [])]),
    machineRewrite(),
    ...model.sources.flatMap((source) => [sourceBlock(source), ...limitFilter(source), ...kept(source)]),
    // What the forwarder has to say of itself: failures of the store, and each half minute its counts.
    // Not each line that is left out, of which the counts tell: that would make more lines, and they would as well.
    "source s_forwarder { internal(); };",
    'filter f_forwarder { not message("queue full") and rate-limit(rate(20)); };',
    destination("d_store", bufferOf(model).sizeMb, model),
    // With a buffer of its own, so that it still gets through where the others' is full.
    destination("d_reports", REPORTS_MB, model),
    ...model.sources.flatMap((source) => paths(source, model)),
    path("s_forwarder", model, {
      stream: systemStream(model.environment),
      dataset: "forwarder",
      service: "forwarder",
      limit: "f_forwarder",
      destination: "d_reports",
    }),
  ]
    .join("\n\n")
    .concat("\n");
}

const id = ({ name }: LogSource) => name.replaceAll("-", "_");

/** Single quotes, in which syslog-ng takes every character as it is. */
const verbatim = (text: string) => `'${text}'`;

function maskRewrite(rules: readonly MaskRule[]): string {
  const lines = rules.map(({ pattern, replacement }) => {
    const flags = ["global", ...(replacement.includes("$") ? ["store-matches"] : [])].map(
      (flag) => `"${flag}"`,
    );
    const text = replacement.replace(/\$(\d)/g, "$${$1}");
    return `  subst(${verbatim(pattern)}, ${verbatim(text)}, value("MESSAGE"), type("pcre"), flags(${flags.join(", ")}));`;
  });
  return `rewrite r_mask {\n${lines.join("\n")}\n};`;
}

function machineRewrite(): string {
  const lines = Object.entries(MACHINE_VARIABLES).map(
    ([field, variable]) => `  set("$(env ${variable})", value("${FIELD}${field}"));`,
  );
  return `rewrite r_machine {\n${lines.join("\n")}\n};`;
}

/** Held to its rate before its lines are told apart: what is beyond it belongs on none of the paths. */
function sourceBlock(source: LogSource): string {
  const lines = drivers(source);
  const held =
    source.rateLimit === undefined
      ? lines
      : ["channel { source {", ...lines, `}; filter(f_limit_${id(source)}); };`];
  return `source s_${id(source)} {\n${held.map((line) => `  ${line}`).join("\n")}\n};`;
}

function drivers(source: LogSource): string[] {
  switch (source.type) {
    case "files":
      return source.paths.map((file) => fileDriver(file, source));
    case "journal":
      return ["`RETROFIT_JOURNAL`;"];
    case "syslog":
      return [`syslog(transport("tcp") port(${source.port}) max-connections(200) log-iw-size(20000));`];
  }
}

function fileDriver(file: string, { startsWith }: FileSource): string {
  const cut = file.lastIndexOf("/");
  const [folder, name] = [file.slice(0, cut) || "/", file.slice(cut + 1)];
  const lines = startsWith
    ? ` multi-line-mode(regexp) multi-line-prefix(${verbatim(startsWith)}) multi-line-timeout(1)`
    : "";
  return `wildcard-file(base-dir("${ROOT}${folder}") filename-pattern("${name}") follow-freq(0.5) flags(no-parse)
    log-fetch-limit(1000) log-iw-size(10000)${lines});`;
}

function limitFilter(source: LogSource): string[] {
  return source.rateLimit === undefined
    ? []
    : [`filter f_limit_${id(source)} { rate-limit(rate(${source.rateLimit})); };`];
}

/** Lines of a syslog source as files of the machine's own, by sender and day. */
function kept(source: LogSource): string[] {
  if (source.type !== "syslog" || source.keepIn === undefined) return [];
  const file = `${ROOT}${source.keepIn}/\${HOST}/\${YEAR}-\${MONTH}-\${DAY}.log`;
  return [
    `destination d_kept_${id(source)} { file("${file}"); };`,
    `log { source(s_${id(source)}); destination(d_kept_${id(source)}); };`,
  ];
}

interface Target {
  readonly stream: string;
  readonly dataset: string;
  /** `service.name`; it may be a template. */
  readonly service: string;
  /** What is cut off the end of `service`: a regular expression. */
  readonly withoutEnd?: string;
  readonly format?: string;
  /** Name of a filter that lines have to pass, beside the path's own condition. */
  readonly limit?: string;
  readonly destination?: string;
}

function paths(source: LogSource, model: ForwarderModel): string[] {
  const from = `s_${id(source)}`;
  const system = { stream: systemStream(model.environment), service: "system" };
  switch (source.type) {
    case "files": {
      const { application, format = "plain" } = source;
      const stream = applicationStream(application, model.environment);
      return [path(from, model, { stream, dataset: source.name, service: application, format })];
    }
    case "journal":
      return [
        ...containersOfJournal(source, from, model),
        ...applicationOfJournal(source, from, model),
        path(from, model, { ...system, dataset: "auth" }, "facility(auth, authpriv)"),
        path(from, model, { ...system, dataset: "journal" }),
      ];
    case "syslog":
      return [path(from, model, { ...system, dataset: source.name })];
  }
}

function applicationOfJournal({ application }: JournalSource, from: string, model: ForwarderModel): string[] {
  if (!application) return [];
  const { name, unit, format = "plain" } = application;
  const stream = applicationStream(name, model.environment);
  const target = { stream, dataset: "journal", service: name, format };
  return [path(from, model, target, `"\${.journald._SYSTEMD_UNIT}" eq "${unit}"`)];
}

/** Docker's driver names the container; a Docker host names containers with a part of their declaration's sum. */
function containersOfJournal({ containers }: JournalSource, from: string, model: ForwarderModel): string[] {
  if (!containers) return [];
  const { application, format = "plain" } = containers;
  const stream = applicationStream(application, model.environment);
  const service = `\${.journald.CONTAINER_NAME}`;
  const target = { stream, dataset: "containers", service, withoutEnd: "-[0-9a-f]{8}$", format };
  return [path(from, model, target, `"${service}" ne ""`)];
}

/** From a source to the store. A line takes the first path that has room for it, and no other. */
function path(from: string, model: ForwarderModel, target: Target, condition?: string): string {
  const set = (field: string, value: string) => `    set("${value}", value("${FIELD}${field}"));`;
  const flags = bufferOf(model).whenFull === "block" ? "flow-control, final" : "final";
  return `log {
  source(${from});${condition === undefined ? "" : `\n  filter { ${condition} };`}${target.limit ? `\n  filter(${target.limit});` : ""}
  rewrite(r_mask);
  rewrite(r_machine);
  rewrite {
${[
  set("stream", target.stream),
  set("event.dataset", target.dataset),
  set("service.name", target.service),
  set("format", target.format ?? "plain"),
  ...(target.withoutEnd === undefined
    ? []
    : [`    subst(${verbatim(target.withoutEnd)}, "", value("${FIELD}service.name"));`]),
].join("\n")}
  };
  destination(${target.destination ?? "d_store"});
  flags(${flags});
};`;
}

/** In the names of the Elastic Common Schema. */
function document({ environment }: ForwarderModel): string {
  const fields: Record<string, string> = {
    "@timestamp": "$ISODATE",
    message: "$MESSAGE",
    "host.name": "$HOST",
    "log.level": "$LEVEL",
    "log.syslog.facility.name": "$FACILITY",
    "log.file.path": "$FILE_NAME",
    "process.name": "$PROGRAM",
    "process.pid": "$PID",
    "systemd.unit": `\${.journald._SYSTEMD_UNIT}`,
    "service.environment": environment,
    "event.created": "$R_ISODATE",
  };
  for (const field of [
    "event.dataset",
    "service.name",
    "retrofit.format",
    ...Object.keys(MACHINE_VARIABLES),
  ]) {
    fields[field] = `\${${FIELD}${field.replace("retrofit.format", "format")}}`;
  }
  const pairs = Object.entries(fields).map(([name, value]) => `${name}="${value}"`);
  return `$(format-json --scope none ${pairs.join(" ")})`;
}

/**
 * One request for many lines, each with an id of its own that stays the same when it is sent once more: the store refuses
 * what it has already, so that nothing is there twice.
 */
function destination(name: string, sizeMb: number, model: ForwarderModel): string {
  const { output } = model;
  const bytes = sizeMb * 1024 * 1024;
  const action = `$(format-json --scope none create._index="\${${FIELD}stream}" create._id="\${${FIELD}host.id}-$UNIQID")`;
  return `destination ${name} {
  http(
    url("${output.endpoint}/_bulk") method("POST") headers(${headers(output)})
${tls(output)}    body('${action}\n${document(model)}\n')
    persist-name("${name}") workers(1) batch-lines(3000) batch-bytes(2097152) batch-timeout(500)
    timeout(60) retries(1000000000)
    disk-buffer(
      reliable(yes) disk-buf-size(${bytes}) mem-buf-size(${Math.min(8 * 1024 * 1024, bytes / 8)})
      dir("${ROOT}${FORWARDER_FOLDER}/buffer")
    )
  );
};`;
}

/** In base64, since what comes from the environment is taken into the configuration as it is, quotes and all. */
function headers({ authentication }: StoreOutput): string {
  return [
    "Content-Type: application/x-ndjson",
    ...(authentication === "basic" ? ["Authorization: Basic `RETROFIT_LOGS_BASIC`"] : []),
  ]
    .map((header) => `"${header}"`)
    .join(", ");
}

function tls({ endpoint, trustedCertificates = "/etc/ssl/certs/ca-certificates.crt" }: StoreOutput): string {
  return endpoint.startsWith("https:") ? `    tls(ca-file("${trustedCertificates}") peer-verify(yes))\n` : "";
}
