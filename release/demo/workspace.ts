import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseDocument } from "yaml";
import { setReleases } from "../environment-file";
import { failed } from "../errors";
import { packageRoot } from "../package-root";

export const ENVIRONMENT = "dev";
const PREFIX = "retrofit-demo-";
/** Present in a workspace that is to outlive its demo. */
const KEPT = "kept";

/** A project of the demo's own: the checkout's program with files that the demo may change. */
export interface DemoWorkspace {
  /** The Pulumi project; commands take it as `--cwd`. */
  project: string;
  /** Folder of the demo's sandbox. */
  sandbox: string;
  /** Makes the machines ship their log lines there. */
  useLogStore(store: { endpoint: string; secretArn: string; writerSecretArn: string }): void;
  keep(): void;
  remove(): void;
}

/** Made in the system's folder for temporary files, so that the checkout stays clean and two demos do not meet. */
export function createWorkspace(firstVersion: string): DemoWorkspace {
  removeLeftovers();
  const root = packageRoot();
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  for (const needed of ["Pulumi.yaml", `Pulumi.${ENVIRONMENT}.yaml`, "sample"]) {
    if (!existsSync(join(root, needed))) {
      throw failed(`The demo needs a checkout of the project: ${needed} is not in ${root}.`);
    }
  }
  const projectFile = parseDocument(readFileSync(join(root, "Pulumi.yaml"), "utf8"));
  projectFile.set("main", resolve(root, String(projectFile.get("main") ?? ".")));
  writeFileSync(join(folder, "Pulumi.yaml"), projectFile.toString());

  const file = `Pulumi.${ENVIRONMENT}.yaml`;
  const first = {
    version: firstVersion,
    artifact: `sample/releases/${firstVersion}`,
    database: "none" as const,
  };
  const text = readFileSync(join(root, file), "utf8");
  writeFileSync(join(folder, file), setReleases(text, { live: first, standby: undefined }));
  symlinkSync(join(root, "sample"), join(folder, "sample"), "dir");
  return {
    project: folder,
    sandbox: join(folder, "sandbox"),
    useLogStore: ({ endpoint, secretArn: secret, writerSecretArn: writerSecret }) => {
      const document = parseDocument(readFileSync(join(folder, file), "utf8"));
      document.setIn(["config", "retrofit:logs"], { store: { endpoint, secret, writerSecret, nodes: 1 } });
      writeFileSync(join(folder, file), document.toString());
    },
    keep: () => writeFileSync(join(folder, KEPT), ""),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}

/** A demo that was killed could not remove its folder. Its name holds its process. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    const folder = join(tmpdir(), name);
    if (!pid || isRunning(Number(pid)) || existsSync(join(folder, KEPT))) continue;
    rmSync(folder, { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
