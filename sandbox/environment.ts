import { delimiter, join } from "node:path";
import type { SandboxFiles } from "./folders";

export const region = "eu-central-1";
export const credentials = { accessKeyId: "sandbox", secretAccessKey: "sandbox" };

/** What a running sandbox has to be reached with. */
export interface Connection {
  endpoint: string;
  /** Goes in front of PATH; absent when the engine is on PATH already. */
  engineFolder?: string;
}

/** The standard variables that point AWS and Pulumi tools at a sandbox, and nothing else. */
export function environmentOf(
  { endpoint, engineFolder }: Connection,
  files: Pick<SandboxFiles, "pulumi" | "state" | "folder">,
  callers: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const path = callers.PATH ?? "/usr/local/bin:/usr/bin:/bin";
  const entries = path.split(delimiter);
  const inFront = engineFolder !== undefined && entries[0] !== engineFolder;
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: "true",
    // The certificates of the sandbox's own servers.
    RETROFIT_TRUSTED: join(files.folder, "certificates", "servers.pem"),
    PULUMI_HOME: files.pulumi,
    PULUMI_BACKEND_URL: `file://${files.state}`,
    PULUMI_CONFIG_PASSPHRASE: "sandbox",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PATH: inFront ? [engineFolder, ...entries].join(delimiter) : path,
    ...noProxy(callers),
  };
}

/** Behind a proxy some SDKs would send even requests to loopback there. */
function noProxy(callers: NodeJS.ProcessEnv): Record<string, string> {
  const proxied = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
  if (!proxied.some((name) => callers[name])) return {};
  const excepted = (callers.NO_PROXY ?? callers.no_proxy ?? "").split(",").filter(Boolean);
  const value = [...new Set([...excepted, "127.0.0.1", "127.0.0.0/8", "localhost"])].join(",");
  return { NO_PROXY: value, no_proxy: value };
}
