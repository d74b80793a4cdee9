/** What each kind of machine ships to the central logs. */
import * as pulumi from "@pulumi/pulumi";
import { forwarderFiles, type LogSource } from "../components/elk-stack";
import type { LogShipping } from "../components/machine";
import type { EnvironmentConfig, LogsConfig } from "./config/types";

/** The unit that runs a release, whichever role the machine has. */
const UNIT = "application.service";
/** What containers of Docker hosts, and content repositories, are called in the store: not the environment's application, which is judged by its lines. */
const CONTAINERS = "containers";
const REPOSITORY = "repository";

/** A store that machines may be told of. */
export interface LogPlace {
  readonly endpoint: pulumi.Input<string>;
  /** Of the user that may do everything: no machine gets it where there is another for them. */
  readonly secretArn: pulumi.Input<string>;
  /** Of the user that may only write lines. */
  readonly writerSecretArn?: pulumi.Input<string> | undefined;
  /** What the store's certificate is checked with, in PEM, where no public authority has made it. */
  readonly ca: pulumi.Input<string> | undefined;
  readonly config: LogsConfig;
}

/** Whose lines those of other machines than the web's are, by the name that they have in the store. */
export const OTHER_LINES: Readonly<Record<string, string>> = {
  [CONTAINERS]: "the Docker hosts' containers",
  [REPOSITORY]: "content repositories",
};

/** The secret that machines are granted and told. */
export const machinesSecret = ({
  secretArn,
  writerSecretArn,
}: Pick<LogPlace, "secretArn" | "writerSecretArn">): pulumi.Input<string> => writerSecretArn ?? secretArn;

export type ShippingRole = "web" | "docker_host" | "content_repository";

/** The journal first, with what the machine is there for in it; then the files that the environment names. */
export function logSources(config: EnvironmentConfig, role: ShippingRole = "web"): LogSource[] {
  const journal = { type: "journal", name: "journal" } as const;
  switch (role) {
    case "docker_host":
      return [{ ...journal, containers: { application: CONTAINERS } }];
    case "content_repository":
      return [{ ...journal, application: { unit: UNIT, name: REPOSITORY } }];
    case "web":
      return [...webSources(config, journal)];
  }
}

function webSources(
  { application, logs }: EnvironmentConfig,
  journal: { readonly type: "journal"; readonly name: string },
): LogSource[] {
  const { format = "plain", sources = [] } = logs ?? {};
  return [
    { ...journal, application: { unit: UNIT, name: application.name, format } },
    ...sources.map(
      ({ application: named, ...source }): LogSource => ({
        type: "files",
        ...source,
        application: named ?? application.name,
      }),
    ),
  ];
}

/** Names that lines of other machines than the web's have in the store. */
export function otherApplications({ docker, files }: EnvironmentConfig): string[] {
  return [
    // Amazon ECS writes to CloudWatch.
    ...(docker && docker.engine !== "ecs" ? [CONTAINERS] : []),
    ...(files.some(({ mode }) => mode === "repository") ? [REPOSITORY] : []),
  ];
}

/** What machines of a role need to ship their lines: the same for each of them. */
export function logShipping(
  config: EnvironmentConfig,
  place: LogPlace,
  role: ShippingRole = "web",
): LogShipping {
  const { environment } = config;
  const { endpoint, ca, config: logs } = place;
  const buffer = { sizeMb: logs.bufferMb, whenFull: logs.whenFull };
  const sources = logSources(config, role);
  const files = pulumi
    .all([endpoint, ca ?? ""])
    .apply(([store, certificate]) =>
      forwarderFiles({ environment, sources, buffer, endpoint: store, certificate }),
    );
  return { secretArn: machinesSecret(place), files };
}
