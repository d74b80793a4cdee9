/** What is wrong with `retrofit:files` beyond the form of its keys: the component's own rules, told at the file's keys. */
import { storeProblems } from "../../components/artifact-store/checks";
import { storeArgs } from "../file-stores";
import type { Finding, Rule } from "./checks";
import { gotText } from "./errors";
import type { FilesConfig } from "./types";

type Key = keyof FilesConfig;

/** Keys that mean something in some modes only. */
const ONLY: Partial<Record<Key, readonly FilesConfig["mode"][]>> = {
  throughput: ["share"],
  infrequentAfterDays: ["share"],
  folder: ["share", "bucket"],
  mount: ["bucket"],
  unencryptedWrites: ["bucket"],
  objectLockDays: ["bucket"],
  archiveAfterDays: ["bucket"],
  oldVersionsDays: ["bucket"],
  inbox: ["bucket"],
  replicateTo: ["share", "bucket"],
  program: ["repository"],
  certificateArn: ["repository"],
  clients: ["repository"],
};

/** Where the component's word for it is another than the file's. */
const IN_FILE: Record<string, Key> = {
  objectLock: "objectLockDays",
  "lifecycle.archiveAfterDays": "archiveAfterDays",
  "lifecycle.oldVersionsDays": "oldVersionsDays",
  "program.sha256": "program",
};

const keysOfTheMode: Rule = ({ files }) =>
  each(files, (store, at) =>
    (Object.keys(ONLY) as Key[])
      .filter((key) => store[key] !== undefined && !ONLY[key]!.includes(store.mode))
      .map((key) => ({
        path: at(key),
        uses: [at("mode")],
        got: `${gotText(store[key])} with mode: ${store.mode}`,
        allowed: `only with mode: ${ONLY[key]!.join(" or ")}`,
        fix: `Remove ${key}, or make it another store with mode: ${ONLY[key]![0]}.`,
      })),
  );

const namesDiffer: Rule = ({ files }) =>
  each(files, ({ name }, at, index) =>
    files.findIndex((other) => other.name === name) < index
      ? [
          {
            path: at("name"),
            uses: [],
            got: gotText(name),
            allowed: "a name that no other store has",
            fix: `Rename it, for example to ${name}-${index + 1}.`,
          },
        ]
      : [],
  );

const programOfRepository: Rule = ({ files }) =>
  each(files, ({ mode, program }, at) => {
    const finding = { path: at("program"), uses: [at("mode")] };
    if (mode !== "repository") return [];
    if (program === undefined) {
      return [
        {
          ...finding,
          got: "missing",
          allowed: "the program of a repository",
          fix: "Run `retrofit files program build/repository` and write program: { version: 2.20.17, artifact: build/repository }.",
        },
      ];
    }
    return program.artifact.startsWith("s3://") && program.sha256 === undefined
      ? [
          {
            ...finding,
            got: `${gotText(program.artifact)} without sha256`,
            allowed: "sha256 beside an s3:// artifact",
            fix: "Add the sum that retrofit publish printed.",
          },
        ]
      : [];
  });

/** Two mounts in one folder hide each other. */
const foldersDiffer: Rule = ({ files }) =>
  each(files, (store, at, index) =>
    store.folder !== undefined && files.findIndex(({ folder }) => folder === store.folder) < index
      ? [
          {
            path: at("folder"),
            uses: [],
            got: gotText(store.folder),
            allowed: "a folder that no other store has",
            fix: `Write for example /srv/${store.name}.`,
          },
        ]
      : [],
  );

/** Another region is the one thing that a bucket does not have by itself: whether it is needed is decided, not forgotten. */
const copyElsewhere: Rule = (config) =>
  each(config.files, ({ mode, replicateTo }, at) =>
    config.protected && mode === "bucket" && replicateTo === undefined
      ? [
          {
            path: at("replicateTo"),
            uses: [at("mode"), ["protected"], ["size"]],
            got: "missing",
            allowed: "where protected, the region that gets a copy, or none",
            fix: "Write replicateTo: eu-west-1, or replicateTo: none where several zones of one region are enough.",
          },
        ]
      : [],
  );

const componentRules: Rule = (config) =>
  each(config.files, (store, at) =>
    storeProblems(storeArgs(config, store)).map(({ property, got, allowed, fix }) => ({
      path: at(IN_FILE[property] ?? (property.split(".")[0] as Key)),
      uses: [at("mode"), ["protected"], ["network", "zones"], ["size"]],
      got: gotText(got),
      allowed,
      fix,
    })),
  );

function each(
  files: FilesConfig[],
  rule: (store: FilesConfig, at: (key: Key) => (string | number)[], index: number) => Finding[],
): Finding[] {
  return files.flatMap((store, index) => rule(store, (key) => ["files", index, key], index));
}

export const FILES_RULES: Rule[] = [
  keysOfTheMode,
  namesDiffer,
  foldersDiffer,
  programOfRepository,
  copyElsewhere,
  componentRules,
];
