import { join } from "node:path";
import { packArtifactSync } from "../../../components/artifact-store/pack";
import type { MachineDocument } from "../../../components/machine";
import { rolesOf } from "../../../components/machine";

export const project = join(__dirname, "..", "..", "..");
export const machinesFolder = join(project, "machines");
export const ROLES = rolesOf(machinesFolder, "puppet");
export const ENVIRONMENTS = ["dev", "test", "integration", "uat", "perf", "preprod", "prod"];

export const archive = packArtifactSync(machinesFolder);
export const application = packArtifactSync(join(project, "sample/releases/1.0.0"));

/** What a machine of a role is told, with the sample as its application. */
export function documentOf(
  role: string,
  environment = "dev",
  more: Partial<MachineDocument> = {},
): MachineDocument {
  return {
    environment,
    role,
    region: "eu-central-1",
    release: "1.0.0",
    fleet: "blue",
    application: {
      name: "shop",
      command: "node server.js",
      port: 8080,
      environment: {},
      artifact: { bucket: "artifacts", key: "releases/shop/1.0.0.tar.gz", sha256: application.sha256 },
    },
    configuration: {
      tool: "puppet",
      bucket: "artifacts",
      key: `configurations/${archive.sha256}.tar.gz`,
      sha256: archive.sha256,
      logGroup: "/retrofit/dev/first-boot",
    },
    ...more,
  };
}

/** What a repository's machine is told of those who may log in. */
export const repositorySettings = {
  "profile::content_repository::reader_secret": "arn:aws:secretsmanager:eu-central-1:1:secret:reader",
  "profile::content_repository::writer_secret": "arn:aws:secretsmanager:eu-central-1:1:secret:writer",
};

const download = (name: string) => ({
  url: `https://mirror.example.com/${name}.tar.gz`,
  sha256: "0123456789abcdef".repeat(4),
});

/** What a node of a log store is told, with everything that may run there. */
export const logStoreSettings = {
  "profile::log_store::node": {
    id: "logs-dev",
    number: 0,
    managers: 3,
    names: ["logs.elb.example.com"],
    user_secret: "arn:aws:secretsmanager:eu-central-1:1:secret:user",
    authority_secret: "arn:aws:secretsmanager:eu-central-1:1:secret:authority",
    volume: "vol-0123456789abcdef0",
    system_stream: "logs-system-dev",
    opensearch: download("opensearch"),
    plugins: [download("repository-s3")],
    dashboards: download("dashboards"),
    logstash: download("logstash"),
  },
};
