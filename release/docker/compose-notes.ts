/** What of a compose file has nothing like it here, or something else in its place: said, never dropped in silence. */
import type { ContainerConfig } from "../../stacks/config/types";

// biome-ignore lint/suspicious/noExplicitAny: a compose file may hold anything
type Anything = Record<string, any>;
type Note = (text: string) => void;

/** Words of a service that a host does in its own way. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  container_name: "the host names its containers itself; others reach it by the name above.",
  hostname: "others reach it by the name above.",
  labels: "nothing here reads labels.",
  init: "the command is the container's first process.",
  pull_policy: "an image is named by digest, and pulled when it is not there.",
  networks: "a container reaches those it dependsOn by their names, and no others.",
};

/** `restart` and `deploy.restart_policy`; the latter counts where both are given, as compose has it. */
export function restartOf(
  restart: unknown,
  policy: Anything | undefined,
  note: Note,
): ContainerConfig["restart"] {
  const [word, most] = String(restart ?? "unless-stopped").split(":");
  const condition = String(policy?.condition ?? (policy ? "any" : word));
  const left = Object.keys(policy ?? {}).filter((key) => key !== "condition");
  if (left.length > 0)
    note(`deploy.restart_policy.${left.join(", ")} is left out: Docker's own delays count.`);
  if (most !== undefined) note(`restart was tried ${most} times at most; here it goes on.`);
  if (["no", "false", "none"].includes(condition)) return "never";
  if (condition === "on-failure") return "onFailure";
  if (!["always", "unless-stopped", "any"].includes(condition)) note(`restart: ${condition} is left out.`);
  return undefined;
}

export function logOf(logging: Anything | undefined, note: Note): ContainerConfig["log"] {
  if (!logging) return undefined;
  const { driver = "the daemon's driver", options = {} } = logging;
  const log = driver === "none" || driver === "local" ? driver : undefined;
  const names = Object.keys(options);
  const settings = names.length > 0 ? ` and its ${names.join(", ")}` : "";
  if (log === undefined && driver !== "journald") {
    note(
      `logging by ${driver}${settings} is left out: output goes to the journal and on to the log store; log: local or log: none say otherwise.`,
    );
  } else if (settings) note(`logging.options (${names.join(", ")}) are left out.`);
  return log;
}

/** What `deploy` says beside limits and restart. */
export function noteDeploy(deploy: Anything | undefined, note: Note): void {
  const { resources = {}, restart_policy: _, ...rest } = deploy ?? {};
  const { limits: __, ...reserved } = resources as Anything;
  for (const key of Object.keys(rest)) note(`deploy.${key} is left out.`);
  for (const key of Object.keys(reserved)) note(`deploy.resources.${key} is left out: limits alone count.`);
}

export function noteNetworkMode(mode: unknown, note: Note): void {
  if (mode === undefined || mode === "host" || mode === "bridge") return;
  note(`network_mode: ${mode} is left out: ${LEFT_OUT.networks}`);
}

export function noteDependencies(given: unknown, note: Note): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return;
  for (const [other, how] of Object.entries(given as Record<string, Anything | null>)) {
    if (how?.condition === "service_completed_successfully") {
      note(`waited for the end of ${other}; here it waits until ${other} is healthy.`);
    }
  }
}

/** What the file says beside its services. */
export function notesOfFile({ services: _, version: __, name: ___, ...rest }: Anything): string[] {
  return Object.entries(rest).flatMap(([key, value]) => {
    if (key.startsWith("x-")) return [];
    if (key === "volumes") {
      return Object.entries((value ?? {}) as Anything)
        .filter(([, settings]) => Object.keys(settings ?? {}).length > 0)
        .map(([volume, settings]) => `volumes.${volume}: ${Object.keys(settings).join(", ")} is left out.`);
    }
    if (key === "networks")
      return [`networks (${Object.keys(value ?? {}).join(", ")}) are left out: ${LEFT_OUT.networks}`];
    return [`${key} is left out: there is nothing like it here.`];
  });
}
