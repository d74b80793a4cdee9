import { Bench, listenPort } from "../../tests/support/load-balancer";
import { forwardTo, group, listener, state } from "../../tests/support/sandbox";

jest.setTimeout(30_000);

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

test("what passed is counted as CloudWatch counts it", async () => {
  const web = await bench.machine("web", (request, response) => {
    response.statusCode = request.url === "/bad" ? 500 : 200;
    setTimeout(() => response.end(), request.url === "/slow" ? 120 : 0);
    response.flushHeaders();
  });
  const rules = [
    {
      arn: "r",
      priority: 1,
      conditions: [{ field: "path-pattern" as const, values: ["/none"] }],
      actions: [forwardTo({ none: 1 })],
    },
  ];
  await bench.serve(
    state(
      bench.address,
      [listener(listenPort, forwardTo({ web: 1 }), rules)],
      [group("web", [web]), group("none", [])],
    ),
  );
  bench.balancers.metrics();
  for (const path of ["/", "/", "/slow", "/bad", "/none"]) await bench.get(path);
  const metrics = bench.balancers.metrics();
  const ofGroup = {
    LoadBalancer: "app/shop/50dc6c495c0c9188",
    TargetGroup: "targetgroup/web/73e2d6bc24d8a067",
  };
  const ofAll = { LoadBalancer: ofGroup.LoadBalancer };
  const value = (name: string, dimensions: object) =>
    metrics.find(
      (metric) => metric.name === name && JSON.stringify(metric.dimensions) === JSON.stringify(dimensions),
    );
  expect(value("RequestCount", ofGroup)).toMatchObject({
    namespace: "AWS/ApplicationELB",
    value: 4,
    unit: "Count",
  });
  expect(value("RequestCount", ofAll)?.value).toBe(5);
  expect(value("HTTPCode_Target_2XX_Count", ofGroup)?.value).toBe(3);
  expect(value("HTTPCode_Target_5XX_Count", ofGroup)?.value).toBe(1);
  expect(value("HTTPCode_ELB_5XX_Count", ofAll)?.value).toBe(1);
  expect(value("HTTPCode_ELB_5XX_Count", ofGroup)).toBeUndefined();
  expect(value("HealthyHostCount", ofGroup)?.value).toBe(1);
  expect(value("TargetResponseTime", ofGroup)?.counts?.reduce((sum, count) => sum + count, 0)).toBe(4);
  expect(bench.balancers.metrics().filter((metric) => metric.name === "RequestCount")).toEqual([]);
});
