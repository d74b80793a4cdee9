import type { MachineDocument } from "../../machine";
import { GateError } from "../traffic";
import { FakeFleet } from "./fake-fleet";
import { MINIMUM_TAG } from "./group";
import { type InPlaceRequest, type InPlaceSettings, updateInPlace } from "./update";

const document = (release: string): MachineDocument => ({
  environment: "dev",
  role: "web",
  region: "eu-central-1",
  release,
  fleet: "blue",
  application: {
    name: "shop",
    command: "node server.js",
    port: 8080,
    environment: {},
    artifact: { bucket: "b", key: release, sha256: release },
  },
});

const settings: InPlaceSettings = {
  waitSeconds: 60,
  pollSeconds: 5,
  healthyPolls: 2,
  healthTimeoutSeconds: 120,
  maxErrorPercent: 1,
  minRequests: 20,
  alarms: [],
  smoke: [{ path: "/" }],
  healthPath: "/healthz",
  deregistrationDelaySeconds: 30,
};

const fleetOf = (size: number, min?: number) =>
  new FakeFleet({ "1": document("1.0.0"), "2": document("1.1.0") }, size, min);

async function update(
  fleet: FakeFleet,
  more: Partial<InPlaceRequest> = {},
  changed: Partial<InPlaceSettings> = {},
) {
  const lines: string[] = [];
  const request = {
    targetGroupArn: "tg",
    loadBalancerArn: "arn:x:loadbalancer/app/shop/1",
    wanted: document("1.1.0"),
    template: { id: "lt-1", version: "2" },
    acceptDowntime: false,
    ...more,
  };
  const outcome = await updateInPlace(
    fleet.clients,
    request,
    { ...settings, ...changed },
    (line) => lines.push(line),
    fleet.clock,
  ).catch((error: unknown) => error as GateError);
  return { outcome, lines };
}

const message = (outcome: unknown) => (outcome as GateError).message;
const all = (fleet: FakeFleet) => new Set(Object.values(fleet.releases()));

test("every machine gets the release, never with more than one of them away, and new ones start with it", async () => {
  const fleet = fleetOf(4);
  const { outcome } = await update(fleet);
  expect(outcome).toBe("updated");
  expect(Object.values(fleet.releases())).toEqual(["1.1.0", "1.1.0", "1.1.0", "1.1.0"]);
  expect(fleet.fewestServing).toBe(3);
  expect(fleet.template.version).toBe("2");
  expect([fleet.desired, fleet.min, fleet.tags]).toEqual([4, 4, {}]);
});

test("a second run has nothing to do and touches no machine", async () => {
  const fleet = fleetOf(2);
  await update(fleet);
  fleet.onCommand = (name) => expect(name).not.toMatch(/Standby|Update|SetDesired/);
  expect((await update(fleet)).outcome).toBe("nothing to update");
});

test.each([
  ["does not get healthy on the machine", "[health] /healthz answered 500 for 120 s", "health"],
  ["answers the smoke test wrongly", "[smoke] GET / answered 500, expected 200", "smoke"],
  ["cannot be fetched", "[artifact] key cannot be fetched", "machine"],
])("a release that %s is put back before the next machine gets it", async (_what, stderr, gate) => {
  const fleet = fleetOf(3);
  fleet.bad.set("1.1.0", stderr);
  const { outcome } = await update(fleet);
  expect(outcome).toBeInstanceOf(GateError);
  expect((outcome as GateError).gate).toBe(gate);
  expect(message(outcome)).toMatch(/Put back: i-\d runs 1\.0\.0 again/);
  expect(all(fleet)).toEqual(new Set(["1.0.0"]));
  expect(fleet.fewestServing).toBe(2);
  expect([fleet.template.version, fleet.desired, fleet.min, fleet.tags]).toEqual(["1", 3, 3, {}]);
});

test("a release that is healthy on the machine but not for the load balancer is put back", async () => {
  const fleet = fleetOf(2);
  fleet.sick.add("1.1.0");
  const { outcome } = await update(fleet);
  expect(message(outcome)).toContain("healthy again");
  expect(all(fleet)).toEqual(new Set(["1.0.0"]));
  expect(fleet.fewestServing).toBe(1);
});

test("errors of users on the first machine put it back, and the others never get the release", async () => {
  const fleet = fleetOf(3);
  fleet.onCommand = (name) => {
    if (name === "ExitStandby") fleet.errorPercent = 8;
  };
  const { outcome, lines } = await update(fleet);
  expect((outcome as GateError).gate).toBe("metrics");
  expect(message(outcome)).toContain("8 of 100 requests failed");
  expect(lines.filter((line) => line.includes("1.0.0 → 1.1.0"))).toHaveLength(1);
  expect(all(fleet)).toEqual(new Set(["1.0.0"]));
});

test("log lines that speak against the release on the first machine put it back, in their words", async () => {
  const fleet = fleetOf(3);
  const asked: number[] = [];
  const watch = async (seconds: number) => {
    asked.push(seconds);
    return seconds > 20 ? "30 of 100 log lines of 1.1.0 are errors." : undefined;
  };
  const { outcome, lines } = await update(fleet, {}, { watch });
  expect((outcome as GateError).gate).toBe("logs");
  expect(message(outcome)).toContain("30 of 100 log lines of 1.1.0 are errors. Put back: i-");
  expect(lines.filter((line) => line.includes("1.0.0 → 1.1.0"))).toHaveLength(1);
  expect(all(fleet)).toEqual(new Set(["1.0.0"]));
  // Since the first machine serves with it, not since the update began.
  expect(asked[0]).toBe(settings.pollSeconds);
});

test("an alarm is heard while the log store says nothing", async () => {
  const fleet = fleetOf(2);
  fleet.onCommand = (name) => {
    if (name === "ExitStandby") fleet.firing.add("errors");
  };
  const { outcome } = await update(fleet, {}, { alarms: ["errors"], watch: () => new Promise(() => {}) });
  expect((outcome as GateError).gate).toBe("alarms");
  expect(all(fleet)).toEqual(new Set(["1.0.0"]));
});

test("errors that were there before are not held against the release", async () => {
  const fleet = fleetOf(2);
  fleet.errorPercent = 8;
  expect((await update(fleet)).outcome).toBe("updated");
});

test("a later machine's failure puts the machines back that were done already", async () => {
  const fleet = fleetOf(3);
  let given = 0;
  fleet.onCommand = (name) => {
    if (name === "EnterStandby" && ++given === 3) fleet.bad.set("1.1.0", "[health] it does not answer");
  };
  const { outcome } = await update(fleet);
  expect(message(outcome).match(/runs 1\.0\.0 again/g)).toHaveLength(3);
  expect(all(fleet)).toEqual(new Set(["1.0.0"]));
  expect(fleet.fewestServing).toBe(2);
});

test("a machine that cannot be made good again is replaced by a fresh one with the former release", async () => {
  const fleet = fleetOf(2);
  fleet.bad.set("1.1.0", "[health] broken");
  fleet.bad.set("1.0.0", "[health] broken for good");
  const { outcome } = await update(fleet);
  expect(message(outcome)).toMatch(/i-\d is replaced by a fresh machine/);
  expect(Object.keys(fleet.releases())).toContain("i-3");
  expect([fleet.desired, fleet.machines.size]).toEqual([2, 2]);
});

test("a machine that starts meanwhile with the former release gets the new one, too", async () => {
  const fleet = fleetOf(2);
  let grown = false;
  fleet.onCommand = (name) => {
    if (name !== "ExitStandby" || grown) return;
    grown = true;
    (fleet.clients.autoScaling.send as (command: unknown) => void)({
      constructor: { name: "SetDesiredCapacityCommand" },
      input: { DesiredCapacity: 3 },
    });
  };
  expect((await update(fleet)).outcome).toBe("updated");
  expect(fleet.machines.size).toBeGreaterThanOrEqual(3);
  expect(all(fleet)).toEqual(new Set(["1.1.0"]));
});

test("a machine that dies while it is out is made up for, and the update goes on", async () => {
  const fleet = fleetOf(3);
  let killed = false;
  fleet.onCommand = (name) => {
    if (name !== "GetCommandInvocation" || killed) return;
    const out = [...fleet.machines].find(([, { lifecycle }]) => lifecycle === "Standby");
    if (!out) return;
    killed = true;
    fleet.kill(out[0]);
  };
  const { outcome, lines } = await update(fleet);
  expect(outcome).toBe("updated");
  expect(lines.some((line) => line.includes("died meanwhile"))).toBe(true);
  expect([fleet.machines.size, fleet.desired]).toEqual([3, 3]);
  expect(all(fleet)).toEqual(new Set(["1.1.0"]));
});

describe("a run that was killed", () => {
  async function killedAt(fleet: FakeFleet, command: string, times: number) {
    let seen = 0;
    fleet.onCommand = (name) => {
      if (name === command) seen += 1;
      // From here on no call of this run comes through any more, its cleaning up included.
      if (seen >= times) throw Object.assign(new Error("killed"), { name: "Killed" });
    };
    await update(fleet);
    fleet.onCommand = () => {};
  }

  test.each([
    ["with a machine out of the load balancer", "SendCommand", 3],
    ["when a machine had been given the release", "ExitStandby", 1],
    ["between two machines", "EnterStandby", 2],
    ["before new machines start with it", "UpdateAutoScalingGroup", 3],
  ])("%s is completed by the next, and the minimum is what it was", async (_when, command, times) => {
    const fleet = fleetOf(2);
    await killedAt(fleet, command, times);
    expect(["updated", "nothing to update"]).toContain((await update(fleet)).outcome);
    expect(all(fleet)).toEqual(new Set(["1.1.0"]));
    expect([fleet.min, fleet.desired, fleet.tags[MINIMUM_TAG], fleet.template.version]).toEqual([
      2,
      2,
      undefined,
      "2",
    ]);
    expect(fleet.fewestServing).toBe(1);
  });

  test("is taken back by an update to the former release", async () => {
    const fleet = fleetOf(2);
    await killedAt(fleet, "EnterStandby", 2);
    expect(all(fleet)).toEqual(new Set(["1.0.0", "1.1.0"]));
    const back = { wanted: document("1.0.0"), template: { id: "lt-1", version: "1" } };
    expect((await update(fleet, back)).outcome).toBe("updated");
    expect(all(fleet)).toEqual(new Set(["1.0.0"]));
    expect([fleet.min, fleet.desired]).toEqual([2, 2]);
  });
});

test("the only machine that serves is not taken away without the words that say what it means", async () => {
  const fleet = fleetOf(1);
  const { outcome } = await update(fleet);
  expect((outcome as GateError).gate).toBe("capacity");
  expect(message(outcome)).toContain("the site is down meanwhile");
  expect(message(outcome)).toContain("No machine was changed");
  expect(fleet.fewestServing).toBe(1);

  expect((await update(fleet, { acceptDowntime: true })).outcome).toBe("updated");
  expect([fleet.min, fleet.desired]).toEqual([1, 1]);
});

test("Ctrl-C puts the machine back that is being worked on", async () => {
  const fleet = fleetOf(3);
  const sleep = fleet.clock.sleep;
  let stopped = false;
  (fleet.clock as { sleep: typeof sleep }).sleep = async (seconds) => {
    await sleep(seconds);
    if (!stopped && [...fleet.machines.values()].some(({ document: { release } }) => release === "1.1.0")) {
      stopped = true;
      throw new GateError("interrupted", "the update was stopped by SIGINT.");
    }
  };
  const { outcome } = await update(fleet);
  expect((outcome as GateError).gate).toBe("interrupted");
  expect(message(outcome)).toContain("runs 1.0.0 again");
  expect(all(fleet)).toEqual(new Set(["1.0.0"]));
  expect([fleet.min, fleet.desired, fleet.tags]).toEqual([3, 3, {}]);
});

test("machines that are sick already are the first to get the release", async () => {
  const fleet = fleetOf(3);
  const [sick] = [...fleet.machines].at(-1)!;
  fleet.machines.get(sick)!.health = "unhealthy";
  const { lines } = await update(fleet);
  expect(lines.find((line) => line.includes("→"))).toContain(`${sick}: 1.0.0 → 1.1.0`);
  expect(all(fleet)).toEqual(new Set(["1.1.0"]));
});
