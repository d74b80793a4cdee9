/** The database and the session store of an environment, and what the machines must know of them. */
import type * as pulumi from "@pulumi/pulumi";
import { Database, type DatabaseArgs, SessionStore } from "../components/database";
import type { NetworkLike } from "../components/network";
import type { DatabaseConfig, EnvironmentConfig } from "./config/types";

export interface Stores {
  readonly database?: Database;
  readonly sessions?: SessionStore;
}

/** Makes what the configuration asks for; nothing when it does not. */
export function makeStores(
  config: EnvironmentConfig,
  network: NetworkLike,
  opts: pulumi.ComponentResourceOptions,
): Stores {
  const { database, sessions } = config;
  const common = { network, protected: config.protected };
  return {
    ...(database && { database: new Database("database", { ...common, ...databaseArgs(database) }, opts) }),
    ...(sessions && { sessions: new SessionStore("sessions", { ...common, ...sessions }, opts) }),
  };
}

function databaseArgs(config: DatabaseConfig): Omit<DatabaseArgs, "network"> {
  const { name, sharding, restoreFrom, kmsKey, ...sizes } = config;
  const kept = {
    ...(kmsKey === undefined ? {} : { kmsKeyArn: kmsKey }),
    ...(restoreFrom === undefined ? {} : { restoreFrom }),
  };
  // The defaults of a size are those of a writer.
  if (sharding !== undefined) {
    const { multiAz, backupDays } = sizes;
    return { sharding: sharding as DatabaseArgs["sharding"], multiAz, backupDays, ...kept };
  }
  return { databaseName: name, ...sizes, ...kept };
}

/** Lets machines in. `who` names their security group. */
export function openStores(
  { database, sessions }: Stores,
  who: string,
  securityGroupId: pulumi.Input<string>,
): void {
  database?.allowFrom(who, securityGroupId);
  sessions?.allowFrom(who, securityGroupId);
}

/** Plain variables: where things are, and under which secret the rest is. */
export function storeVariables({ database, sessions }: Stores): Record<string, pulumi.Input<string>> {
  return {
    ...(database && {
      DATABASE_HOST: database.endpoint,
      DATABASE_PORT: database.port.apply(String),
      DATABASE_NAME: database.databaseName,
      DATABASE_SECRET_ARN: database.secretArn,
    }),
    ...(database?.readerEndpoint && {
      DATABASE_READER_HOST: database.readerEndpoint,
      DATABASE_READER_HOSTS: database.readerEndpoints.apply((hosts) => hosts.join(",")),
    }),
    ...(sessions && {
      SESSION_STORE_HOST: sessions.endpoint,
      SESSION_STORE_PORT: sessions.port.apply(String),
      SESSION_STORE_SECRET_ARN: sessions.secretArn,
    }),
  };
}

/** Variables that each machine reads from Secrets Manager when its application starts. */
export function storeSecrets({
  database,
  sessions,
}: Stores): Record<string, { arn: pulumi.Input<string>; key: string }> {
  return {
    ...(database && {
      DATABASE_USER: { arn: database.secretArn, key: "username" },
      DATABASE_PASSWORD: { arn: database.secretArn, key: "password" },
    }),
    ...(sessions && {
      SESSION_STORE_USER: { arn: sessions.secretArn, key: "username" },
      SESSION_STORE_TOKEN: { arn: sessions.secretArn, key: "token" },
    }),
  };
}

/** The secrets that a machine's role has to be allowed to read. */
export function storeSecretArns({ database, sessions }: Stores): pulumi.Output<string>[] {
  return [database?.secretArn, sessions?.secretArn].filter((arn) => arn !== undefined);
}

/** What a program tells about its stores; no secrets. */
export function storeOutputs({ database, sessions }: Stores) {
  return {
    ...(database && {
      database: {
        endpoint: database.endpoint,
        port: database.port,
        name: database.databaseName,
        secretArn: database.secretArn,
        ...(database.readerEndpoint && { readerEndpoint: database.readerEndpoint }),
        ...(database.instanceIdentifier && { instance: database.instanceIdentifier }),
        ...(database.clusterIdentifier && { cluster: database.clusterIdentifier }),
      },
    }),
    ...(sessions && {
      sessions: {
        endpoint: sessions.endpoint,
        port: sessions.port,
        secretArn: sessions.secretArn,
        nodes: sessions.nodeIds,
      },
    }),
  };
}
