import { withShortWaits } from "./waits";

test("a domain is not waited for at length, and what a program says itself stays", () => {
  expect(withShortWaits({ domainName: "logs" }, "opensearch/domain")).toEqual({
    domainName: "logs",
    timeouts: { create: "5s" },
  });
  const own = { domainName: "logs", timeouts: { create: "1h" } };
  expect(withShortWaits(own, "opensearch/domain")).toBe(own);
});

test("everything else waits as the provider does", () => {
  const inputs = { name: "shop" };
  expect(withShortWaits(inputs, "rds/instance")).toBe(inputs);
});
