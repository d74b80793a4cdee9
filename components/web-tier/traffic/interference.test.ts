import { FakeAws, throttled } from "./fake-aws";
import { readFleet } from "./fleet-state";
import { GateError } from "./gate-error";
import { announceMove } from "./moves";
import { remainingSteps } from "./shift";
import { runSwap, type SwapRequest, type SwapSettings } from "./swap";
import { MOVES_TAG, nextMove } from "./weights";

const LISTENER =
  "arn:aws:elasticloadbalancing:eu-central-1:1:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2";
const OLD = "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/old/1111111111111111";
const NEW = "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/new/2222222222222222";

const SETTINGS: SwapSettings = {
  healthyPolls: 3,
  pollSeconds: 5,
  healthTimeoutSeconds: 100,
  steps: [10, 50, 100],
  waitSeconds: 60,
  maxErrorPercent: 1,
  minRequests: 20,
  alarms: [],
  smoke: [{ path: "/" }],
};

let aws: FakeAws;
let lines: string[];
let asked: number;

beforeEach(() => {
  aws = new FakeAws();
  aws.fleet(OLD, 2);
  aws.fleet(NEW, 2);
  aws.serve({ [OLD]: 100 });
  lines = [];
  asked = 0;
});

const swap = (request: Partial<SwapRequest> = {}, settings: Partial<SwapSettings> = {}) =>
  runSwap(
    aws.clients,
    { listenerArn: LISTENER, wanted: { [NEW]: 100, [OLD]: 0 }, testUrl: "http://lb:8443", ...request },
    { ...SETTINGS, ...settings },
    (line) => void lines.push(line),
    {
      clock: aws.clock,
      fetch: async () => {
        asked += 1;
        return { status: 200, body: "shop" };
      },
    },
  );

async function refusal(promise: Promise<unknown>): Promise<GateError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof GateError)) throw new Error(`expected a refusal, got ${String(error)}`);
  return error;
}

describe("state and live weights that disagree", () => {
  const back = { wanted: { [OLD]: 100, [NEW]: 0 }, declaredBefore: { [OLD]: 100, [NEW]: 0 } };

  test("an update with the former config moves a half-done shift back at once, and says why", async () => {
    aws.serve({ [OLD]: 50, [NEW]: 50 });
    expect(await swap(back)).toBe("moved");
    expect(aws.written).toEqual([{ [OLD]: 100, [NEW]: 0 }]);
    expect(lines[0]).toBe("shift: the weights were old=50, new=50, declared is old=100, new=0: moving back");
    expect(asked).toBe(0);
  });

  test("a fleet that has lost all of its traffic passes every gate before it gets it again", async () => {
    aws.serve({ [OLD]: 0, [NEW]: 100 });
    await swap(back);
    expect(asked).toBe(1);
    expect(aws.written.map((weights) => weights[OLD])).toEqual([10, 50, 100]);
  });

  test("moving back waits for healthy machines too", async () => {
    aws.serve({ [OLD]: 50, [NEW]: 50 });
    aws.fleets.get(OLD)!.all("unhealthy", "Target.Timeout");
    expect((await refusal(swap(back))).gate).toBe("health");
    expect(aws.written).toEqual([]);
  });

  test("a release that was killed at 50 % goes on from there and does not begin anew", async () => {
    aws.serve({ [OLD]: 50, [NEW]: 50 });
    await swap({ declaredBefore: { [OLD]: 100 } });
    expect(aws.written.map((weights) => weights[NEW])).toEqual([50, 100]);
  });

  test("a standby that was taken off the listener by hand is put on it again for its health checks", async () => {
    expect(await swap(back)).toBe("nothing to move");
    expect(aws.written).toEqual([{ [OLD]: 100, [NEW]: 0 }]);
  });

  test("a release that was given up is taken off the listener, or it could not be deleted", async () => {
    aws.serve({ [OLD]: 100, [NEW]: 0, "arn:x:targetgroup/third/3": 0 });
    expect(await swap(back)).toBe("nothing to move");
    expect(aws.written).toEqual([{ [OLD]: 100, [NEW]: 0 }]);
  });

  test("the end is what is declared, to the letter", async () => {
    const third = "arn:x:targetgroup/third/3";
    aws.serve({ [OLD]: 100, [third]: 0 });
    await swap({ wanted: { [NEW]: 100, [OLD]: 0 } });
    expect(aws.written.at(-1)).toEqual({ [NEW]: 100, [OLD]: 0 });
    expect(aws.written[0]).toEqual({ [OLD]: 90, [third]: 0, [NEW]: 10 });
  });

  test("steps below the present share are left out", () => {
    expect(remainingSteps({ [OLD]: 75, [NEW]: 25 }, NEW, [10, 25, 50, 100])).toEqual([25, 50, 100]);
    expect(remainingSteps({ [OLD]: 1 }, NEW, [10, 100])).toEqual([10, 100]);
    expect(remainingSteps({}, NEW, [10, 100])).toEqual([100]);
  });
});

describe("somebody else", () => {
  test("who moves the weights while the gates wait keeps them: nothing is written", async () => {
    aws.after(5, () => aws.serve({ [OLD]: 70, [NEW]: 30 }));
    const error = await refusal(swap());
    expect(error.gate).toBe("interference");
    expect(error.message).toContain("The traffic was left as they put it.");
    expect(aws.written).toEqual([]);
  });

  test("a failing shift does not put its own former weights over those that somebody else wrote", async () => {
    aws.after(60, () => {
      aws.readings.set(NEW, { requests: 200, errors: 100 });
      const send = aws.clients.elb.send as unknown as (command: object) => Promise<unknown>;
      const once = { done: false };
      // Moved between the look at the weights and the judgement.
      (aws.clients as { elb: object }).elb = {
        send: async (command: { constructor: { name: string } }) => {
          const answer = await send(command);
          if (!once.done && command.constructor.name === "DescribeListenersCommand") {
            once.done = true;
            aws.serve({ [OLD]: 0, [NEW]: 1 });
          }
          return answer;
        },
      };
    });
    const error = await refusal(swap());
    expect(error.gate).toBe("metrics");
    expect(error.message).toContain("The traffic was left as they put it.");
    expect(aws.written.map((weights) => weights[NEW])).toEqual([10]);
  });

  test("a rollback that found the traffic already in its place still stops the update under way", async () => {
    aws.tags[MOVES_TAG] = "3";
    aws.after(5, () => void announceMove(aws.clients, LISTENER));
    const error = await refusal(swap({ moves: "3" }));
    expect(error.gate).toBe("interference");
    expect(aws.tags[MOVES_TAG]).toBe("4");
    expect(aws.written).toEqual([]);
  });

  test("a count that nobody raised, or that never was there, stops nothing", async () => {
    expect(await swap({ moves: "" })).toBe("moved");
    aws.serve({ [OLD]: 100 });
    aws.tags[MOVES_TAG] = "7";
    expect(await swap({ moves: "7" })).toBe("moved");
    expect([nextMove(undefined), nextMove("7"), nextMove("moved by hand")]).toEqual(["1", "8", "1"]);
  });
});

test("a fleet whose target group is gone, as in the middle of a delete, is no fleet and no error", async () => {
  aws.fail(
    "DescribeTargetHealth",
    Object.assign(new Error("gone"), { name: "TargetGroupNotFoundException" }),
  );
  expect(await readFleet(aws.clients, OLD)).toBeUndefined();
  aws.fail("DescribeTargetHealth", Object.assign(new Error("denied"), { name: "AccessDenied" }));
  await expect(readFleet(aws.clients, OLD)).rejects.toThrow("denied");
});

describe("while the traffic moves", () => {
  test("the new fleet follows the serving one when that grows, before it gets more traffic", async () => {
    aws.fleets.get(NEW)!.newcomers = "initial";
    aws.after(30, () => aws.fleets.get(OLD)!.resize(4));
    aws.after(90, () => aws.fleets.get(NEW)!.all("healthy"));
    const written: { healthy: number; weight: number | undefined }[] = [];
    const count = () =>
      written.push({
        healthy: aws.fleets
          .get(NEW)!
          .targets()
          .filter(({ TargetHealth }) => TargetHealth.State === "healthy").length,
        weight: aws.written.at(-1)?.[NEW],
      });
    for (let at = 1; at < 400; at += 1) aws.after(at, count);
    await swap();
    expect(aws.fleets.get(NEW)!.desired).toBe(4);
    expect(lines).toContain("capacity: the serving fleet grew; the new one is raised to 4");
    expect(written.filter(({ weight }) => weight === 50).every(({ healthy }) => healthy === 4)).toBe(true);
    expect(aws.written.at(-1)).toEqual({ [NEW]: 100, [OLD]: 0 });
  });

  test("a machine that scaling takes from the new fleet is replaced before the next step, and costs nothing", async () => {
    aws.after(30, () => {
      const fleet = aws.fleets.get(NEW)!;
      fleet.machines.delete([...fleet.machines.keys()][0]!);
      fleet.desired = 1;
    });
    expect(await swap()).toBe("moved");
    expect(aws.fleets.get(NEW)!.desired).toBe(2);
  });

  test("a shift that fails gives the serving fleet back the machines that scaling took meanwhile", async () => {
    aws.after(40, () => {
      const fleet = aws.fleets.get(OLD)!;
      fleet.machines.delete([...fleet.machines.keys()][0]!);
      fleet.desired = 1;
      aws.readings.set(NEW, { requests: 200, errors: 100 });
    });
    expect((await refusal(swap())).gate).toBe("metrics");
    expect(aws.fleets.get(OLD)!.desired).toBe(2);
  });

  test.each(["DescribeListeners", "ModifyListener", "DescribeTargetHealth", "GetMetricData"])(
    "an AWS that does not answer %s for half a minute delays the shift and no more",
    async (command) => {
      const down = () => Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
      aws.after(12, () => {
        for (let i = 0; i < 8; i += 1) aws.fail(command, down());
      });
      expect(await swap()).toBe("moved");
      expect(aws.written.at(-1)).toEqual({ [NEW]: 100, [OLD]: 0 });
    },
  );

  test("a write whose answer was lost is not taken for somebody else's", async () => {
    const send = aws.clients.elb.send as unknown as (command: object) => Promise<unknown>;
    let lost = false;
    (aws.clients as { elb: object }).elb = {
      send: async (command: { constructor: { name: string } }) => {
        const answer = await send(command);
        if (!lost && command.constructor.name === "ModifyListenerCommand") {
          lost = true;
          throw throttled();
        }
        return answer;
      },
    };
    expect(await swap()).toBe("moved");
  });
});
