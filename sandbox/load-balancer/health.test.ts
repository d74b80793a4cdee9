import { type Health, nextHealth, type Probe, registering } from "./health";

const check = { matcher: "200-299", healthyThreshold: 3, unhealthyThreshold: 2 };
const pass: Probe = { kind: "status", status: 204 };
const wrong: Probe = { kind: "status", status: 503 };

const after = (probes: Probe[], from: Health = registering) =>
  probes.reduce((health, probe) => nextHealth(health, probe, check), from);

test("a new target is healthy after its first pass", () => {
  expect(after([pass])).toMatchObject({ state: "healthy", reason: null });
  expect(after([wrong, pass])).toMatchObject({ state: "healthy" });
});

test("a new target that fails is still initial until it has failed as often as the threshold says", () => {
  expect(after([wrong])).toMatchObject({ state: "initial", reason: "Elb.InitialHealthChecking" });
  expect(after([wrong, wrong])).toMatchObject({ state: "unhealthy" });
});

test("looks between the regular checks can make a new target healthy but never unhealthy", () => {
  const looked = [wrong, wrong, wrong, wrong].reduce(
    (health, probe) => nextHealth(health, probe, check, false),
    registering,
  );
  expect(looked.state).toBe("initial");
  expect(nextHealth(looked, pass, check, false).state).toBe("healthy");
});

test("a healthy target becomes unhealthy only by failures in a row", () => {
  expect(after([pass, wrong, pass, wrong]).state).toBe("healthy");
  expect(after([pass, wrong, wrong]).state).toBe("unhealthy");
});

test("an unhealthy target needs the healthy threshold of passes in a row to return", () => {
  const unhealthy = after([pass, wrong, wrong]);
  expect(after([pass, pass], unhealthy).state).toBe("unhealthy");
  expect(after([pass, pass, wrong, pass, pass], unhealthy).state).toBe("unhealthy");
  expect(after([pass, pass, pass], unhealthy).state).toBe("healthy");
});

test.each<[Probe, string, string]>([
  [wrong, "Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]"],
  [{ kind: "timeout" }, "Target.Timeout", "Request timed out"],
  [
    { kind: "failed", detail: "ECONNREFUSED" },
    "Target.FailedHealthChecks",
    "Health checks failed: ECONNREFUSED",
  ],
])("an unhealthy target tells why: %j", (probe, reason, description) => {
  expect(after([probe, probe])).toMatchObject({ state: "unhealthy", reason, description });
});
