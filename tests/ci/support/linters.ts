/** The linters of the pipelines: actionlint from Go modules, the others from Python's index; fetched once into the cache folder. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { ensureGoProgram } from "../../../sandbox/toolchain/go-program";
import { ensurePythonPackages } from "../../../sandbox/toolchain/python";
import { run } from "../../../sandbox/toolchain/run";

const ACTIONLINT = { path: "github.com/rhysd/actionlint/cmd/actionlint", version: "1.7.7" };

/** What is wrong with files, in the linter's own words; empty where nothing is. */
export type Lint = (...files: string[]) => Promise<string>;

export interface Linters {
  /** The folder of `workflows` and `actions`; shell steps go through shellcheck. */
  workflows: Lint;
  schema(name: "github-workflows" | "github-actions" | "azure-pipelines" | "travis"): Lint;
  yaml: Lint;
  shell: Lint;
  /** Syntax only: there is no linter without a Jenkins or TeamCity server. */
  syntax(language: "groovy" | "kotlin"): Lint;
}

export async function openLinters(): Promise<Linters> {
  const packages = { name: "ci-linters", title: "Linters", proof: "tree_sitter" };
  const requirements = join(__dirname, "requirements.txt");
  const [bin, actionlint] = await Promise.all([
    ensurePythonPackages({ ...packages, requirements }, () => {}),
    ensureGoProgram(ACTIONLINT.path, ACTIONLINT.version),
  ]);
  const python = join(bin, "python");
  const lint =
    (command: string, ...args: string[]): Lint =>
    async (...files) => {
      const { code, output } = await run(command, [...args, ...files]);
      if (code === 0) return "";
      return output.trim() || `${command} ended with ${code}`;
    };
  const module = (name: string, ...args: string[]) => lint(python, "-m", name, ...args);
  return {
    workflows: async (folder) => {
      const repository = mkdtempSync(join(tmpdir(), "retrofit-actionlint-"));
      try {
        cpSync(folder!, join(repository, ".github"), { recursive: true });
        await run("git", ["init", "-q", repository]);
        const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
        const args = ["-shellcheck", join(bin, "shellcheck"), "-no-color"];
        const { code, output } = await run(actionlint, args, { cwd: repository, env });
        return code === 0 ? "" : output.trim();
      } finally {
        rmSync(repository, { recursive: true, force: true });
      }
    },
    schema: (name) => {
      const check = module("check_jsonschema", "--builtin-schema", `vendor.${name}`);
      if (name !== "azure-pipelines") return check;
      return withKnownTasks(
        module(
          "check_jsonschema",
          ...["--builtin-schema", `vendor.${name}`],
          ...["--regex-variant", "python", "--data-transform", name],
        ),
      );
    },
    yaml: module("yamllint", "--strict", "--config-file", join(__dirname, "yamllint.yml")),
    shell: lint(join(bin, "shellcheck")),
    syntax: (language) => lint(python, join(__dirname, "parse.py"), language),
  };
}

/** The schema knows the tasks that come with Azure Pipelines; a task of the AWS Toolkit is put to it as the one it is like. */
function withKnownTasks(lint: Lint): Lint {
  return async (...files) => {
    const folder = mkdtempSync(join(tmpdir(), "retrofit-azure-"));
    try {
      const known = files.map((file, i) => {
        const text = readFileSync(file, "utf8")
          .replaceAll("task: AWSShellScript@1", "task: Bash@3")
          .replaceAll("scriptType: inline", "targetType: inline")
          .replaceAll("inlineScript:", "script:")
          .replaceAll(/\n *(awsCredentials|regionName): .*/g, "");
        const copy = join(folder, `${i}.yml`);
        writeFileSync(copy, text);
        return copy;
      });
      return await lint(...known);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}
