import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MOVES_TAG } from "../../components/web-tier/traffic";
import { FakeAws } from "../../components/web-tier/traffic/fake-aws";
import { Backup } from "../backup";
import type { Context } from "../context";
import type { RunningEnvironment } from "../environment";
import { takeBackInterrupted } from "../interrupted";
import { type Project, replaceFile } from "../project";
import { refuseLoss } from "./barriers";
import { planRollback } from "./plan";
import { giveTraffic, servingCapacity } from "./traffic";

const OLD = "arn:x:targetgroup/old/1";
const NEW = "arn:x:targetgroup/new/2";

let aws: FakeAws;
let folder: string;
let project: Project;
let running: RunningEnvironment;
const lines: string[] = [];
const say = (line: string) => void lines.push(line);
const context = { output: { line: say, warn: say } } as unknown as Context;

const fileWith = (live: string, standby?: string) =>
  [
    "config:",
    "  aws:region: eu-central-1",
    "  retrofit:size: small",
    "  retrofit:application: { name: shop, command: node server.js }",
    "  retrofit:network: { cidr: 10.10.0.0/16 }",
    "  retrofit:web: { testers: [127.0.0.0/8] }",
    `  retrofit:live: { version: ${live}, artifact: releases }`,
    ...(standby ? [`  retrofit:standby: { version: ${standby}, artifact: releases }`] : []),
    "",
  ].join("\n");

beforeEach(() => {
  aws = new FakeAws();
  aws.fleet(OLD, 2);
  aws.fleet(NEW, 2);
  aws.serve({ [OLD]: 0, [NEW]: 100 });
  folder = mkdtempSync(join(tmpdir(), "retrofit-rollback-test-"));
  mkdirSync(join(folder, "releases"));
  writeFileSync(join(folder, "releases", "server.js"), "");
  project = { folder, file: (name) => join(folder, `Pulumi.${name}.yaml`) };
  lines.length = 0;
  running = {
    name: "dev",
    clients: aws.clients,
    outputs: {
      url: "http://lb",
      listenerArn: "arn:x:listener/app/web/1/2",
      fleets: {
        "1.0.0": { targetGroupArn: OLD, autoScalingGroup: "old" },
        "1.1.0": { targetGroupArn: NEW, autoScalingGroup: "new" },
      },
    },
  };
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const text = () => readFileSync(project.file("dev"), "utf8");

/** As a release leaves it that was killed on its way from 1.0.0 to 1.1.0. */
function interruptedRelease(): void {
  new Backup(project, "dev").take(Buffer.from(fileWith("1.0.0", "0.9.0")), false);
  writeFileSync(project.file("dev"), fileWith("1.1.0", "1.0.0"));
}

describe("where back is", () => {
  test("the standby, and the two change places in the file", async () => {
    writeFileSync(project.file("dev"), fileWith("1.1.0", "1.0.0"));
    const plan = await planRollback(project, running);
    expect(plan).toMatchObject({ from: "1.1.0", to: "1.0.0" });
    plan.writeFile();
    expect(text()).toBe(fileWith("1.0.0", "1.1.0"));
  });

  test("after a release that never came to its end: what was live before, with the file as it was then", async () => {
    interruptedRelease();
    aws.serve({ [OLD]: 50, [NEW]: 50 });
    const plan = await planRollback(project, running);
    expect(plan).toMatchObject({ from: "1.1.0", to: "1.0.0" });
    plan.writeFile();
    expect(text()).toBe(fileWith("1.0.0", "0.9.0"));
    expect(new Backup(project, "dev").read()).toBeUndefined();
  });

  test("a release that was killed when it had all of the traffic counts as made", async () => {
    interruptedRelease();
    (await planRollback(project, running)).writeFile();
    expect(text()).toBe(fileWith("1.0.0", "1.1.0"));
  });

  test("without a standby there is none", async () => {
    writeFileSync(project.file("dev"), fileWith("1.1.0"));
    await expect(planRollback(project, running)).rejects.toMatchObject({
      exitCode: 3,
      json: { gate: "standby" },
    });
  });
});

describe("another release after one that was killed", () => {
  test("starts from what serves, and never makes a standby of what never did", async () => {
    interruptedRelease();
    aws.serve({ [OLD]: 90, [NEW]: 10 });
    await takeBackInterrupted(context, project, running);
    expect(text()).toBe(fileWith("1.0.0", "0.9.0"));
    expect(lines[0]).toContain("The release of 1.1.0 was stopped on its way");
  });

  test("leaves a file alone that somebody has put back himself, or whose release serves", async () => {
    interruptedRelease();
    await takeBackInterrupted(context, project, running);
    expect(text()).toBe(fileWith("1.1.0", "1.0.0"));
    replaceFile(project.file("dev"), fileWith("1.0.0", "0.9.0"));
    aws.serve({ [OLD]: 50, [NEW]: 50 });
    await takeBackInterrupted(context, project, running);
    expect(lines).toEqual([]);
  });

  test("a second attempt keeps what the first had kept; a new release keeps its own", () => {
    const backup = new Backup(project, "dev");
    const [first, second] = [Buffer.from("first"), Buffer.from("second")];
    backup.take(first, false);
    expect(backup.take(second, true)).toEqual(first);
    expect(backup.take(second, false)).toEqual(second);
    expect(backup.read()).toEqual(second);
  });
});

describe("giving the traffic back", () => {
  test("touches the listener alone, keeps every group on it, and tells updates under way", async () => {
    const third = "arn:x:targetgroup/third/3";
    aws.serve({ [OLD]: 0, [NEW]: 50, [third]: 50 });
    await giveTraffic(context, running, "1.0.0");
    expect(aws.written).toEqual([{ [OLD]: 100, [NEW]: 0, [third]: 0 }]);
    expect(aws.tags[MOVES_TAG]).toBe("1");
  });

  test("a role that may not tag still rolls back", async () => {
    aws.fail("AddTags", Object.assign(new Error("not authorized"), { name: "AccessDenied" }));
    await giveTraffic(context, running, "1.0.0");
    expect(aws.written).toEqual([{ [OLD]: 100, [NEW]: 0 }]);
    expect(lines.at(-1)).toContain("an update under way may move the traffic again");
  });

  test("a small standby is raised to what serves before it gets the traffic", async () => {
    aws.fleets.get(OLD)!.machines.clear();
    aws.fleets.get(OLD)!.resize(1);
    aws.fleets.get(NEW)!.resize(3);
    await giveTraffic(context, running, "1.0.0");
    expect(aws.fleets.get(OLD)!.desired).toBe(3);
  });

  test("needs what the serving fleets have, and one machine at least", () => {
    const state = { weights: { a: 50, b: 50, c: 0 }, healthy: {}, desired: { a: 2, b: 5, c: 9 } };
    expect(servingCapacity(state, "c")).toBe(5);
    expect(servingCapacity({ weights: {}, healthy: {}, desired: {} }, "c")).toBe(1);
  });
});

describe("what a rollback would lose", () => {
  const back = { from: "1.1.0", to: "1.0.0" };

  test("a standby that is sick gets nothing, unless somebody says in these words that requests may fail", async () => {
    aws.fleets.get(OLD)!.all("unhealthy", "Target.Timeout");
    const refusal = await refuseLoss(running, back, undefined).catch((error) => error);
    expect(refusal).toMatchObject({ exitCode: 3, json: { gate: "health" } });
    expect(refusal.hint).toContain('--accept-loss "requests fail until 1.0.0 is healthy"');
    await expect(refuseLoss(running, back, "yes")).rejects.toThrow("no healthy machine");
    await refuseLoss(running, back, "Requests fail  until 1.0.0 is healthy");
    await giveTraffic(context, running, "1.0.0");
    expect(aws.written.at(-1)).toEqual({ [OLD]: 100, [NEW]: 0 });
  });

  test("a standby that is kept empty is no loss: it is raised", async () => {
    aws.fleets.get(OLD)!.machines.clear();
    aws.fleets.get(OLD)!.desired = 0;
    await refuseLoss(running, back, undefined);
  });

  test("a barrier of the database's stops it as well", async () => {
    const database = async () => ({
      gate: "database" as const,
      reason: "1.1.0 dropped a column.",
      loss: "orders since 15:00 are lost",
    });
    await expect(refuseLoss(running, back, undefined, [database])).rejects.toMatchObject({
      json: { gate: "database" },
    });
    await refuseLoss(running, back, "orders since 15:00 are lost", [database]);
  });
});
