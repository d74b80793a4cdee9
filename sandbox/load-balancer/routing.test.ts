import type { Condition } from "../emulated";
import { statusMatcher, wildcard } from "./patterns";
import { chooseGroup, compileRoutes, decide, type RoutedRequest, redirectLocation } from "./routing";

const request: RoutedRequest = {
  method: "GET",
  path: "/shop/cart",
  query: "step=2&lang=de",
  host: "shop.example.com:8080",
  headers: { "x-release": "1.1.0" },
  sourceAddress: "127.0.0.1",
};

function matches(condition: Condition, change: Partial<RoutedRequest> = {}): boolean {
  const routes = compileRoutes({
    rules: [
      {
        arn: "rule",
        priority: 1,
        conditions: [condition],
        actions: [{ type: "fixed-response", statusCode: 200 }],
      },
    ],
    defaultActions: [{ type: "fixed-response", statusCode: 404 }],
  });
  return (decide(routes, { ...request, ...change }) as { statusCode: number }).statusCode === 200;
}

describe("a rule's condition", () => {
  test.each<[string, Condition, Partial<RoutedRequest>, boolean]>([
    ["a header's value", { field: "http-header", name: "X-Release", values: ["1.1.0"] }, {}, true],
    [
      "a header's value with a wildcard",
      { field: "http-header", name: "x-release", values: ["1.?.*"] },
      {},
      true,
    ],
    ["another value", { field: "http-header", name: "X-Release", values: ["1.0.0"] }, {}, false],
    ["an absent header", { field: "http-header", name: "X-Other", values: ["*"] }, {}, false],
    ["a path", { field: "path-pattern", values: ["/shop/*"] }, {}, true],
    ["a path in other case", { field: "path-pattern", values: ["/SHOP/*"] }, {}, false],
    ["one of several paths", { field: "path-pattern", values: ["/a", "/shop/cart"] }, {}, true],
    ["a path with a dot taken literally", { field: "path-pattern", values: ["/shop.cart"] }, {}, false],
    ["a host without its port, in any case", { field: "host-header", values: ["*.EXAMPLE.com"] }, {}, true],
    ["a method", { field: "http-request-method", values: ["POST"] }, { method: "POST" }, true],
    ["another method", { field: "http-request-method", values: ["POST"] }, {}, false],
    ["a query's key and value", { field: "query-string", values: [{ key: "lang", value: "d?" }] }, {}, true],
    ["a query as one text", { field: "query-string", values: ["step=2"] }, {}, true],
    ["a query's value under any key", { field: "query-string", values: [{ value: "de" }] }, {}, true],
    ["the wrong key", { field: "query-string", values: [{ key: "step", value: "de" }] }, {}, false],
    ["an address in a block", { field: "source-ip", values: ["10.0.0.0/8", "127.0.0.0/8"] }, {}, true],
    ["an address outside", { field: "source-ip", values: ["10.0.0.0/8"] }, {}, false],
  ])("%s", (_name, condition, change, expected) => {
    expect(matches(condition, change)).toBe(expected);
  });

  test("all of a rule's conditions have to hold, and the lowest priority number comes first", () => {
    const fixed = (statusCode: number) => [{ type: "fixed-response" as const, statusCode }];
    const routes = compileRoutes({
      rules: [
        {
          arn: "b",
          priority: 20,
          conditions: [{ field: "path-pattern", values: ["*"] }],
          actions: fixed(220),
        },
        {
          arn: "a",
          priority: 10,
          conditions: [
            { field: "path-pattern", values: ["*"] },
            { field: "http-request-method", values: ["POST"] },
          ],
          actions: fixed(210),
        },
      ],
      defaultActions: fixed(299),
    });
    expect(decide(routes, request)).toEqual(fixed(220)[0]);
    expect(decide(routes, { ...request, method: "POST" })).toEqual(fixed(210)[0]);
  });
});

describe("weights", () => {
  const forward = (weights: Record<string, number>) => ({
    type: "forward" as const,
    targetGroups: Object.entries(weights).map(([arn, weight]) => ({ arn, weight })),
  });
  const shares = (weights: Record<string, number>, draws = 10_000) => {
    const seen: Record<string, number> = {};
    for (let i = 0; i < draws; i++) {
      const chosen = chooseGroup(forward(weights), () => (i + 0.5) / draws) ?? "none";
      seen[chosen] = (seen[chosen] ?? 0) + 1;
    }
    return seen;
  };

  test("each group gets its share exactly over evenly spread draws", () => {
    expect(shares({ live: 90, standby: 10 })).toEqual({ live: 9000, standby: 1000 });
    expect(shares({ a: 1, b: 2, c: 1 })).toEqual({ a: 2500, b: 5000, c: 2500 });
  });

  test("weight zero is never chosen, at neither end of the draw", () => {
    expect(shares({ old: 0, live: 100, next: 0 })).toEqual({ live: 10_000 });
    expect(chooseGroup(forward({ old: 0, live: 1 }), () => 0)).toBe("live");
    expect(chooseGroup(forward({ live: 0.1, next: 0 }), () => 1)).toBe("live");
  });

  test("no group is chosen when all weights are zero", () => {
    expect(chooseGroup(forward({ live: 0, standby: 0 }))).toBeUndefined();
    expect(chooseGroup(forward({}))).toBeUndefined();
  });
});

describe("a redirect", () => {
  const from = { protocol: "HTTP", port: 80 };
  const location = (parts: object, port = 80) =>
    redirectLocation({ type: "redirect", statusCode: "HTTP_301", ...parts }, request, { ...from, port });

  test("to HTTPS keeps host, path and query and leaves out the usual port", () => {
    expect(location({ protocol: "HTTPS", port: "443" })).toBe(
      "https://shop.example.com/shop/cart?step=2&lang=de",
    );
  });
  test("fills placeholders and names an unusual port", () => {
    expect(location({ port: "8443", protocol: "HTTPS", host: "www.#{host}", path: "/old/#{path}" })).toBe(
      "https://www.shop.example.com:8443/old/shop/cart?step=2&lang=de",
    );
  });
  test("drops the query when it is set to nothing", () => {
    expect(location({ query: "", path: "/", port: "#{port}" })).toBe("http://shop.example.com/");
  });
});

describe("patterns", () => {
  test.each([
    ["200", [200], [201, 404]],
    ["200,302", [200, 302], [201, 301]],
    ["200-299", [200, 250, 299], [199, 300]],
    ["200-204, 301", [200, 204, 301], [205, 302]],
  ])("the matcher %s", (matcher, inside, outside) => {
    const ok = statusMatcher(matcher);
    expect(inside.filter(ok)).toEqual(inside);
    expect(outside.filter(ok)).toEqual([]);
  });
  test("a wildcard spans everything and a question mark exactly one character", () => {
    const pattern = wildcard("/a?/*.html", { ignoreCase: false });
    expect(["/ab/x.html", "/ab/.html", "/ab/c/d.html"].every((path) => pattern.test(path))).toBe(true);
    expect(["/a/x.html", "/abc/x.html", "/ab/xhtml"].some((path) => pattern.test(path))).toBe(false);
  });
});
