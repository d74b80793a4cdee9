import { FakeAws } from "./fake-aws";
import { prepareToServe, restStandby } from "./standby-size";

const at = { listenerArn: "l", targetGroupArn: "old" };

function environment(weights: Record<string, number>, size = 4) {
  const aws = new FakeAws();
  aws.serve(weights);
  const old = aws.fleet("old", size, "healthy", { min: 2, max: 6 });
  return {
    aws,
    old,
    rest: (machines: number) => restStandby(aws.clients, at, machines, () => {}, aws.clock),
  };
}

test("a standby goes down to the machines that are to stay", async () => {
  const { old, rest } = environment({ old: 0, new: 100 });
  expect(await rest(1)).toEqual({ before: 4, now: 1 });
  expect([old.min, old.desired, old.machines.size]).toEqual([1, 1, 1]);
});

test.each([
  ["a fleet that gets traffic", { old: 1, new: 99 }, 4],
  ["a fleet that the listener does not name", { new: 100 }, 4],
  ["a standby that is small enough", { old: 0, new: 100 }, 1],
])("%s is left as it is", async (_what, weights, size) => {
  const { old, rest } = environment(weights, size);
  expect(await rest(1)).toBeUndefined();
  expect([old.min, old.desired]).toEqual([2, size]);
});

test("before it serves again it has a serving fleet's bounds, and machines up to them", async () => {
  const { aws, old, rest } = environment({ old: 0, new: 100 });
  await rest(1);
  await prepareToServe(aws.clients, "old", { min: 2, max: 8 }, aws.clock);
  expect([old.min, old.max, old.desired]).toEqual([2, 8, 2]);
});
