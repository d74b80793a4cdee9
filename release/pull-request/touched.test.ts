import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beginOfChange } from "../git";
import { projectIn } from "../project";
import { confirmedInCommits, touchedBy, touchedEnvironments } from "./touched";

const all = ["dev", "prod", "test"];

test.each([
  [["Pulumi.dev.yaml", "README.md"], ["dev"]],
  [
    [
      "docs/guide.md",
      "tests/a.ts",
      ".github/workflows/x.yml",
      "ci/README.md",
      "stacks/a.test.ts",
      "Jenkinsfile",
    ],
    [],
  ],
  [["stacks/environment.ts"], all],
  [["Pulumi.yaml"], all],
  [["package-lock.json"], all],
  [["machines/hieradata/common.yaml", "Pulumi.dev.yaml"], all],
  [["Pulumi.gone.yaml"], []],
  [["sub/Pulumi.dev.yaml"], all],
])("%j touches %j", (files, environments) => {
  expect(touchedBy(files, all)).toEqual(environments);
});

describe("in a checkout", () => {
  let folder: string;
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@example.com", ...args], { cwd: folder });
  const commit = (message: string) => {
    git("add", "-A");
    git("commit", "-q", "-m", message);
  };
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const touched = async (since = "main") => {
    const project = projectIn(join(folder, "infra"));
    return touchedEnvironments(project, await beginOfChange(project.folder, since));
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "retrofit-touched-"));
    mkdirSync(join(folder, "infra"));
    git("init", "-q", "-b", "main");
    for (const name of ["Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"])
      write(`infra/${name}`, "name: shop\n");
    commit("Begin");
    git("checkout", "-q", "-b", "change");
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("only what the branch itself has changed counts, not what main has got since", async () => {
    write("infra/Pulumi.dev.yaml", "name: other\n");
    commit("Change dev");
    git("checkout", "-q", "main");
    write("infra/Pulumi.prod.yaml", "name: other\n");
    commit("Change prod");
    git("checkout", "-q", "change");
    expect(await touched()).toEqual(["dev"]);
  });

  test("what lies beside the project's folder touches nothing, and what is not committed yet counts", async () => {
    write("application.js", "");
    commit("Change the application");
    expect(await touched()).toEqual([]);
    write("infra/index.ts", "");
    expect(await touched()).toEqual(["dev", "prod"]);
  });

  test("a branch that git does not know is told, with what a shallow checkout lacks", async () => {
    await expect(touched("origin/main")).rejects.toMatchObject({
      exitCode: 2,
      message: /origin\/main/,
      hint: /fetch-depth/,
    });
  });

  test("commits of the change confirm losses by name, commits of main do not", async () => {
    write("infra/index.ts", "");
    commit("Move the database\n\nConfirm-Loss: prod/database, prod/nat-1\nConfirm-Loss: dev/database");
    const project = projectIn(join(folder, "infra"));
    const begin = await beginOfChange(project.folder, "main");
    expect(await confirmedInCommits(project, begin)).toEqual(["prod/database", "prod/nat-1", "dev/database"]);
    expect(await confirmedInCommits(project, "HEAD")).toEqual([]);
  });
});
