import { SIZES } from "../sizes";
import type { Settings } from "./schema";
import type { EnvironmentConfig, HoursConfig, WebConfig } from "./types";

/** Fills in what the file leaves out. Lists and `web.scaling` are taken as a whole, groups key by key. */
export function resolve(environment: string, region: string, settings: Settings): EnvironmentConfig {
  const {
    size,
    application,
    network,
    web,
    shift,
    policies,
    machines,
    docker,
    database,
    sessions,
    logs,
    vpn,
  } = settings;
  const { keep, maintenance, migrations, budget, prices, live, standby } = settings;
  const { artifacts, links, promotion, differs, hours, expires, permissionsBoundary } = settings;
  // A copy: whoever changes a list of one environment must not change the defaults of all.
  const defaults = structuredClone(SIZES[size]);
  return {
    environment,
    region,
    size,
    protected: settings.protected ?? defaults.protected,
    application: { ...defaults.application, ...application },
    network: {
      ...defaults.network,
      ...network,
      flowLogs: { ...defaults.network.flowLogs, ...network?.flowLogs },
    },
    web: withHours(
      { ...defaults.web, ...web, healthCheck: { ...defaults.web.healthCheck, ...web.healthCheck } },
      hours,
    ),
    shift: { ...defaults.shift, ...shift },
    machines: { ...defaults.machines, ...machines },
    // Only where the file asks for one, be it with an empty group.
    ...(database && { database: { ...defaults.database, ...database } }),
    ...(sessions && { sessions: { ...defaults.sessions, ...sessions } }),
    ...(docker && { docker }),
    ...(logs && { logs: { ...defaults.logs, ...logs } }),
    artifacts: { ...defaults.artifacts, ...artifacts },
    files: settings.files ?? [],
    ...(vpn && { vpn }),
    ...(maintenance && { maintenance }),
    ...(migrations && { migrations }),
    deployment: settings.deployment ?? defaults.deployment,
    keep: { ...defaults.keep, ...keep },
    ...(policies && { policies }),
    ...(budget && { budget }),
    ...(prices && { prices: { ...prices, date: prices.date.slice(0, "2026-01-31".length) } }),
    ...(links && { links }),
    ...(promotion && { promotion }),
    ...(differs && { differs }),
    ...(hours && { hours }),
    ...(expires !== undefined && { expires }),
    ...(permissionsBoundary !== undefined && { permissionsBoundary }),
    ...(live && { live }),
    ...(standby && { standby }),
  };
}

/** Hours are two schedules more. Schedules of the file come later in the list, but by the clock all are alike. */
function withHours(web: WebConfig, hours: HoursConfig | undefined): WebConfig {
  if (!hours) return web;
  const { start, stop, timeZone } = hours;
  const schedules = [
    { name: "hours-start", cron: start, timeZone, min: web.min, max: web.max },
    { name: "hours-stop", cron: stop, timeZone, min: 0, max: 0 },
  ];
  return { ...web, schedules: [...schedules, ...web.schedules] };
}
