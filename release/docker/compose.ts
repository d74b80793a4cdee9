/** A compose file as the declaration of a Docker host, and what of it could not be taken over as it was. */
import { parseDocument } from "yaml";
import type { ContainerConfig } from "../../stacks/config/types";
import { wrongUse } from "../errors";
import {
  LEFT_OUT,
  logOf,
  noteDependencies,
  noteDeploy,
  noteNetworkMode,
  notesOfFile,
  restartOf,
} from "./compose-notes";
import { containerName, megabytes, seconds, words } from "./compose-values";

export interface ImportedCompose {
  readonly containers: readonly ContainerConfig[];
  /** What a person has to look at, by container. */
  readonly notes: readonly string[];
}

/** Where nothing is said: little enough that many fit, and said in a note. */
const DEFAULTS = { memoryMb: 256, cpus: 0.25 };
const SECRET_NAME = /(PASSWORD|PASSWD|SECRET|TOKEN|PRIVATE|CREDENTIAL|API_?KEY)/i;
const FIRST_HOST_PORT = 18_000;

// biome-ignore lint/suspicious/noExplicitAny: a compose file may hold anything
type Service = Record<string, any>;

/** @throws CommandError where the text is no compose file. */
export function importCompose(text: string, file: string): ImportedCompose {
  const document = parseDocument(text, { merge: true });
  if (document.errors.length > 0) {
    throw wrongUse(`${file} is not valid YAML: ${document.errors[0]!.message.split("\n")[0]}`);
  }
  const whole = document.toJS() as { services?: Record<string, Service> } | null;
  const services = whole?.services;
  if (!services || typeof services !== "object" || Object.keys(services).length === 0) {
    throw wrongUse(`${file} has no services.`, "Name a compose file: it begins with services:.");
  }
  const importer = new Importer();
  for (const [name, service] of Object.entries(services)) importer.add(name, service ?? {});
  importer.notes.push(...notesOfFile(whole));
  return importer;
}

class Importer implements ImportedCompose {
  readonly containers: ContainerConfig[] = [];
  readonly notes: string[] = [];
  private nextPort = FIRST_HOST_PORT;

  add(service: string, from: Service): void {
    const name = containerName(service);
    const note = (text: string) => this.notes.push(`${name}: ${text}`);
    if (name !== service) note(`was named ${service}.`);
    const known = new Set(Object.keys(LEFT_OUT));
    for (const key of known) if (from[key] !== undefined) note(`${key} is left out: ${LEFT_OUT[key]}`);
    // All are dropped as it is.
    known.add("cap_drop");
    const take = (key: string) => {
      known.add(key);
      return from[key];
    };
    const allow: NonNullable<ContainerConfig["allow"]> = [];
    const deploy = take("deploy") as Service | undefined;
    noteDeploy(deploy, note);
    const restart = restartOf(take("restart"), deploy?.restart_policy, note);
    const log = logOf(take("logging"), note);
    const limits = limitsOf(deploy, take("mem_limit"), take("cpus"), take("pids_limit"));
    if (limits.memoryMb === undefined) note(`no memory limit was set; ${DEFAULTS.memoryMb} MiB are a guess.`);
    if (limits.cpus === undefined) note(`no processor limit was set; ${DEFAULTS.cpus} cores are a guess.`);
    const environment = this.environment(take("environment"), note);
    const ports = this.ports(take("ports"), note);
    const volumes = this.volumes(take("volumes"), note);
    const check = take("healthcheck") as Service | undefined;
    if (check?.start_interval !== undefined) note("healthcheck.start_interval is left out.");
    const health = healthOf(check);
    noteDependencies(take("depends_on"), note);
    const dependsOn = dependenciesOf(from.depends_on).map(containerName);
    const stop = seconds(take("stop_grace_period"));
    const capabilities = [take("cap_add") ?? []].flat().map((one: string) => one.replace(/^CAP_/, ""));
    const entrypoint = words(take("entrypoint"));
    const command = [...entrypoint, ...words(take("command"))];
    if (entrypoint.length > 0)
      note("the image's entry point stays; the one of the file is put before the command.");
    if (take("read_only") !== true) {
      allow.push("writableRoot");
      note(
        "writes to its root file system, as before; take writableRoot away when it only writes to /tmp and volumes.",
      );
    }
    for (const [key, word] of [
      ["privileged", take("privileged") === true && "privileged"],
      ["network_mode", take("network_mode") === "host" && "hostNetwork"],
    ] as const) {
      if (word) note(`${key} was asked for and is left out: it needs ${word}: true and its word in allow.`);
    }
    noteNetworkMode(from.network_mode, note);
    const user = take("user");
    const image = this.image(take("image"), from, note);
    if (take("build") !== undefined && from.image !== undefined)
      note("build is left out: the image is taken.");
    for (const key of Object.keys(from).filter((one) => !known.has(one) && !one.startsWith("x-"))) {
      note(`${key} is left out: there is nothing like it here.`);
    }
    this.containers.push({
      name,
      image,
      ...(command.length > 0 && { command }),
      ...DEFAULTS,
      ...limits,
      ...(ports.length > 0 && { ports }),
      ...(Object.keys(environment).length > 0 && { environment }),
      ...(volumes.length > 0 && { volumes }),
      ...(health && { health }),
      ...(capabilities.length > 0 && { capabilities }),
      ...(user !== undefined && { user: String(user) }),
      ...(dependsOn.length > 0 && { dependsOn }),
      ...(stop !== undefined && { stopSeconds: stop }),
      ...(restart !== undefined && { restart }),
      ...(log !== undefined && { log }),
      ...(allow.includes("writableRoot") && { writableRoot: true }),
      ...(allow.length > 0 && { allow }),
    } as ContainerConfig);
  }

  private image(image: unknown, { build }: Service, note: (text: string) => void): string {
    if (image === undefined) {
      note(`is built from ${JSON.stringify(build ?? ".")}: build it, push it, and name it by digest.`);
      return "FILL-IN@sha256:";
    }
    return String(image);
  }

  private environment(given: unknown, note: (text: string) => void): Record<string, string> {
    const pairs: [string, unknown][] = Array.isArray(given)
      ? given.map((one) => [
          String(one).split("=")[0]!,
          String(one).includes("=") ? String(one).replace(/^[^=]*=/, "") : undefined,
        ])
      : Object.entries((given ?? {}) as object);
    const kept: Record<string, string> = {};
    for (const [name, value] of pairs) {
      if (SECRET_NAME.test(name))
        note(`${name} looks like a secret and is left out: put it into Secrets Manager and under secrets.`);
      else if (value === undefined || value === null)
        note(`${name} came from the shell that started it: write its value.`);
      else kept[name] = String(value);
    }
    return kept;
  }

  private ports(given: unknown, note: (text: string) => void) {
    return ([given ?? []].flat() as (string | Service)[]).flatMap(
      (one): NonNullable<ContainerConfig["ports"]> => {
        const text =
          typeof one === "object"
            ? `${one.published ?? ""}:${one.target}/${one.protocol ?? "tcp"}`
            : String(one);
        const found = /^(?:(?:\[[^\]]*\]|\d+(?:\.\d+){3}):)?(?:(\d*):)?(\d+)(?:\/(tcp|udp))?$/.exec(text);
        if (!found || found[3] === "udp") {
          note(`the port ${text} is left out: one TCP port at a time can be published.`);
          return [];
        }
        const wanted = found[1] ? Number(found[1]) : undefined;
        const address =
          typeof one === "object" ? one.host_ip : /^(\[[^\]]*\]|\d+(?:\.\d+){3}):/.exec(text)?.[1];
        if (address !== undefined) {
          note(
            `port ${found[2]} was published on ${address} only; here a route of the load balancer reaches it, and nobody else.`,
          );
        }
        const host = this.freePair(wanted);
        if (host !== wanted)
          note(`port ${found[2]} is published on ${host}${wanted ? ` in place of ${wanted}` : ""}.`);
        return [{ container: Number(found[2]), host }];
      },
    );
  }

  /** A published port takes the next one too. */
  private freePair(wanted: number | undefined): number {
    const taken = this.containers.flatMap(({ ports = [] }) => ports.flatMap(({ host }) => host ?? []));
    const free = (port: number) => port >= 1024 && taken.every((other) => Math.abs(other - port) > 1);
    if (wanted !== undefined && free(wanted)) return wanted;
    while (!free(this.nextPort)) this.nextPort += 2;
    this.nextPort += 2;
    return this.nextPort - 2;
  }

  private volumes(given: unknown, note: (text: string) => void): NonNullable<ContainerConfig["volumes"]> {
    return ([given ?? []].flat() as (string | Service)[]).flatMap(
      (one): NonNullable<ContainerConfig["volumes"]> => {
        if (typeof one === "object" && !["bind", "volume", undefined].includes(one.type)) {
          note(`the ${one.type} on ${one.target} is left out; /tmp can be written.`);
          return [];
        }
        const [source = "", mount, mode = ""] =
          typeof one === "object"
            ? [one.source, one.target, one.read_only ? "ro" : ""]
            : String(one).split(":");
        const options = mode.split(",").filter((option: string) => !["", "ro", "rw"].includes(option));
        if (options.length > 0) note(`${options.join(", ")} of the volume ${source} is left out.`);
        const readOnly = mode.split(",").includes("ro") ? { readOnly: true } : {};
        if (mount === undefined) {
          note(`the volume ${source} has no name: it is lost with the container, so it is left out.`);
          return [];
        }
        if (/docker\.sock$/.test(source)) {
          note("the daemon's socket is left out: whoever has it is root on the host.");
          return [];
        }
        if (/^[./~]/.test(source)) {
          const path = source.startsWith("/") ? source : `/srv/files/${source.replace(/^[./~]+/, "")}`;
          note(
            `${source} was a folder of the machine: bring its files to ${path} of each host, or into the image.`,
          );
          return [{ type: "host", path, mount, ...readOnly }];
        }
        note(`the volume ${source} is on the data disk: set diskSizeGb, and copy its data.`);
        return [{ type: "disk", path: `/srv/data/${source}`, mount, ...readOnly }];
      },
    );
  }
}

function limitsOf(deploy: Service | undefined, memory: unknown, cpus: unknown, pids: unknown) {
  const limits = deploy?.resources?.limits ?? {};
  const memoryMb = megabytes(limits.memory ?? memory);
  const cores = limits.cpus ?? cpus;
  const most = limits.pids ?? pids;
  return {
    ...(memoryMb !== undefined && { memoryMb: Math.max(6, memoryMb) }),
    ...(cores !== undefined && { cpus: Number(cores) }),
    ...(Number(most) > 0 && { pids: Number(most) }),
  } as { memoryMb?: number; cpus?: number; pids?: number };
}

function healthOf(check: Service | undefined): ContainerConfig["health"] {
  const test = check?.test;
  if (!check || check.disable === true || test === undefined || test === "NONE" || test[0] === "NONE")
    return undefined;
  const list = Array.isArray(test) ? test.map(String) : ["CMD-SHELL", String(test)];
  const command = list[0] === "CMD" ? list.slice(1) : ["/bin/sh", "-c", list.slice(1).join(" ")];
  const times = {
    intervalSeconds: seconds(check.interval),
    timeoutSeconds: seconds(check.timeout),
    startSeconds: seconds(check.start_period),
    retries: check.retries as number | undefined,
  };
  return { command, ...Object.fromEntries(Object.entries(times).filter(([, value]) => value !== undefined)) };
}

function dependenciesOf(given: unknown): string[] {
  return Array.isArray(given) ? given.map(String) : Object.keys((given ?? {}) as object);
}
