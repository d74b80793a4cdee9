import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { writeRepositoryProgram } from "../../components/artifact-store/repository-program";
import { ensureJackrabbit } from "../../sandbox/toolchain/jackrabbit";
import type { Context } from "../context";
import { readOutputs, selectAws } from "../engine/engine";
import { CommandError, ExitCode, failed, wrongUse } from "../errors";
import { bucketTarget } from "../files/bucket-target";
import { folderTarget } from "../files/folder-target";
import { type ImportTarget, importFolder } from "../files/import";
import { openProject } from "../project";
import { loadEnvironment } from "../settings";

/** Fetches Jackrabbit and writes the folder that runs as a content repository. */
export async function makeProgram(context: Context, folder: string): Promise<void> {
  const { output } = context;
  const parts = await ensureJackrabbit(({ step, state }) => output.line(`  ${step}: ${state}`));
  const place = resolve(context.cwd, folder);
  writeRepositoryProgram(place, parts);
  output.done(`${folder} runs Jackrabbit ${parts.version}`);
  output.line(`  program: { version: ${parts.version}, artifact: ${folder} }`);
  output.result({ folder: place, version: parts.version });
}

export interface ImportFilesOptions {
  to: string;
  parallel: number;
  journal?: string;
  overwrite?: boolean;
}

/** Copies a folder into a store and says what differs in the end; exit code 1 where something does. */
export async function importFiles(
  context: Context,
  folder: string,
  options: ImportFilesOptions,
): Promise<void> {
  const source = resolve(context.cwd, folder);
  if (!(await stat(source).catch(() => undefined))?.isDirectory()) {
    throw wrongUse(`There is no folder at ${source}.`, "Name the folder whose files are to be imported.");
  }
  const target = await openTarget(context, options.to);
  const journal = resolve(context.cwd, options.journal ?? `${source}.import`);
  const { output } = context;
  output.heading(`Importing ${source} into ${target.name}`);
  const report = await importFolder(source, target, {
    parallel: options.parallel,
    journal,
    overwrite: options.overwrite ?? false,
    onProgress: ({ files, bytes }) => output.setLive([`${files} files, ${mebibytes(bytes)} MiB looked at`]),
  });
  output.setLive([]);
  const { files, bytes, copied, skipped, missing, seconds, differences } = report;
  const again = missing > 0 ? ` (${missing} were gone from the store)` : "";
  output.done(
    `${files} files, ${mebibytes(bytes)} MiB: ${copied} copied${again}, ${skipped} there before, ${differences.length} different, in ${seconds.toFixed(1)} s`,
  );
  for (const { key, problem } of differences.slice(0, 20)) output.fail(`${key}: ${problem}`);
  const result = { from: source, to: target.name, journal, ...report };
  if (differences.length > 0) {
    throw new CommandError(
      ExitCode.failed,
      `${differences.length} files are not in the store as they are here.`,
      "See each above. The same command again copies what is missing; --overwrite also puts these files where others were written since.",
      result,
    );
  }
  output.result(result);
}

async function openTarget(context: Context, to: string): Promise<ImportTarget> {
  const address = /^s3:\/\/([a-z0-9][a-z0-9.-]+)(?:\/(.*))?$/.exec(to);
  if (address) {
    await selectAws(context);
    return bucketTarget(new S3Client({}), { bucket: address[1]!, prefix: asPrefix(address[2] ?? "") });
  }
  const store = /^([a-z][a-z0-9-]*)\/([a-z][a-z0-9-]*)(?:\/(.*))?$/.exec(to);
  if (store) return storeTarget(context, store[1]!, store[2]!, asPrefix(store[3] ?? ""));
  const folder = resolve(context.cwd, to);
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) {
    throw wrongUse(
      `${to} is no store: there is no such folder.`,
      "Write s3://bucket/prefix, <environment>/<store>, or the folder where a share is mounted.",
    );
  }
  return folderTarget(folder);
}

interface StoreOutputs {
  readonly mode: "share" | "bucket" | "repository";
  readonly bucket?: string;
  readonly keyArn?: string;
  readonly url?: string;
}

async function storeTarget(
  context: Context,
  environment: string,
  name: string,
  prefix: string,
): Promise<ImportTarget> {
  const project = openProject(context.cwd, environment);
  await selectAws(context);
  const outputs = await readOutputs(project, environment);
  const files = (outputs?.files ?? {}) as Record<string, StoreOutputs>;
  const store = files[name];
  if (!store) {
    const names = Object.keys(files).map((each) => `${environment}/${each}`);
    throw failed(
      `${environment} has no store "${name}".`,
      names.length > 0
        ? `There are: ${names.join(", ")}.`
        : `Add it to retrofit:files and run: retrofit up ${environment}`,
    );
  }
  if (store.mode === "repository") {
    throw wrongUse(
      `${environment}/${name} is a repository, which takes documents over HTTP only: what is put into its folders is none.`,
      `Send them by WebDAV with the login of FILES_${name.toUpperCase().replaceAll("-", "_")}_SECRET_ARN: curl --user <name> -T <file> ${store.url}/repository/default/<file>`,
    );
  }
  if (!store.bucket) {
    throw wrongUse(
      `${environment}/${name} is a share, which is reached where it is mounted.`,
      `Run the import on a machine that has it, and name its folder: --to /srv/${name}`,
    );
  }
  const { region } = loadEnvironment(project, environment);
  const { bucket, keyArn } = store;
  return bucketTarget(new S3Client({ region }), { bucket, prefix, ...(keyArn && { keyArn }) });
}

function asPrefix(path: string): string {
  return path === "" || path.endsWith("/") ? path : `${path}/`;
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(1);
}
