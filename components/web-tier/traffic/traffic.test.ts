import { interruptibleClock } from "./clients";
import { FakeAws, throttled } from "./fake-aws";
import { GateError } from "./gate-error";
import { waitForHealthy } from "./health-gate";
import { readTraffic } from "./metrics";
import { OwnedListener } from "./owned-listener";
import { type ShiftSettings, shiftTraffic } from "./shift";
import { runSmokeTest, type SmokeAnswer } from "./smoke";
import { runSwap, type SwapSettings } from "./swap";
import { stepWeights } from "./weights";

const LISTENER =
  "arn:aws:elasticloadbalancing:eu-central-1:1:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2";
const OLD = "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/old/1111111111111111";
const NEW = "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/new/2222222222222222";

const HEALTH = { healthyPolls: 3, pollSeconds: 5, healthTimeoutSeconds: 100 };
const SHIFT: ShiftSettings = {
  steps: [10, 50, 100],
  waitSeconds: 60,
  pollSeconds: 20,
  maxErrorPercent: 1,
  minRequests: 20,
  alarms: [],
};
const SWAP: SwapSettings = { ...HEALTH, ...SHIFT, pollSeconds: 5, smoke: [{ path: "/" }] };

let aws: FakeAws;
let lines: string[];
const report = (line: string) => void lines.push(line);

beforeEach(() => {
  aws = new FakeAws();
  lines = [];
});

const waitForTwo = () => waitForHealthy(aws.clients, NEW, async () => 2, HEALTH, report, aws.clock);
const shift = async (settings: Partial<ShiftSettings> = {}, clock = aws.clock) => {
  const listener = await OwnedListener.open(aws.clients, LISTENER, undefined, clock);
  return shiftTraffic(
    aws.clients,
    { listener, newGroup: NEW },
    { ...HEALTH, ...SHIFT, ...settings },
    report,
    clock,
  );
};
const passing = async (): Promise<SmokeAnswer> => ({ status: 200, body: "shop" });
const swap = (settings: Partial<SwapSettings> = {}, fetch = passing, listenerArn: string | null = LISTENER) =>
  runSwap(
    aws.clients,
    { listenerArn: listenerArn ?? undefined, wanted: { [NEW]: 100, [OLD]: 0 }, testUrl: "http://lb:8443" },
    { ...SWAP, ...settings },
    report,
    { clock: aws.clock, fetch },
  );

async function refusal(promise: Promise<unknown>): Promise<GateError> {
  return promise.then(
    () => {
      throw new Error("expected a refusal");
    },
    (error: GateError) => error,
  );
}

describe("waiting for a healthy fleet", () => {
  test("takes several good polls in a row, and says how far it is", async () => {
    const fleet = aws.fleet(NEW, 2, "initial");
    aws.after(10, () => fleet.all("healthy"));
    const started = aws.now;
    await waitForTwo();
    expect(aws.now - started).toBe(20);
    expect(lines[0]).toBe("health: 0/2 healthy, 2 initial");
    expect(lines.at(-1)).toBe("health: 2/2 healthy (3/3 polls)");
  });

  test("a machine missing from the load balancer's answer is not healthy", async () => {
    aws.fleet(NEW, 2, "healthy").first().health = undefined;
    const error = await refusal(waitForTwo());
    expect(error.message).toBe(
      "[gate:health] the new fleet was not healthy within 100 s: 1/2 healthy, 1 not registered.",
    );
  });

  test("a machine that is not in service yet is waited for", async () => {
    const fleet = aws.fleet(NEW, 2);
    fleet.first().lifecycle = "Pending";
    aws.after(15, () => {
      fleet.first().lifecycle = "InService";
    });
    await waitForTwo();
    expect(lines[0]).toBe("health: 1/2 healthy, 1 Pending");
  });

  test("flapping health starts the count again, and is named when the time is over", async () => {
    const fleet = aws.fleet(NEW, 2, "healthy");
    for (let at = 10; at < 200; at += 20) {
      aws.after(at, () => fleet.all("unhealthy", "Target.Timeout"));
      aws.after(at + 10, () => fleet.all("healthy"));
    }
    const error = await refusal(waitForTwo());
    expect(error.gate).toBe("health");
    expect(error.message).toMatch(/its health went up and down \d+ times/);
  });

  test("says why machines are unhealthy when the time is over", async () => {
    aws.fleet(NEW, 2).all("unhealthy", "Target.ResponseCodeMismatch");
    const error = await refusal(waitForTwo());
    expect(error.message).toContain("0/2 healthy, 2 unhealthy (Target.ResponseCodeMismatch)");
  });

  test("throttling costs a poll, not the release", async () => {
    aws.fleet(NEW, 2);
    aws.fail("DescribeTargetHealth", throttled(), 2);
    await waitForTwo();
    expect(lines.at(-1)).toBe("health: 2/2 healthy (3/3 polls)");
  });

  test("a missing permission is reported at once, as AWS put it", async () => {
    aws.fleet(NEW, 2);
    aws.fail("DescribeTargetHealth", Object.assign(new Error("not authorized"), { name: "AccessDenied" }));
    const started = aws.now;
    await expect(waitForTwo()).rejects.toThrow("not authorized");
    expect(aws.now).toBe(started);
  });

  test("launches that keep failing end the wait with their reason; a single one does not", async () => {
    const fleet = aws.fleet(NEW, 0, "initial");
    const failed = () =>
      fleet.activities.push({
        StatusCode: "Failed",
        StatusMessage: "You have reached your quota of 5 vCPUs",
        StartTime: new Date(aws.now * 1000),
      });
    for (const at of [10, 20, 30]) aws.after(at, failed);
    const started = aws.now;
    const error = await refusal(waitForTwo());
    expect(error.message).toBe(
      "[gate:capacity] 3 launches failed in group-of-" +
        NEW +
        ", the last with: You have reached your quota of 5 vCPUs.",
    );
    expect(aws.now - started).toBe(30);
  });

  test("a fleet whose group is gone is refused at once", async () => {
    const error = await refusal(waitForTwo());
    expect(error.gate).toBe("capacity");
  });
});

describe("capacity", () => {
  test("the new fleet is raised to what serves now", async () => {
    aws.fleet(OLD, 5);
    aws.fleet(NEW, 2);
    aws.serve({ [OLD]: 100 });
    await swap();
    expect(aws.fleets.get(NEW)!.desired).toBe(5);
  });

  test("a serving fleet that grows during the wait is followed", async () => {
    aws.fleet(OLD, 2);
    const fleet = aws.fleet(NEW, 2, "initial");
    aws.serve({ [OLD]: 100 });
    aws.after(20, () => aws.fleets.get(OLD)!.resize(4));
    aws.after(30, () => fleet.all("healthy"));
    await swap();
    expect(fleet.desired).toBe(4);
  });

  test("is never raised above its maximum, nor lowered", async () => {
    aws.fleet(OLD, 9);
    aws.fleet(NEW, 4, "healthy", { max: 6 });
    aws.serve({ [OLD]: 100 });
    await swap();
    expect(aws.fleets.get(NEW)!.desired).toBe(6);
    aws.fleet(OLD, 1);
    aws.fleet(NEW, 4);
    aws.serve({ [OLD]: 100 });
    await swap();
    expect(aws.fleets.get(NEW)!.desired).toBe(4);
  });
});

describe("the smoke test", () => {
  const smoke = (answers: (SmokeAnswer | Error)[], check = { path: "/", contains: "shop" }) =>
    runSmokeTest(
      "http://lb:8443",
      [check],
      {},
      report,
      async () => {
        const answer = answers.shift()!;
        if (answer instanceof Error) throw answer;
        return answer;
      },
      aws.clock,
    );

  test("a wrong status of the release's is final", async () => {
    const answers = [
      { status: 500, body: "" },
      { status: 200, body: "shop" },
    ];
    const error = await refusal(smoke(answers));
    expect(error.message).toBe(
      "[gate:smoke] 1 of 1 smoke checks failed at http://lb:8443: GET / answered 500, expected 200.",
    );
    expect(answers).toHaveLength(1);
  });

  test("a page without the expected text fails", async () => {
    const error = await refusal(smoke([{ status: 200, body: "maintenance" }]));
    expect(error.message).toContain('answered 200 without "shop"');
  });

  test("a load balancer that does not know the fleet yet is asked again", async () => {
    await smoke([new Error("ECONNREFUSED"), { status: 503, body: "" }, { status: 200, body: "shop" }]);
    expect(lines).toEqual(["smoke: GET / passed"]);
  });

  test("no answer at all fails with the reason", async () => {
    const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    const error = await refusal(smoke(Array(5).fill(refused)));
    expect(error.message).toContain("gave no answer (ECONNREFUSED)");
  });
});

describe("moving the traffic", () => {
  beforeEach(() => {
    aws.fleet(OLD, 2);
    aws.fleet(NEW, 2);
    aws.serve({ [OLD]: 100 });
  });

  test("goes by steps, holding each but the last", async () => {
    const started = aws.now;
    await shift();
    expect(aws.written).toEqual([
      { [OLD]: 90, [NEW]: 10 },
      { [OLD]: 50, [NEW]: 50 },
      { [OLD]: 0, [NEW]: 100 },
    ]);
    expect(aws.now - started).toBe(120);
  });

  test("can go all at once", async () => {
    const started = aws.now;
    await shift({ steps: [100] });
    expect(aws.written).toEqual([{ [OLD]: 0, [NEW]: 100 }]);
    expect(aws.now).toBe(started);
  });

  test("errors on the new fleet put the former actions back to the letter", async () => {
    const former = aws.actions;
    aws.readings.set(NEW, { requests: 200, errors: 30 });
    aws.readings.set(OLD, { requests: 1800, errors: 0 });
    const error = await refusal(shift());
    expect(error.message).toBe(
      "[gate:metrics] 30 of 200 requests to the new fleet failed (15.0 %, allowed 1 %, the serving fleet has 0.0 %).",
    );
    expect(aws.actions).toBe(former);
    expect(aws.written.map((weights) => weights[NEW])).toEqual([10, undefined]);
  });

  test("connections that machines refuse count as errors", async () => {
    aws.readings.set(NEW, { requests: 200, errors: 0, refused: 10 });
    expect((await refusal(shift())).gate).toBe("metrics");
  });

  test("errors that the serving fleet has as well are not held against the release", async () => {
    aws.readings.set(NEW, { requests: 200, errors: 10 });
    aws.readings.set(OLD, { requests: 1800, errors: 180 });
    await shift();
    expect(aws.written.at(-1)).toEqual({ [OLD]: 0, [NEW]: 100 });
  });

  test("too few requests prove nothing", async () => {
    aws.readings.set(NEW, { requests: 19, errors: 19 });
    await shift();
    expect(aws.written.at(-1)).toEqual({ [OLD]: 0, [NEW]: 100 });
  });

  test("slow answers are refused where a limit is set", async () => {
    aws.readings.set(NEW, { requests: 200, errors: 0, latency: 3.21 });
    await shift();
    aws.serve({ [OLD]: 100 });
    const error = await refusal(shift({ maxLatencySeconds: 2 }));
    expect(error.message).toBe(
      "[gate:metrics] the new fleet answered in 3.21 s (99th percentile), above 2 s.",
    );
  });

  test("an alarm that fires puts the traffic back", async () => {
    aws.after(30, () => aws.firing.add("checkout-errors"));
    const error = await refusal(shift({ alarms: ["checkout-errors"] }));
    expect(error.message).toContain("alarm checkout-errors fired");
    expect(aws.written.at(-1)).toEqual({ [OLD]: 100 });
  });

  test("a release that its log lines speak against is turned away, in their words", async () => {
    const asked: number[] = [];
    const watch = async (seconds: number) => {
      asked.push(seconds);
      return seconds > 70 ? "30 of 100 log lines of 1.1.0 are errors." : undefined;
    };
    const error = await refusal(shift({ watch }));
    expect([error.gate, error.message]).toEqual(["logs", expect.stringContaining("30 of 100 log lines")]);
    expect(aws.written.at(-1)).toEqual({ [OLD]: 100 });
    expect(asked[0]).toBeGreaterThan(0);
  });

  test("a watch that never answers holds up neither health nor alarms", async () => {
    aws.after(5, () => aws.fleets.get(NEW)!.all("unhealthy", "Target.Timeout"));
    const error = await refusal(shift({ watch: () => new Promise(() => {}) }));
    expect(error.gate).toBe("health");
    expect(aws.written.at(-1)).toEqual({ [OLD]: 100 });
  });

  test("a machine that gets sick in mid-shift puts the traffic back", async () => {
    aws.after(70, () => aws.fleets.get(NEW)!.all("unhealthy", "Target.Timeout"));
    const error = await refusal(shift());
    expect(error.gate).toBe("health");
    expect(aws.written.map((weights) => weights[NEW])).toEqual([10, 50, undefined]);
  });

  test("weights moved by somebody else stop the shift and are left alone", async () => {
    aws.after(10, () => aws.serve({ [OLD]: 70, [NEW]: 30 }));
    const error = await refusal(shift());
    expect(error.gate).toBe("interference");
    expect(error.message).toContain("old=70, new=30");
    expect(aws.written).toHaveLength(1);
  });

  test("a look that AWS does not answer is made again", async () => {
    aws.fail("GetMetricData", throttled());
    await shift();
    expect(lines).toContain("shift: AWS did not answer (ThrottlingException), looking again");
    expect(aws.written.at(-1)).toEqual({ [OLD]: 0, [NEW]: 100 });
  });

  test("a throttled write of the weights is made again", async () => {
    aws.fail("ModifyListener", throttled(), 2);
    await shift({ steps: [100] });
    expect(aws.written).toEqual([{ [OLD]: 0, [NEW]: 100 }]);
  });

  test("says loudly when the former weights could not be put back", async () => {
    aws.readings.set(NEW, { requests: 200, errors: 30 });
    aws.after(20, () =>
      aws.fail("ModifyListener", Object.assign(new Error("denied"), { name: "AccessDenied" })),
    );
    const error = await refusal(shift());
    expect(error.message).toContain("could NOT be put back (denied)");
    expect(error.message).toContain("to old=100");
  });

  test("from half-way weights, as after a crash, the shares of the others are kept in proportion", () => {
    const third = "arn:x:targetgroup/third/3";
    expect(stepWeights({ [OLD]: 60, [third]: 20, [NEW]: 20 }, NEW, 60)).toEqual({
      [OLD]: 30,
      [third]: 10,
      [NEW]: 60,
    });
  });
});

describe("the swap as a whole", () => {
  beforeEach(() => {
    aws.fleet(OLD, 2);
    aws.fleet(NEW, 2);
    aws.serve({ [OLD]: 100 });
  });

  test("nothing is asked or moved when the wanted fleet serves already", async () => {
    aws.serve({ [NEW]: 100, [OLD]: 0 });
    expect(await swap({}, () => Promise.reject(new Error("asked")))).toBe("nothing to move");
    expect(aws.written).toEqual([]);
  });

  test("a failed smoke test leaves the listener untouched and says so", async () => {
    const error = await refusal(swap({}, async () => ({ status: 500, body: "" })));
    expect(error.message).toMatch(
      /^\[gate:smoke\] .* The traffic is where it was, on the fleet that served before\.$/,
    );
    expect(aws.written).toEqual([]);
  });

  test("the first release passes health and smoke, and there is nothing to shift", async () => {
    aws.actions = [];
    expect(await swap({}, passing, null)).toBe("moved");
    expect(aws.written).toEqual([]);
  });

  test("a listener that serves nothing yet gets the release at once", async () => {
    aws.actions = [{ Type: "fixed-response", FixedResponseConfig: { StatusCode: "503" } }];
    await swap();
    expect(aws.written).toEqual([{ [NEW]: 100, [OLD]: 0 }]);
  });

  test("taking the only live release away is refused", async () => {
    const error = await refusal(
      runSwap(aws.clients, { listenerArn: LISTENER, wanted: {}, testUrl: "" }, SWAP, report, {
        clock: aws.clock,
      }),
    );
    expect(error.message).toContain("[gate:live] the update names no live release, but one is serving: set");
  });

  test("AWS out of reach for long at the start is a refusal that says where the traffic is", async () => {
    const down = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    aws.fail("DescribeListeners", down, 100);
    const error = await refusal(swap());
    expect(error.message).toContain("[gate:health] AWS did not answer: connect ECONNREFUSED");
  });
});

test("Ctrl-C during a shift puts the former weights back, and cleaning up may still wait", async () => {
  aws.fleet(OLD, 2);
  aws.fleet(NEW, 2);
  aws.serve({ [OLD]: 100 });
  const controller = new AbortController();
  const clock = interruptibleClock(
    controller.signal,
    () => new GateError("interrupted", "stopped by SIGINT."),
  );
  setTimeout(() => {
    aws.fail("ModifyListener", throttled());
    controller.abort();
  }, 50);
  const started = Date.now();
  const error = await refusal(shift({}, clock));
  expect(error.gate).toBe("interrupted");
  expect(aws.written).toEqual([{ [OLD]: 90, [NEW]: 10 }, { [OLD]: 100 }]);
  expect(Date.now() - started).toBeGreaterThanOrEqual(1000);
});

test("the numbers asked for are those of the group on its load balancer, by full minutes", async () => {
  const asked: Record<string, unknown>[] = [];
  const send = async (command: { input: Record<string, unknown> }) => {
    asked.push(command.input);
    return { MetricDataResults: [{ Id: "requests", Values: [100, 50] }] };
  };
  const reading = await readTraffic(
    { cloudWatch: { send: send as never } },
    { listenerArn: LISTENER, targetGroupArn: NEW },
    90,
    150,
  );
  expect(reading).toEqual({ requests: 150, errors: 0 });
  expect(asked[0]).toMatchObject({ StartTime: new Date(60_000), EndTime: new Date(180_000) });
  expect(JSON.stringify(asked[0])).toContain('"app/web/50dc6c495c0c9188"');
  expect(JSON.stringify(asked[0])).toContain('"targetgroup/new/2222222222222222"');
});
