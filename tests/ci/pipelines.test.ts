/** The pipelines that users copy: linted for real, and held to the same stages. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { environmentsIn } from "../../release/project";
import { type Linters, openLinters } from "./support/linters";

// The first run fetches the linters.
jest.setTimeout(10 * 60_000);

const root = join(__dirname, "..", "..");
const ci = join(root, "ci");
const inside = (folder: string, ...names: string[]) => names.map((name) => join(ci, folder, name));

const PIPELINES: Record<string, string[]> = {
  "GitHub Actions": inside("github/workflows", ...readdirSync(join(ci, "github", "workflows"))),
  Jenkins: inside("jenkins", "Jenkinsfile", "Jenkinsfile.environments"),
  "Azure Pipelines": inside("azure", ...readdirSync(join(ci, "azure"))),
  "Travis CI": inside("travis", ".travis.yml"),
  TeamCity: inside("teamcity", "settings.kts"),
};
/** Who has agreed, as each of them knows it. */
const APPROVERS: Record<string, RegExp> = {
  "GitHub Actions": /actions\/runs\/\$GITHUB_RUN_ID\/approvals[\s\S]*approve\.sh "\$FROM" "\$by"/,
  Jenkins: /submitterParameter 'APPROVED_BY'[\s\S]*approve\.sh "\$FROM" "\$APPROVED_BY"/,
  "Azure Pipelines": /approve\.sh "\$NAME" "\$BUILD_REQUESTEDFOR"/,
  "Travis CI": /approve\.sh "\$FROM" "\$BY"/,
  TeamCity: /approve\.sh '%from%' '%teamcity\.build\.triggeredBy\.username%'/,
};
const HOURLY: Record<string, RegExp> = {
  "GitHub Actions": /cron: "47 \* \* \* \*"[\s\S]*schedule == '47 \* \* \* \*' && 'sweep' \|\| inputs\.what/,
  Jenkins: /^H \* \* \* \* %WHAT=sweep/m,
  "Azure Pipelines":
    /cron: "47 \* \* \* \*"\n\s+displayName: sweep[\s\S]*what=\$\{BUILD_CRONSCHEDULE_DISPLAYNAME:-\$WHAT\}/,
  // Its cron jobs are daily at most; the file says how it is done.
  "Travis CI": /WHAT=sweep through its API[\s\S]*type = cron OR env\(WHAT\) = sweep/,
  TeamCity: /environment\.sh sweep"[\s\S]*hours = "\*"/,
};
const steps = inside("steps", ...readdirSync(join(ci, "steps")));
const textOf = (pipeline: string) =>
  PIPELINES[pipeline]!.map((file) => readFileSync(file, "utf8")).join("\n");

let linters: Linters;
let scratch: string;
beforeAll(async () => {
  linters = await openLinters();
  scratch = mkdtempSync(join(tmpdir(), "retrofit-ci-"));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface JenkinsConfiguration {
  jobs: { script: string }[];
}

/** A file of the test's own: with a mistake, to see that a linter looks at all. */
function scratchFile(name: string, text: string): string {
  const file = join(scratch, name);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
  return file;
}

describe("linters find nothing", () => {
  test("in the workflows and the action of GitHub", async () => {
    expect(await linters.workflows(join(ci, "github"))).toBe("");
    expect(await linters.schema("github-workflows")(...PIPELINES["GitHub Actions"]!)).toBe("");
    expect(await linters.schema("github-actions")(...inside("github/actions/retrofit", "action.yml"))).toBe(
      "",
    );
  });

  test("in the pipelines of Azure and Travis CI", async () => {
    expect(await linters.schema("azure-pipelines")(...PIPELINES["Azure Pipelines"]!)).toBe("");
    expect(await linters.schema("travis")(...PIPELINES["Travis CI"]!)).toBe("");
  });

  test("in the syntax of the Jenkinsfiles and of TeamCity's settings", async () => {
    expect(await linters.syntax("groovy")(...PIPELINES.Jenkins!)).toBe("");
    const { jobs } = parse(
      readFileSync(join(ci, "jenkins", "controller", "jenkins.yaml"), "utf8"),
    ) as JenkinsConfiguration;
    const scripts = jobs.map(({ script }, i) => scratchFile(`job-${i}.groovy`, script));
    expect(scripts.length).toBeGreaterThan(0);
    expect(await linters.syntax("groovy")(...scripts)).toBe("");
    expect(await linters.syntax("kotlin")(...PIPELINES.TeamCity!)).toBe("");
  });

  test("in the shell of the steps, and in any YAML", async () => {
    expect(await linters.shell(...steps)).toBe("");
    expect(await linters.yaml(ci)).toBe("");
  });
});

describe("the linters see", () => {
  test("an input that goes into a shell unquoted, and an action's input that does not exist", async () => {
    const workflow = readFileSync(join(ci, "github", "workflows", "promote.yml"), "utf8");
    scratchFile(
      "github/workflows/promote.yml",
      workflow.replace('"$FROM"', `\${{ github.head_ref }}`).replace("region:", "regoin:"),
    );
    const action = readFileSync(join(ci, "github", "actions", "retrofit", "action.yml"), "utf8");
    scratchFile("github/actions/retrofit/action.yml", action);
    const found = await linters.workflows(join(scratch, "github"));
    expect(found).toContain("potentially untrusted");
    expect(found).toContain('"regoin" is not defined');
  });

  test("a misspelled key of Azure and of Travis CI", async () => {
    const azure = readFileSync(join(ci, "azure", "azure-pipelines.yml"), "utf8");
    const misspelled = scratchFile("azure.yml", azure.replace("dependsOn: build", "dependOn: build"));
    expect(await linters.schema("azure-pipelines")(misspelled)).toContain("Schema validation errors");
    const travis = readFileSync(join(ci, "travis", ".travis.yml"), "utf8");
    expect(
      await linters.schema("travis")(scratchFile("travis.yml", travis.replace("os: linux", "os: linus"))),
    ).toContain("linus");
  });

  test("an unclosed block of a Jenkinsfile and of TeamCity's settings, and an unquoted variable of a step", async () => {
    const jenkins = readFileSync(PIPELINES.Jenkins![0]!, "utf8");
    expect(
      await linters.syntax("groovy")(scratchFile("Jenkinsfile", jenkins.replace("stages {", "stages"))),
    ).not.toBe("");
    const teamcity = readFileSync(PIPELINES.TeamCity![0]!, "utf8");
    expect(
      await linters.syntax("kotlin")(scratchFile("settings.kts", teamcity.replace("params {", "params ("))),
    ).not.toBe("");
    expect(await linters.shell(scratchFile("step.sh", "#!/bin/sh\nrm -r $1\n"))).toContain("SC2086");
  });
});

describe.each(Object.keys(PIPELINES))("%s", (pipeline) => {
  const text = textOf(pipeline);

  test("has every stage", () => {
    const called = [...text.matchAll(/ci\/steps\/([a-z]+)\.sh/g)].map((match) => match[1]!);
    expect([...new Set(called)].sort()).toEqual([
      "approve",
      "build",
      "check",
      "deploy",
      "environment",
      "promote",
      "rebuild",
    ]);
  });

  test("takes what is merged to dev, and from dev to test", () => {
    expect(text).toContain("sh ci/steps/deploy.sh dev");
    expect(text).toContain("sh ci/steps/promote.sh dev test");
  });

  test("has no approval from whoever presses the button of a promotion", () => {
    expect(text).not.toMatch(/triggering_actor|github\.actor|promote\.sh.*(BUILD_REQUESTEDFOR|username)/);
    expect(text).toMatch(APPROVERS[pipeline]!);
  });

  test("sweeps short-lived environments every hour, whatever becomes of the nightly rebuild", () => {
    expect(text).toMatch(HOURLY[pipeline]!);
  });

  test("is thin: nothing is called but the steps, and what sets the machine up", () => {
    expect(text).not.toMatch(
      /\bretrofit (up|check|release|promote|rebuild)\b|\bpulumi (up|preview)\b|\baws [a-z]/,
    );
  });

  test("keeps no secret: passwords and keys are named, never given", () => {
    expect(text).not.toMatch(/AKIA[0-9A-Z]{12,}|aws_secret_access_key|-----BEGIN/i);
  });
});

test("environments of the pipelines are those that the project has, in the order of a release's way", () => {
  const known = environmentsIn(root);
  const profiles = readFileSync(join(ci, "aws-profiles.ini"), "utf8").matchAll(/^\[profile (\w+)\]$/gm);
  const named = [...profiles].map((match) => match[1]!).filter((name) => name !== "preview");
  expect([...named].sort()).toEqual(known);
  expect(textOf("GitHub Actions")).toContain(`[${named.slice(1).join(", ")}]`);
});
