import { SIZES } from "../sizes";
import type { Settings } from "./schema";
import type { EnvironmentConfig } from "./types";

/** Fills in what the file leaves out. Lists and `web.scaling` are taken as a whole, groups key by key. */
export function resolve(environment: string, region: string, settings: Settings): EnvironmentConfig {
  const { size, application, network, web, shift, policies, machines, database, sessions, vpn } = settings;
  const { keep, maintenance, migrations, budget, prices, live, standby } = settings;
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
    web: { ...defaults.web, ...web, healthCheck: { ...defaults.web.healthCheck, ...web.healthCheck } },
    shift: { ...defaults.shift, ...shift },
    machines: { ...defaults.machines, ...machines },
    // Only where the file asks for one, be it with an empty group.
    ...(database && { database: { ...defaults.database, ...database } }),
    ...(sessions && { sessions: { ...defaults.sessions, ...sessions } }),
    ...(vpn && { vpn }),
    ...(maintenance && { maintenance }),
    ...(migrations && { migrations }),
    deployment: settings.deployment ?? defaults.deployment,
    keep: { ...defaults.keep, ...keep },
    ...(policies && { policies }),
    ...(budget && { budget }),
    ...(prices && { prices: { ...prices, date: prices.date.slice(0, "2026-01-31".length) } }),
    ...(live && { live }),
    ...(standby && { standby }),
  };
}
