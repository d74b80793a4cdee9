/**
 * What a machine of the tests finds in place of AWS, since it has no network: a program `aws` that answers from a folder and
 * notes what it was asked, and the metadata service on its own address. Both are stand-ins; all else on it is real.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packArtifactSync } from "../../../components/artifact-store/pack";
import type { ContainerArgs } from "../../../components/docker-host";
import type { BootableDocument, BootFile, MachineDocument } from "../../../components/machine";
import { firstBoot } from "../../../components/machine";
import type { MachineOptions } from "../../../sandbox/debian";
import { declared } from "../../support/declaration";
import { writeBusyboxImage } from "../../support/image-archive";
import { application, archive, project } from "./configuration";

export interface Cloud {
  readonly folder: string;
  /** SHA-256 of the package that stands for Amazon's agent. */
  readonly agentSha256: string;
  /** Puts another release of the sample into the bucket. */
  putRelease(version: string): MachineDocument["application"]["artifact"];
  /** Puts a container image into a bucket; gives its id. */
  putImage(key: string): Promise<string>;
  /** Puts what a Docker host is to run into a bucket. */
  putDeclaration(key: string, containers: Readonly<Record<string, ContainerArgs>>): Promise<void>;
  close(): void;
}

export const SECRET = 'p"a$s`s\\w0rd';

/** A bucket, a secret and the agent's package, in a folder. */
export function makeCloud(): Cloud {
  const folder = mkdtempSync(join(tmpdir(), "retrofit-cloud-"));
  const put = (key: string, file: string) => {
    mkdirSync(join(folder, "s3", key, ".."), { recursive: true });
    cpSync(file, join(folder, "s3", key));
  };
  put("artifacts/releases/shop/1.0.0.tar.gz", application.file);
  put(`artifacts/configurations/${archive.sha256}.tar.gz`, archive.file);
  mkdirSync(join(folder, "secrets"));
  const text = JSON.stringify({ username: "shop", password: SECRET });
  for (const name of ["database", "logs"]) {
    writeFileSync(join(folder, "secrets", name), JSON.stringify({ SecretString: text }));
  }
  for (const username of ["reader", "writer"]) {
    const login = JSON.stringify({ username, password: `${username}'s` });
    writeFileSync(join(folder, "secrets", username), JSON.stringify({ SecretString: login }));
  }
  const agent = makeAgent(folder);
  return {
    folder,
    agentSha256: createHash("sha256").update(readFileSync(agent)).digest("hex"),
    putRelease: (version) => {
      const { file, sha256 } = packArtifactSync(join(project, "sample/releases", version));
      const key = `releases/shop/${version}.tar.gz`;
      put(`artifacts/${key}`, file);
      return { bucket: "artifacts", key, sha256 };
    },
    putImage: async (key) => {
      const file = join(folder, "s3", key);
      mkdirSync(join(file, ".."), { recursive: true });
      return writeBusyboxImage(file);
    },
    putDeclaration: async (key, containers) => {
      const [bucket] = key.split("/");
      const { text } = await declared(bucket!, containers);
      const file = join(folder, "s3", key);
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(file, text);
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A package of the name that Amazon's has, with a service that sleeps. */
function makeAgent(folder: string): string {
  const tree = join(folder, "agent");
  mkdirSync(join(tree, "DEBIAN"), { recursive: true });
  mkdirSync(join(tree, "lib/systemd/system"), { recursive: true });
  writeFileSync(
    join(tree, "DEBIAN/control"),
    "Package: amazon-ssm-agent\nVersion: 3.0-stand-in\nArchitecture: all\nMaintainer: tests <tests@localhost>\nDescription: stands for the agent\n",
  );
  writeFileSync(
    join(tree, "lib/systemd/system/amazon-ssm-agent.service"),
    "[Unit]\nDescription=stands for the agent\n[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n",
  );
  const file = join(folder, "amazon-ssm-agent.deb");
  execFileSync("dpkg-deb", ["--root-owner-group", "--build", tree, file], { stdio: "pipe" });
  rmSync(tree, { recursive: true });
  return file;
}

const AWS = `#!/bin/sh
echo "$*" >> /var/log/asked-of-aws
while case "$1" in --region|--output) true;; *) false;; esac; do shift 2; done
case "$*" in
  # The agent comes by Puppet here, as on an image whose first minute could not reach Amazon's bucket.
  *--no-sign-request*) exit 1;;
esac
case "$1 $2" in
  "s3 cp") shift 3; exec cp "/cloud/s3/\${1#s3://}" "$2";;
  "logs create-log-stream"|"logs put-log-events"|"cloudwatch put-metric-data") exit 0;;
esac
case "$1 $2" in
  "secretsmanager get-secret-value") exec cat "/cloud/secrets/\${4##*:}";;
esac
echo "aws $* is not stood in for" >&2
exit 255
`;

const METADATA = `#!/usr/bin/python3
import http.server, subprocess
subprocess.run(["ip", "address", "add", "169.254.169.254/32", "dev", "lo"], check=False)
class Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *args): super().__init__(*args, directory="/cloud")
    def do_PUT(self): self.answer(b"token")
    def do_GET(self):
        if self.path == "/latest/meta-data/instance-id" and self.headers["X-aws-ec2-metadata-token"] == "token":
            return self.answer(b"i-0123456789abcdef0")
        super().do_GET()
    def answer(self, body):
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
http.server.ThreadingHTTPServer(("169.254.169.254", 80), Handler).serve_forever()
`;

/** What of it lies on the machine. */
export const STAND_INS = [
  "/usr/local/bin/aws",
  "/usr/local/sbin/metadata",
  "/etc/systemd/system/metadata.service",
  "/etc/systemd/system/cloud-init.service.d",
];

/** A machine that boots with this user data, as on EC2: cloud-init installs, writes files and runs the program. */
export function bootedBy(
  document: BootableDocument,
  cloud: Cloud,
  repository: string,
  packages: readonly string[] = [],
  files: readonly BootFile[] = [],
): Pick<MachineOptions, "files" | "mounts"> {
  const settings = {
    "profile::ssm::source": "http://169.254.169.254/amazon-ssm-agent.deb",
    "profile::ssm::sha256": cloud.agentSha256,
    ...document.settings,
  };
  const userData = firstBoot({ ...document, settings }, { packages, files });
  return {
    files: {
      "etc/apt/sources.list": { content: "deb [trusted=yes] file:/packages ./\n" },
      "etc/cloud/cloud.cfg.d/99-tests.cfg": {
        content:
          "datasource_list: [NoCloud]\nnetwork: { config: disabled }\napt: { preserve_sources_list: true }\npreserve_hostname: true\n",
      },
      "etc/resolv.conf": { content: "nameserver 127.0.0.53\n" },
      "usr/local/bin/aws": { content: AWS, mode: 0o755 },
      "usr/local/sbin/metadata": { content: METADATA, mode: 0o755 },
      "etc/systemd/system/metadata.service": {
        content:
          "[Unit]\nDefaultDependencies=no\nAfter=local-fs.target\n[Service]\nExecStart=/usr/local/sbin/metadata\n",
      },
      "etc/systemd/system/cloud-init.service.d/metadata.conf": {
        content: "[Unit]\nWants=metadata.service\nAfter=metadata.service\n",
      },
      "var/lib/cloud/seed/nocloud/meta-data": { content: "instance-id: i-0123456789abcdef0\n" },
      "var/lib/cloud/seed/nocloud/user-data": { content: userData },
    },
    mounts: { "/cloud": cloud.folder, "/packages": repository },
  };
}
