import * as pulumi from "@pulumi/pulumi";
import type { NetworkLike } from "../network";
import { graphOf } from "../shared/mocks";
import { AutoscalingWebTier } from "./autoscaling-web-tier";
import { readLiveListener } from "./live-listener";
import { wantedWeights } from "./swap-hook";
import { freePort } from "./traffic/port-change";
import { MOVES_TAG } from "./traffic/weights";

jest.mock("./live-listener");
const read = jest.mocked(readLiveListener);

const LISTENER = "aws:lb/listener:Listener";
const arn = (fleet: string) => `arn:aws:mock:eu-central-1:111122223333:web-${fleet}`;

const none = pulumi.output<string[]>([]);
const network: NetworkLike = {
  vpcId: pulumi.output("vpc-1"),
  cidr: pulumi.output("10.20.0.0/16"),
  subnetIds: { public: none, app: none, data: none },
  routeTableIds: { public: none, app: none, data: none },
};

interface Live {
  weights?: Record<string, number>;
  moves?: string;
  fails?: string;
}

/** The tags of the production listener where AWS itself answers like this. */
async function tagsWhere({ weights, moves, fails }: Live, more: { certificateArn?: string } = {}) {
  const asked: { port: number }[] = [];
  read.mockImplementation(async (_loadBalancer, port) => {
    asked.push({ port });
    if (fails) throw Object.assign(new Error(fails), { name: "AccessDenied" });
    return weights && { arn: "listener", moves: moves ?? "", weights };
  });
  const graph = await graphOf(
    () =>
      new AutoscalingWebTier("web", {
        network,
        live: { version: "1.1.0", userData: "#cloud-config", imageId: "ami-1" },
        standby: { version: "1.0.0", userData: "#cloud-config", imageId: "ami-1" },
        port: 8080,
        healthCheck: { path: "/healthz" },
        smoke: [{ path: "/" }],
        capacity: { min: 2, max: 4 },
        instanceType: "t3.small",
        instanceProfileArn: "arn:aws:iam::1:instance-profile/web",
        testers: ["10.0.0.0/8"],
        tags: { team: "shop" },
        ...more,
      }),
    {
      state: ({ type, name }) => (type.endsWith(":Group") ? { name: `${name}-group` } : undefined),
    },
  );
  const production = graph.one(LISTENER, "web");
  return { tags: production.inputs.tags, graph, asked };
}

test("where AWS does what is declared, nothing changes: the tag keeps its value, or its absence", async () => {
  const weights = { [arn("1-1-0")]: 100, [arn("1-0-0")]: 0 };
  expect((await tagsWhere({ weights, moves: "4" })).tags).toEqual({ team: "shop", [MOVES_TAG]: "4" });
  expect((await tagsWhere({ weights })).tags).toEqual({ team: "shop" });
  const halved = { [arn("1-1-0")]: 1, [arn("1-0-0")]: 0 };
  expect((await tagsWhere({ weights: halved, moves: "4" })).tags[MOVES_TAG]).toBe("4");
});

test.each([
  ["a shift that was killed half-way", { [arn("1-1-0")]: 50, [arn("1-0-0")]: 50 }],
  ["a rollback by command", { [arn("1-1-0")]: 0, [arn("1-0-0")]: 100 }],
  ["a group that is nobody's", { "arn:of:somebody": 100 }],
  ["a standby that is not health-checked any more", { [arn("1-1-0")]: 100 }],
  [
    "a release that was given up and is still named, so that it could not be deleted",
    { [arn("1-1-0")]: 100, [arn("1-0-0")]: 0, [arn("1-2-0")]: 0 },
  ],
])(
  "after %s the same declaration is an update of the listener, so that the gates run",
  async (_what, weights) => {
    expect((await tagsWhere({ weights, moves: "4" })).tags).toEqual({ team: "shop", [MOVES_TAG]: "5" });
    expect((await tagsWhere({ weights })).tags[MOVES_TAG]).toBe("1");
  },
);

test("an environment that is being made has nothing to compare", async () => {
  expect((await tagsWhere({})).tags).toEqual({ team: "shop" });
});

test("who may not read the listener is warned, and the program goes on", async () => {
  const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
  expect((await tagsWhere({ fails: "not authorized" })).tags).toEqual({ team: "shop" });
  expect(warn).toHaveBeenCalledWith(
    expect.stringContaining("(AccessDenied: not authorized)"),
    expect.anything(),
  );
  warn.mockRestore();
});

describe("80 and 443 never disagree", () => {
  const https = { certificateArn: "arn:aws:acm:eu-central-1:1:certificate/x" };
  const roles = ({ graph }: Awaited<ReturnType<typeof tagsWhere>>) =>
    Object.fromEntries(
      graph
        .ofType(LISTENER)
        .filter(({ name }) => name !== "web-test")
        .map(({ inputs, name }) => [
          inputs.port,
          `${name}: ${inputs.defaultActions.map(({ type }: { type: string }) => type).join()}`,
        ]),
    );

  test("one listener alone has weights, whichever port it is on; the other can only redirect to it", async () => {
    const plain = await tagsWhere({});
    const secure = await tagsWhere({}, https);
    expect(roles(plain)).toEqual({ 80: "web: forward" });
    expect(roles(secure)).toEqual({ 443: "web: forward", 80: "web-redirect: redirect" });
    expect([plain.asked, secure.asked].map((asked) => asked.at(-1))).toEqual([{ port: 80 }, { port: 443 }]);
    for (const { graph } of [plain, secure]) {
      const weighted = graph
        .ofType(LISTENER)
        .filter(({ inputs }) => Object.keys(wantedWeights(inputs)).length);
      expect(weighted.map(({ name }) => name)).toEqual(["web", "web-test"]);
    }
  });

  test("from http to https and back the gated listener stays one resource, and 80 is free before it is needed", async () => {
    const [plain, secure] = [await tagsWhere({}), await tagsWhere({}, https)];
    const [before, after] = [plain, secure].map(({ graph }) => graph.one(LISTENER, "web"));
    // The same resource: an update in place, with the gates on it, and no second listener with weights in between.
    expect(before!.urn).toBe(after!.urn);
    for (const { options } of [before!, after!]) expect(options.hooks.beforeUpdate).toEqual(["web-gates"]);
    // The redirect takes 80 only when the other has moved to 443.
    expect(secure.graph.one(LISTENER, "web-redirect").dependencies).toContain(after!.urn);
  });
});

test("back on port 80, the redirect there makes way for the listener that serves, and nothing else ever does", async () => {
  const listeners = [
    { ListenerArn: "web", Port: 443, DefaultActions: [{ Type: "forward" }] },
    { ListenerArn: "redirect", Port: 80, DefaultActions: [{ Type: "redirect" }] },
  ];
  const deleted: string[] = [];
  const send = async (command: { constructor: { name: string }; input: { ListenerArn: string } }) => {
    if (command.constructor.name === "DescribeListenersCommand") return { Listeners: listeners };
    return deleted.push(command.input.ListenerArn);
  };
  const clients = { elb: { send: send as never } };
  const free = (id: string, from: number, to: number) =>
    freePort(clients, { id, before: { port: from }, after: { port: to, loadBalancerArn: "lb" } }, () => {});
  await free("web", 443, 443);
  await free("web", 80, 443);
  await free("", 443, 80);
  listeners[1]!.DefaultActions = [{ Type: "forward" }];
  await free("web", 443, 80);
  expect(deleted).toEqual([]);
  listeners[1]!.DefaultActions = [{ Type: "redirect" }];
  await free("web", 443, 80);
  expect(deleted).toEqual(["redirect"]);
});
