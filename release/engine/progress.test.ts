import type { EngineEvent, OpType } from "@pulumi/pulumi/automation";
import { EngineProgress } from "./progress";

const STACK = "urn:pulumi:dev::retrofit::pulumi:pulumi:Stack::retrofit-dev";
const NETWORK = "urn:pulumi:dev::retrofit::retrofit:network:Network::network";

function urn(type: string, name: string, chain = "retrofit:network:Network"): string {
  return `urn:pulumi:dev::retrofit::${chain}$${type}::${name}`;
}

function step(
  kind: "resourcePreEvent" | "resOutputsEvent" | "resOpFailedEvent",
  op: OpType,
  of: string,
  parent = NETWORK,
) {
  const state = { urn: of, custom: true, parent, id: "", type: "", inputs: {}, outputs: {}, provider: "" };
  const metadata = {
    op,
    urn: of,
    type: "",
    provider: "",
    ...(op === "delete" ? { old: state } : { new: state }),
  };
  return { sequence: 1, timestamp: 0, [kind]: { metadata, status: 0, steps: 0 } } as unknown as EngineEvent;
}

function message(text: string, severity = "info", of = STACK): EngineEvent {
  return {
    sequence: 1,
    timestamp: 0,
    diagnosticEvent: { message: `<{%reset%}>${text}<{%reset%}>\n`, severity, urn: of, color: "raw" },
  } as EngineEvent;
}

test("a long wait is told again and again, with what is waited for and for how long", () => {
  const progress = new EngineProgress();
  progress.take(step("resourcePreEvent", "create", urn("aws:lb/loadBalancer:LoadBalancer", "web")), 100);
  expect(progress.tick(110)).toEqual([]);
  expect(progress.tick(121)).toEqual(["load balancer web: still creating, 21 s"]);
  expect(progress.tick(130)).toEqual([]);
  expect(progress.tick(142)).toEqual(["load balancer web: still creating, 42 s"]);
  progress.take(step("resOutputsEvent", "create", urn("aws:lb/loadBalancer:LoadBalancer", "web")), 160);
  expect(progress.tick(190)).toEqual(["network: 1 created"]);
});

test("what is done is counted by the component that made it, without components and providers", () => {
  const progress = new EngineProgress();
  const done = (op: OpType, of: string, parent?: string) =>
    progress.take(step("resOutputsEvent", op, of, parent), 1);
  done("create", urn("aws:ec2/vpc:Vpc", "network"));
  done("create", urn("aws:ec2/subnet:Subnet", "network-app-0"));
  done(
    "update",
    urn("aws:lb/listener:Listener", "web"),
    "urn:pulumi:dev::retrofit::retrofit:web-tier:AutoscalingWebTier::web",
  );
  done(
    "delete-replaced",
    urn("aws:lb/targetGroup:TargetGroup", "old"),
    "urn:pulumi:dev::retrofit::x:y:Fleet::web-1.0.0",
  );
  done("create", "urn:pulumi:dev::retrofit::pulumi:providers:aws::aws", STACK);
  done("same", urn("aws:ec2/vpc:Vpc", "other"));
  const component = step("resOutputsEvent", "create", NETWORK, STACK);
  delete component.resOutputsEvent?.metadata.new?.custom;
  progress.take(component, 1);
  expect(progress.summary()).toEqual(["network: 2 created", "web: 1 updated", "web-1.0.0: 1 deleted"]);
  expect(progress.totals()).toEqual({ created: 2, updated: 1, deleted: 1 });
});

test("lines of the gates come through, but one that only counts on does not flood the log", () => {
  const progress = new EngineProgress();
  expect(progress.take(message("health: 0/2 healthy, 2 initial"), 10)).toEqual([
    "health: 0/2 healthy, 2 initial",
  ]);
  expect(progress.take(message("health: 0/2 healthy, 2 initial"), 20)).toEqual([]);
  expect(progress.take(message("health: 1/2 healthy, 1 initial"), 21)).toEqual([
    "health: 1/2 healthy, 1 initial",
  ]);
  expect(progress.take(message("health: 2/2 healthy (1/3 polls)"), 22)).toEqual([
    "health: 2/2 healthy (1/3 polls)",
  ]);
  expect(progress.take(message("health: 2/2 healthy (2/3 polls)"), 23)).toEqual([]);
  expect(progress.take(message("gate: shift: 10 % of the traffic on the new fleet"), 24)).toEqual([
    "shift: 10 % of the traffic on the new fleet",
  ]);
});

test("warnings and what the program prints are shown, errors are kept for the end", () => {
  const progress = new EngineProgress();
  expect(progress.take(message("Attempting to deploy", "warning"), 1)).toEqual(["! Attempting to deploy"]);
  expect(progress.take(message("hello", "info#err"), 1)).toEqual(["  hello"]);
  expect(progress.take(message("boom", "error"), 1)).toEqual([]);
  expect(progress.take(message("RegisterResource RPC prepared", "debug"), 1)).toEqual([]);
  expect(progress.diagnostics.map(({ message: text }) => text)).toEqual([
    "Attempting to deploy",
    "hello",
    "boom",
  ]);
});

test("on a terminal the longest waits are on top and many are summed up", () => {
  const progress = new EngineProgress();
  for (let index = 0; index < 9; index++) {
    progress.take(step("resourcePreEvent", "create", urn("aws:ec2/subnet:Subnet", `s${index}`)), 10 - index);
  }
  const lines = progress.live(20);
  expect(lines[0]).toBe("  subnet s8: creating, 18 s");
  expect(lines.at(-1)).toBe("  and 3 more under way");
  expect(lines).toHaveLength(7);
});

test("a resource that failed is waited for no longer", () => {
  const progress = new EngineProgress();
  progress.take(step("resourcePreEvent", "update", urn("aws:lb/listener:Listener", "web")), 1);
  progress.take(step("resOpFailedEvent", "update", urn("aws:lb/listener:Listener", "web")), 2);
  expect(progress.live(60)).toEqual([]);
});
