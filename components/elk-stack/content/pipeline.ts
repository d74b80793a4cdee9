/** What the store does with a line before it keeps it, whichever forwarder sent it. */
import { MASKS } from "../forwarder/masking";
import { FIELDS_OF_EACH_LINE } from "./mapping";

/** Words for levels, as applications and syslog write them, and what they become. */
const LEVELS: Readonly<Record<string, string>> = {
  emerg: "fatal",
  emergency: "fatal",
  panic: "fatal",
  fatal: "fatal",
  alert: "fatal",
  crit: "fatal",
  critical: "fatal",
  severe: "error",
  err: "error",
  error: "error",
  warning: "warn",
  warn: "warn",
  notice: "info",
  info: "info",
  information: "info",
  informational: "info",
  log: "info",
  debug: "debug",
  fine: "debug",
  trace: "trace",
  finer: "trace",
  // As the journal counts them.
  0: "fatal",
  1: "fatal",
  2: "fatal",
  3: "error",
  4: "warn",
  5: "info",
  6: "info",
  7: "debug",
};

/**
 * JSON lines: `level`, `time` and `message` (and the names that common loggers use for them) become the line's own; the
 * rest is under `labels`. Numbers are the levels of pino and bunyan. A time that is a number is in seconds, milliseconds,
 * micro- or nanoseconds, as its size tells; one before 2001 counts from something else, such as the program's start.
 */
const TAKE_JSON = `
String timeOf(String text) {
  if (text.length() > 32 || !(text ==~ /-?[0-9]+([.][0-9]+)?([eE][0-9]+)?/)) { return text; }
  double number = Double.parseDouble(text);
  if (number < 1e9 || number > 1e20) { return null; }
  if (number < 1e11) { return Long.toString((long) (number * 1000)); }
  while (number >= 1e14) { number = number / 1000; }
  return Long.toString((long) number);
}
String first(Map from, def names) {
  for (def name : names) { def value = from.get(name); if (value != null) { from.remove(name); return value.toString(); } }
  return null;
}
Map json = ctx.remove('_json');
String message = first(json, ['message', 'msg', '@message', 'log']);
if (message != null) { ctx.message = message; }
String level = first(json, ['level', 'severity', 'lvl', 'log.level', '@level']);
if (level != null) {
  if (ctx.log == null) { ctx.log = [:]; }
  if (level =~ /^[0-9]{1,9}$/) {
    int number = Integer.parseInt(level);
    ctx.log.level = number >= 60 ? 'fatal' : number >= 50 ? 'error' : number >= 40 ? 'warn' : number >= 30 ? 'info' : number >= 20 ? 'debug' : 'trace';
  } else { ctx.log.level = level; }
}
String time = first(json, ['@timestamp', 'timestamp', 'time', 'ts']);
if (time != null) { ctx._time = timeOf(time); }
String trace = first(json, ['trace.id', 'traceId', 'trace_id']);
if (trace != null) { ctx.trace = ['id': trace]; }
String stack = first(json, ['stack', 'stack_trace', 'stacktrace']);
if (stack != null) { if (ctx.error == null) { ctx.error = [:]; } ctx.error.stack_trace = stack; }
if (!json.isEmpty()) { ctx.labels = json; }
`;

/**
 * What the store's index of labels cannot hold is kept beside it, unindexed. A value of more than 32,766 bytes with its path
 * has the whole line refused, and at some hundred levels of depth the index runs out of stack and never answers: neither is
 * a line's own affair, since its forwarder would wait for it with all that come after.
 */
const FIT_LABELS = `
boolean fits(def value, int room, int depth) {
  if (depth == 0) { return false; }
  if (value instanceof Map) {
    for (def entry : ((Map) value).entrySet()) {
      if (!fits(entry.getValue(), room - entry.getKey().length(), depth - 1)) { return false; }
    }
    return true;
  }
  if (value instanceof List) {
    for (def one : (List) value) { if (!fits(one, room, depth - 1)) { return false; } }
    return true;
  }
  return (value == null ? 0 : value.toString().length()) <= room;
}
if (!(ctx.labels instanceof Map)) { ctx[params.beside] = ctx.remove('labels'); return; }
Map beside = [:];
Iterator labels = ctx.labels.entrySet().iterator();
while (labels.hasNext()) {
  def label = labels.next();
  if (!fits(label.getValue(), params.characters - label.getKey().length(), params.depth)) {
    beside.put(label.getKey(), label.getValue());
    labels.remove();
  }
}
if (!beside.isEmpty()) { ctx[params.beside] = beside; }
if (ctx.labels.isEmpty()) { ctx.remove('labels'); }
`;
/** Three bytes at most for each character, and room for what the store puts before it. */
const FITTING = { characters: 10_000, depth: 20, beside: "labels_unindexed" };

/**
 * Plain lines of an application name their level in capitals, and a stack trace names its error. By grok: a script may not
 * look at a long line by a regular expression.
 */
const WORDS = {
  LEVELWORD: "\\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|CRITICAL|FATAL)\\b",
  ERRORWORD: "\\b[A-Za-z_][A-Za-z0-9_.$]*(?:Error|Exception|Throwable)\\b",
};

/** A message of several lines is a stack trace, and one that names no level is an error. */
const READ_TRACE = `
int end = ctx.message.indexOf(params.newline);
if (end > 0) {
  if (ctx.error == null) { ctx.error = [:]; }
  ctx.error.stack_trace = ctx.message;
  ctx.error.message = ctx.message.substring(0, end);
  if (ctx._level == null) { ctx._level = 'error'; }
}
if (ctx._level != null) {
  if (ctx.log == null) { ctx.log = [:]; }
  ctx.log.level = ctx.remove('_level');
}
`;

/**
 * One word for each level, and no field that says nothing. Every line goes through it, so types are named wherever they are
 * known: what is looked up anew for each value costs the store as much as the rest of the pipeline.
 */
const TIDY = `
void tidy(Map fields) {
  Iterator values = fields.values().iterator();
  while (values.hasNext()) {
    def value = values.next();
    if (value instanceof Map) { Map group = (Map) value; tidy(group); if (group.isEmpty()) { values.remove(); } }
    else if (value == null || value == '') { values.remove(); }
  }
}
Map log = (Map) ctx.get('log');
if (log != null && log.get('level') != null) {
  String level = log.get('level').toString().toLowerCase();
  log.put('level', ((Map) params.get('levels')).getOrDefault(level, level));
}
Map own = (Map) ctx.get('retrofit');
if (own != null) { own.remove('format'); }
for (String name : (List) params.get('groups')) {
  def group = ctx.get(name);
  if (group instanceof Map) { tidy((Map) group); if (((Map) group).isEmpty()) { ctx.remove(name); } }
}
ctx.ecs = ['version': params.get('ecs')];
ctx.remove('_json');
ctx.remove('_time');
`;

/** Groups of fields in which a forwarder may leave some empty. */
const GROUPS = ["process", "log", "systemd", "service", "retrofit", "host"];
const ECS_VERSION = "8.11";

/**
 * What syslog-ng reports of itself, as numbers that an alarm can look at: what waits for the store, what was left out for
 * want of room, and what was beyond the rate of its source. The rest of its statistics is for its own control socket.
 */
const COUNT_FORWARDER = `
long sum(String text, String counter) {
  long total = 0;
  int at = text.indexOf(counter);
  while (at >= 0) {
    int from = text.indexOf(')=', at) + 2;
    int to = text.indexOf("'", from);
    total += Long.parseLong(text.substring(from, to));
    at = text.indexOf(counter, to);
  }
  return total;
}
Map counts = [:];
for (def counter : params.counters.entrySet()) { counts.put(counter.getKey(), sum(ctx.message, counter.getValue())); }
ctx.forwarder = counts;
ctx.message = counts.queued + ' lines wait for the store, ' + counts.dropped + ' were left out, ' + counts.limited + ' were beyond their rate';
`;
const COUNTERS = {
  queued: "queued='dst.http(d_store",
  dropped: "dropped='dst.http(d_store",
  limited: "not_matched='filter(f_limit_",
};

/** What only lines of some sources have. */
const FIELDS_OF_SOME_LINES = [
  "log.file.path",
  "log.offset",
  "process.name",
  "process.pid",
  "retrofit.format",
  "systemd.unit",
];

/** The store's own reader runs out of stack as well: a line of more than a hundred levels stays text. */
const isJson = `
if (ctx.retrofit?.format != 'json' || !(ctx.message instanceof String)) { return false; }
String text = (String) ctx.message;
// Nothing shorter is too deep.
if (text.length() < 1000) { return true; }
int depth = 0;
for (int at = 0; at < text.length(); at++) {
  char letter = text.charAt(at);
  if (letter == (char) '{' || letter == (char) '[') { if (++depth > 100) { return false; } }
  else if (letter == (char) '}' || letter == (char) ']') { depth--; }
}
return true;
`;
const isPlain =
  "ctx.retrofit?.format == 'plain' && ctx.message != null && ctx.service?.name != 'system' && ctx.service?.name != 'forwarder'";
const words = { field: "message", pattern_definitions: WORDS, ignore_failure: true };
const isForwarder =
  "ctx.event?.dataset == 'forwarder' && ctx.message != null && ctx.message.contains('Log statistics')";

export const PIPELINE_DESCRIPTION = "Lines of applications and machines, from any of Retrofit's forwarders";

/** `mask`: for forwarders that cannot replace in a line themselves. */
export function pipelineProcessors(options: { mask: boolean }): object[] {
  return [
    ...(options.mask
      ? [
          ...MASKS.map(({ pattern, replacement }) => ({
            gsub: { field: "message", pattern, replacement, ignore_missing: true },
          })),
          // Such forwarders set fields by their dotted names, and scripts look for them in their groups.
          ...FIELDS_OF_EACH_LINE.filter((field) => field.includes("."))
            .concat(FIELDS_OF_SOME_LINES)
            .map((field) => ({ dot_expander: { field, ignore_failure: true } })),
        ]
      : []),
    { set: { field: "event.ingested", value: "{{_ingest.timestamp}}" } },
    { json: { field: "message", target_field: "_json", if: isJson, ignore_failure: true } },
    { script: { source: TAKE_JSON, if: "ctx._json instanceof Map" } },
    { script: { source: FIT_LABELS, params: FITTING, if: "ctx.labels != null" } },
    {
      date: {
        field: "_time",
        formats: ["ISO8601", "UNIX_MS", "yyyy-MM-dd HH:mm:ss,SSS", "yyyy-MM-dd HH:mm:ss.SSS"],
        if: "ctx._time != null",
        ignore_failure: true,
      },
    },
    { grok: { ...words, patterns: ["%{LEVELWORD:_level}"], if: isPlain } },
    { script: { source: READ_TRACE, params: { newline: "\n" }, if: isPlain } },
    { grok: { ...words, patterns: ["%{ERRORWORD:error.type}"], if: "ctx.error?.stack_trace != null" } },
    { script: { source: COUNT_FORWARDER, params: { counters: COUNTERS }, if: isForwarder } },
    { script: { source: TIDY, params: { levels: LEVELS, groups: GROUPS, ecs: ECS_VERSION } } },
  ];
}

/** A line is kept as it came when something in here fails: what cannot be read is better than what is lost. */
export const ON_FAILURE = [
  { set: { field: "labels.pipeline_failure", value: "{{_ingest.on_failure_message}}" } },
  { remove: { field: ["_json", "_time", "_level"], ignore_missing: true } },
];
