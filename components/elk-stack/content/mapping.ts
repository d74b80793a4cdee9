/** Fields in the names of the Elastic Common Schema, each with its type: a field that is not here is stored but not indexed. */

const keyword = { type: "keyword", ignore_above: 1024 };
const text = { type: "text" };
const date = { type: "date" };

/** By dotted name. */
const FIELDS: Readonly<Record<string, object>> = {
  "@timestamp": date,
  message: text,
  "ecs.version": keyword,
  "error.message": text,
  "error.stack_trace": { ...text, index: false },
  "error.type": keyword,
  "event.created": date,
  "event.dataset": keyword,
  "event.ingested": date,
  "forwarder.dropped": { type: "long" },
  "forwarder.limited": { type: "long" },
  "forwarder.queued": { type: "long" },
  "host.id": keyword,
  "host.name": keyword,
  "http.request.method": keyword,
  "http.response.status_code": { type: "short", ignore_malformed: true },
  labels: { type: "flat_object" },
  "log.file.path": keyword,
  "log.level": keyword,
  "log.logger": keyword,
  "log.syslog.facility.name": keyword,
  "process.name": keyword,
  "process.pid": { type: "long", ignore_malformed: true },
  "retrofit.fleet": keyword,
  "retrofit.role": keyword,
  "service.environment": keyword,
  "service.name": keyword,
  "service.version": keyword,
  "systemd.unit": keyword,
  "trace.id": keyword,
  "url.path": keyword,
};

interface Properties {
  [name: string]: { properties: Properties } | object;
}

/** Explicit: what a line brings beyond it is kept in its source, and can neither break the mapping nor make it grow. */
export const MAPPING = { dynamic: false, properties: nested(FIELDS) };

/** The fields that the forwarder sets on each line; `retrofit logs check` asks for every one of them. */
export const FIELDS_OF_EACH_LINE: readonly string[] = [
  "@timestamp",
  "message",
  "event.dataset",
  "host.id",
  "host.name",
  "log.level",
  "retrofit.fleet",
  "retrofit.role",
  "service.environment",
  "service.name",
  "service.version",
];

function nested(fields: Readonly<Record<string, object>>): Properties {
  const root: Properties = {};
  for (const [name, definition] of Object.entries(fields)) {
    const parts = name.split(".");
    let at = root;
    for (const part of parts.slice(0, -1)) {
      at[part] ??= { properties: {} };
      at = (at[part] as { properties: Properties }).properties;
    }
    at[parts.at(-1)!] = definition;
  }
  return root;
}
