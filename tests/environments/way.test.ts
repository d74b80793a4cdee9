/**
 * Environments on one sandbox, from nothing to nothing, and a release on its way through them: dev and one like prod, or all
 * seven with `npm run test:environments:all`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { Answer } from "../support/command-line";
import { until } from "../support/sandbox";
import { EnvironmentsProject } from "./support/project";

const all = process.env.RETROFIT_ENVIRONMENTS === "all";
const chosen = all ? undefined : ["dev", "preprod", "prod"];

jest.setTimeout((all ? 40 : 12) * 60_000);

const NO_CHANGES = { created: 0, updated: 0, deleted: 0 };

let project: EnvironmentsProject;
/** Those that are brought up. */
let names: readonly string[];
let [first, second, third, last] = ["", "", "", ""];

beforeAll(async () => {
  project = await EnvironmentsProject.start(chosen);
  const way = project.environments;
  names = all ? way : way.slice(0, 2);
  [first, second, third] = way as [string, string, string];
  last = way.at(-1)!;
  project.edit(second, project.file(second), { "retrofit:promotion.evidence": ["smoke", "tests"] });
  const { port } = new URL(await project.endpoint());
  const link = { kind: "standIn", host: "127.0.0.1", cidr: "127.0.0.1/32" };
  project.edit("dev", project.file("dev"), {
    "retrofit:prices": {
      source: "a list",
      date: "2026-01-31",
      hourly: { "t3.small": 0.02, loadBalancer: 0.03, natGateway: 0.05 },
      volumeGbMonth: 0.1,
    },
    "retrofit:links": [
      { name: "erp", ...link, port: Number(port) },
      { name: "tax", ...link, port: 1 },
    ],
  });
  project.checkOut();
});

afterAll(() => project?.stop());

const released = async (name: string) => {
  const { url } = await project.succeed("status", name);
  return (await fetch(url)).headers.get("x-release");
};

/** Has the live release show whatever its environment asks for. */
async function show(name: string): Promise<void> {
  const kinds: string[] = /evidence: \[ ?(.*?) ?\]/.exec(project.text(name))?.[1]?.split(/, */) ?? ["smoke"];
  const asked = `node -e "fetch(process.env.RETROFIT_URL).then((a) => process.exit(a.ok ? 0 : 1))"`;
  for (const kind of kinds) {
    if (kind === "approval") {
      await project.step("approve.sh", name, "Ada");
      continue;
    }
    const how =
      { tests: ["--run", asked], performance: ["--run", asked, "--note", "it answers"] }[kind] ?? [];
    await project.succeed("evidence", name, kind, ...how);
  }
}

/** What a merge does to the first environment is what the pipelines do; the others are brought up by hand. */
const bringUp = (name: string) =>
  name === first ? project.step("deploy.sh", name) : project.succeed("up", name);

test("the environments come up, two of them at the same time, and a second update changes nothing", async () => {
  for (let i = 0; i < names.length; i += 2) {
    await Promise.all(names.slice(i, i + 2).map(bringUp));
  }
  // The second one has its second update from the step that promotes to it, below.
  const others = names.filter((name) => name !== second);
  const again = await Promise.all(others.map((name) => project.succeed("up", name)));
  expect(again.map(({ environment, changes }) => [environment, changes])).toEqual(
    others.map((name) => [name, NO_CHANGES]),
  );
});

test("a machine of an environment tries its links, and says which does not get through", async () => {
  const { exitCode, json } = await project.run("links", "check", "dev");
  expect(json).toMatchObject({
    gate: "links",
    links: [
      { name: "erp", reached: true },
      { name: "tax", reached: false, problem: "refused" },
    ],
  });
  expect(exitCode).toBe(3);
});

test("the first merge goes to the next environment by the pipelines' steps alone, and what is live there is pushed", async () => {
  expect(project.pushed(second)).not.toContain("retrofit:live");
  const output = await project.step("promote.sh", first, second);
  expect(output).toMatch(/no changes in [\s\S]*Promoting 1\.0\.0 from/);
  expect(await released(second)).toBe("1.0.0");
  expect(project.pushed(second)).toMatch(/retrofit:live:\s+version: 1\.0\.0\s+artifact: s3:/);
  const { evidence } = await project.succeed("evidence", second);
  const shown = evidence.map(({ environment, kind, passed }: Answer) => [environment, kind, passed]);
  expect(shown.sort()).toEqual([first, second].map((name) => [name, "smoke", true]).sort());
});

test("a release does not leave an environment out, and does not go on before it has shown what is asked for", async () => {
  const skipping = await project.run("promote", first, last);
  expect(skipping.json).toMatchObject({ gate: "promotion", refusals: [{ reason: "way" }] });
  expect(skipping.exitCode).toBe(3);
  const early = await project.run("promote", second, third);
  expect(early.json.error).toMatch(/1\.0\.0 has no tests evidence in/);
  expect(early.exitCode).toBe(3);
  const past = await project.run("release", second, "1.0.0", "--artifact", "sample/releases/1.0.0");
  expect(past.json).toMatchObject({ gate: "promotion" });
});

test("evidence that says no stands against it until it says yes", async () => {
  const failing = await project.run("evidence", second, "tests", "--run", "exit 7");
  expect(failing).toMatchObject({ exitCode: 3, json: { gate: "evidence" } });
  const refused = await project.run("promote", second, third);
  expect(refused.json.error).toMatch(/1\.0\.0 did not hold in \w+: tests of .*, `exit 7` ended with 7/);
  await show(second);
});

test("an artifact that was changed since goes no further", async () => {
  const address = /artifact: (s3:\/\/\S+)/.exec(project.text(second))![1]!;
  const before = await project.read(address);
  await project.overwrite(address, "something else");
  const refused = await project.run("promote", second, third);
  expect(refused.json).toMatchObject({ gate: "promotion", refusals: [{ reason: "artifact" }] });
  expect(refused.json.error).toMatch(/was changed since it went live in/);
  await project.overwrite(address, before);
});

test("a release travels the whole way: the same artifact, the same image, and all that it has shown", async () => {
  const carried: { sha256: string; image: string }[] = [];
  for (let i = 1; i < names.length; i++) {
    // The first one has gone by its step already.
    if (i > 1) await project.step("promote.sh", names[i - 1]!, names[i]!);
    const { sha256, image } = await project.succeed("promote", names[i - 1]!, names[i]!);
    carried.push({ sha256, image });
    expect(await released(names[i]!)).toBe("1.0.0");
    await show(names[i]!);
  }
  expect(new Set(carried.map(({ sha256, image }) => `${sha256} ${image}`)).size).toBe(1);
  const { evidence } = await project.succeed("evidence", names.at(-1)!);
  const from = new Set(evidence.map(({ environment }: { environment: string }) => environment));
  expect([...from].sort()).toEqual([...names].sort());
  const { environments } = await project.succeed("releases");
  const matrix = environments.map(({ environment, live }: Answer) => [environment, live]);
  expect(matrix).toEqual(project.environments.map((name) => [name, names.includes(name) ? "1.0.0" : null]));
  expect(environments.flatMap(({ refusals }: Answer) => refusals)).toEqual([]);
});

test("of an environment that is up one sees what it costs a month, and how it looks", async () => {
  const [costs, drawn] = await Promise.all([
    project.succeed("cost", "dev"),
    project.succeed("diagram", "dev"),
  ]);
  expect(costs.parts.map(({ part }: Answer) => part)).toEqual(["machines", "network"]);
  const { least, most } = costs.total.now;
  expect(most).toBeGreaterThan(least);
  expect(costs.missing).toEqual([]);
  expect(costs.notEstimated).toContain("traffic");
  expect(drawn.fleets).toContainEqual({ fleet: "web-1-0-0", share: 100 });
  expect(drawn.zones).toHaveLength(2);
  expect(readFileSync(drawn.file, "utf8")).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
});

test("what is protected is not rebuilt", async () => {
  const { exitCode, json } = await project.run("rebuild", names.at(-1)!, "--yes");
  expect(json).toMatchObject({ gate: "protected" });
  expect(exitCode).toBe(3);
});

// What takes minutes more is for all seven.
if (all) {
  test("the policy pack finds nothing in them", async () => {
    const { environments } = await project.succeed("check", ...names);
    expect(environments.flatMap(({ findings }: { findings: object[] }) => findings)).toEqual([]);
  });

  test("a short-lived copy runs the same release in a network of its own, and goes when its time is up", async () => {
    const made = await project.succeed("environment", "create", "pr-12", "--from", "dev", "--ttl", "1m");
    expect(made).toMatchObject({ live: "1.0.0", cidr: expect.stringMatching(/^10\.(1[2-9]\d|2\d\d)\./) });
    expect(await released("pr-12")).toBe("1.0.0");
    // One whose first update fails has no outputs that could say when it is over.
    const dev = project.text("dev");
    const failing = Date.now();
    project.edit("dev", project.file("dev"), { "retrofit:live.artifact": "sample/releases/none" });
    expect(
      (await project.run("environment", "create", "pr-13", "--from", "dev", "--ttl", "1m")).exitCode,
    ).not.toBe(0);
    writeFileSync(project.file("dev"), dev);
    project.forget("pr-13");
    // Its branch is gone, and its file with it.
    project.forget("pr-12");
    await until(
      "their time is up",
      () => Math.max(Date.parse(made.expires), failing + 60_000) <= Date.now(),
      90,
    );
    expect((await project.succeed("environment", "sweep")).removed.sort()).toEqual(["pr-12", "pr-13"]);
    expect((await project.run("status", "pr-12")).exitCode).toBe(2);
    expect(await project.run("environment", "remove", "dev", "--yes")).toMatchObject({
      exitCode: 3,
      json: { gate: "lasting" },
    });
  });
}

/** dev runs from a folder of the project, test from what was promoted to it. */
const rebuilt = () => names.slice(0, all ? 2 : 1);

test("a rebuild comes back to the same outputs and the same release, with what it had shown, while others go", async () => {
  await Promise.all([inTurn(rebuilt(), rebuild), inTurn(names.slice(rebuilt().length), takeDown)]);
});

test("taking all of them down leaves nothing", async () => {
  await Promise.all(rebuilt().map(takeDown));
  const state = await project.emulated();
  expect(state.loadBalancers).toEqual([]);
  expect(state.targetGroups).toEqual([]);
  expect(state.instances.filter(({ state: now }: { state: string }) => now !== "terminated")).toEqual([]);
});

async function rebuild(name: string): Promise<void> {
  const { evidence: before } = await project.succeed("evidence", name);
  const seed = `node -e "fetch(process.env.RETROFIT_URL).then((a) => fs.writeFileSync('seeded', a.headers.get('x-release')))"`;
  if (name === first) {
    const report = await project.succeed("rebuild", name, "--yes", "--seed", seed);
    expect(report).toMatchObject({ live: "1.0.0", smoke: true, outputs: { missing: [], added: [] } });
    expect([report.data, project.left("seeded")]).toEqual([seed, "1.0.0"]);
  } else {
    // As every night; it ends well only where the smoke test and the outputs are as they were.
    expect(await project.step("rebuild.sh", name)).toContain(`${name} was made anew`);
  }
  expect(await released(name)).toBe("1.0.0");
  const { evidence: after } = await project.succeed("evidence", name);
  expect(after).toHaveLength(before.length);
  expect((await project.succeed("up", name)).changes).toEqual(NO_CHANGES);
}

async function takeDown(name: string): Promise<void> {
  if (/retrofit:size: full/.test(project.text(name))) {
    // What is protected says so before it goes.
    project.edit(name, project.file(name), { "retrofit:protected": false });
    await project.succeed("up", name);
  }
  await project.succeed("destroy", name, "--yes");
}

async function inTurn(those: readonly string[], act: (name: string) => Promise<void>): Promise<void> {
  for (const name of those) await act(name);
}
