import * as ec2 from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";
import { errorOf, graphOf, resolved } from "./mocks";
import { transformed } from "./transform";
import { isPlain, Problems } from "./validation";

const VPC = "aws:ec2/vpc:Vpc";
const SUBNET = "aws:ec2/subnet:Subnet";

class Pair extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("retrofit:shared:Pair", name, {}, opts);
    const vpc = new ec2.Vpc(name, { cidrBlock: "10.0.0.0/16" }, { parent: this });
    const late = vpc.id.apply(async (id) => id);
    new ec2.Subnet(`${name}-a`, { vpcId: late, cidrBlock: "10.0.0.0/24" }, { parent: this, protect: true });
    this.vpcId = vpc.id;
    this.registerOutputs({ vpcId: this.vpcId });
  }
}

describe("graphOf", () => {
  test("waits for resources whose inputs arrive late, and shows parents, options and outputs", async () => {
    const graph = await graphOf(() => new Pair("p"));
    const pair = graph.one("retrofit:shared:Pair");
    const subnet = graph.one(SUBNET, "p-a");
    expect(subnet.inputs).toEqual({ vpcId: "p-id", cidrBlock: "10.0.0.0/24" });
    expect(subnet.parent).toBe(pair.urn);
    expect(subnet.options.protect).toBe(true);
    expect(subnet.dependencies).toEqual([graph.one(VPC).urn]);
    expect(pair.outputs).toEqual({ vpcId: "p-id" });
    await expect(resolved(graph.result.vpcId)).resolves.toBe("p-id");
  });

  test("shows hooks by moment", async () => {
    const hook = new pulumi.ResourceHook("gate", async () => {});
    const graph = await graphOf(
      () => new ec2.Vpc("v", { cidrBlock: "10.0.0.0/16" }, { hooks: { beforeUpdate: [hook] } }),
    );
    expect(graph.one(VPC).options.hooks).toEqual({
      beforeCreate: [],
      afterCreate: [],
      beforeUpdate: ["gate"],
      afterUpdate: [],
    });
  });

  test("one() says what there is when it does not find exactly one", async () => {
    const graph = await graphOf(() => [new Pair("p"), new Pair("q")]);
    expect(() => graph.one(VPC)).toThrow("expected one aws:ec2/vpc:Vpc, found 2; of that type: p, q");
  });
});

describe("transformed", () => {
  const args = { cidrBlock: "10.0.0.0/16", tags: { Name: "main" }, enableDnsSupport: true };

  test("an object replaces properties and merges tags", async () => {
    const [name, merged] = transformed<ec2.VpcArgs>(
      { enableDnsSupport: false, tags: pulumi.output({ Team: "shop" }) },
      "v",
      args,
      {},
    );
    expect(name).toBe("v");
    expect(merged.enableDnsSupport).toBe(false);
    expect(merged.cidrBlock).toBe("10.0.0.0/16");
    await expect(resolved(merged.tags)).resolves.toEqual({ Name: "main", Team: "shop" });
  });

  test("a function changes copies, so that one child's change does not reach the next", () => {
    const opts: pulumi.CustomResourceOptions = {};
    const [, changed, changedOpts] = transformed<ec2.VpcArgs>(
      (a, o, name) => {
        a.instanceTenancy = `for ${name}`;
        o.protect = true;
      },
      "v",
      args,
      opts,
    );
    expect(changed.instanceTenancy).toBe("for v");
    expect(changedOpts.protect).toBe(true);
    expect(args).not.toHaveProperty("instanceTenancy");
    expect(opts).toEqual({});
  });
});

describe("Problems", () => {
  test("lists every mistake in one error", async () => {
    const message = await errorOf(() => {
      const problems = new Problems('Thing "t"');
      problems.require(false, {
        property: "size",
        got: Number.NaN,
        allowed: "1 to 6",
        fix: "Give a number.",
      });
      problems.require(true, { property: "fine", allowed: "anything", fix: "Nothing." });
      problems.add({ property: "name", allowed: "a text", fix: "Give it a name." });
      problems.throwIfAny(new Pair("p"));
    });
    expect(message).toBe(
      [
        'Thing "t" has 2 mistakes:',
        "  size: got NaN; allowed: 1 to 6",
        "    → Give a number.",
        "  name: missing; allowed: a text",
        "    → Give it a name.",
      ].join("\n"),
    );
  });

  test("without a mistake nothing is thrown", () => {
    expect(() => new Problems("Thing").throwIfAny(undefined as never)).not.toThrow();
  });

  test("only values that are here now count as plain", () => {
    expect([isPlain("x"), isPlain(0), isPlain(pulumi.output("x")), isPlain(Promise.resolve("x"))]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
