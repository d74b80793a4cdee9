import { gunzipSync } from "node:zlib";
import { parse } from "yaml";
import type { ArtifactSource } from "./artifacts";

/** What a machine is told to be by its user data: the file `/etc/retrofit/machine.json`. */
export interface FirstBoot {
  /** Where user and password of the log store are; without it lines stay on the machine. */
  logs?: { secretArn: string };
  environment: string;
  role: string;
  region: string;
  release?: string;
  /** `blue` or `green`. */
  fleet?: string;
  application?: {
    name: string;
    command: string;
    port: number;
    environment?: Record<string, string>;
    /** Variables by name, whose values are read at each start. */
    secrets?: Record<string, SecretReference>;
    artifact: ArtifactSource;
  };
  /** Of a machine that runs containers. */
  docker?: object;
  configuration?: ArtifactSource;
}

/** What a machine runs: a release of the application, or the containers of a Docker host. */
export interface Workload {
  /** For people: `release 1.0.0`. */
  what: string;
  /** Fetched before it starts, into a folder below the machine's root. */
  archive: ArtifactSource;
  folder: string;
  command: string;
  /** Where it listens when it is up; none where that is not known beforehand. */
  port?: number;
  environment: Record<string, string>;
  secrets: Record<string, SecretReference>;
}

export interface SecretReference {
  arn: string;
  /** Property of a secret that is a JSON object. */
  key?: string;
}

export const documentPath = "/etc/retrofit/machine.json";

/**
 * Reads the first boot document out of an instance's user data. Undefined: the user data has none, or one of a machine
 * that is made by its configuration alone, so there is nothing to run. Throws when there is one that cannot be read.
 */
export function firstBoot(userData: string | null): FirstBoot | undefined {
  const file = writtenFiles(userData).find(({ path }) => path === documentPath);
  const found = file && (JSON.parse(file.content) as FirstBoot);
  if (found?.configuration && !found.application && !found.docker) return undefined;
  return file && asDocument(file.content);
}

export interface WrittenFile {
  path: string;
  content: string;
  /** Such as 0o755. */
  mode: number;
}

/** The files that cloud-init writes at first boot. */
export function writtenFiles(userData: string | null): WrittenFile[] {
  if (userData === null) return [];
  const text = unpacked(userData);
  if (!text.startsWith("#cloud-config")) return [];
  const config = parse(text) as {
    write_files?: { path?: string; content?: string; encoding?: string; permissions?: string }[];
  } | null;
  return (config?.write_files ?? []).flatMap(({ path, content, encoding, permissions }) =>
    path === undefined
      ? []
      : [
          {
            path,
            content: decoded(content ?? "", encoding),
            mode: Number.parseInt(permissions ?? "0644", 8),
          },
        ],
  );
}

/** Checks that a first boot document says what a machine needs. */
export function asDocument(text: string): FirstBoot {
  const document = JSON.parse(text) as FirstBoot;
  const { application, configuration } = document;
  const ofHost = {
    "configuration.bucket": configuration?.bucket,
    "configuration.key": configuration?.key,
    "configuration.sha256": configuration?.sha256,
  };
  const ofApplication = {
    "application.command": application?.command,
    "application.port": application?.port,
    "application.artifact.bucket": application?.artifact?.bucket,
    "application.artifact.key": application?.artifact?.key,
    "application.artifact.sha256": application?.artifact?.sha256,
  };
  const needed: Record<string, unknown> = document.docker ? ofHost : ofApplication;
  const missing = Object.entries(needed).filter(([, value]) => value === undefined || value === "");
  if (missing.length > 0) {
    throw new Error(`${documentPath} has no ${missing.map(([name]) => name).join(", ")}`);
  }
  return document;
}

/** What a machine runs. @param playHost The command that plays a Docker host whose configuration is in a folder. */
export function workloadOf(document: FirstBoot, playHost: (folder: string) => string): Workload {
  const { application, configuration, release } = document;
  if (document.docker && configuration) {
    const folder = `var/lib/retrofit/configuration/${configuration.sha256.slice(0, 12)}`;
    const archive = configuration;
    return { what: "containers", archive, folder, command: playHost(folder), environment: {}, secrets: {} };
  }
  if (!application) throw new Error(`${documentPath} has neither application nor docker`);
  const { name, artifact, command, port, environment = {}, secrets = {} } = application;
  return {
    what: `release ${release}`,
    archive: artifact,
    folder: `opt/${name ?? "application"}/${release ?? "release"}`,
    command,
    port,
    environment: {
      ...environment,
      PORT: String(port),
      RELEASE: release ?? "",
      ENVIRONMENT: document.environment,
    },
    secrets,
  };
}

/** User data may be compressed as a whole, and arrives then as bytes or in base64. */
function unpacked(userData: string): string {
  if (userData.startsWith("\x1f\x8b")) return gunzipSync(Buffer.from(userData, "latin1")).toString("utf8");
  if (userData.startsWith("H4sI")) return gunzipSync(Buffer.from(userData, "base64")).toString("utf8");
  return userData;
}

/** The encodings of cloud-init's `write_files`. */
function decoded(content: string, encoding = "text/plain"): string {
  switch (encoding) {
    case "gz":
    case "gzip":
      return gunzipSync(Buffer.from(content, "latin1")).toString("utf8");
    case "gz+base64":
    case "gzip+base64":
    case "gz+b64":
    case "gzip+b64":
      return gunzipSync(Buffer.from(content, "base64")).toString("utf8");
    case "b64":
    case "base64":
      return Buffer.from(content, "base64").toString("utf8");
    case "text/plain":
      return content;
    default:
      throw new Error(`a file of write_files has the unknown encoding "${encoding}"`);
  }
}
