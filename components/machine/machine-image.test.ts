import { join } from "node:path";
import { parse } from "yaml";
import { ArtifactStore } from "../artifact-store";
import { errorOf, type Graph, graphOf } from "../shared/mocks";
import { MachineConfiguration } from "./machine-configuration";
import { MachineImage, type MachineImageArgs } from "./machine-image";

const folder = join(__dirname, "..", "..", "machines");
const settings = { "profile::journal::max_mb": 100 };

function image(more: Partial<MachineImageArgs> = {}, data: Record<string, unknown> = settings) {
  return new MachineImage("web", {
    configuration: new MachineConfiguration("machines", {
      folder,
      store: new ArtifactStore("artifacts"),
      roles: ["web"],
      environment: "prod",
      settings: data,
    }),
    role: "web",
    instanceType: "t4g.small",
    subnetId: "subnet-a",
    securityGroupId: "sg-web",
    packages: ["nodejs"],
    ...more,
  });
}

const graph = (more?: Partial<MachineImageArgs>): Promise<Graph<MachineImage>> =>
  graphOf(() => image(more), {
    calls: { "aws:ec2/getAmi:getAmi": ({ filters }) => ({ id: JSON.stringify(filters) }) },
  });
const builder = (kind: string) => `aws:imagebuilder/${kind[0]!.toLowerCase()}${kind.slice(1)}:${kind}`;

test("an image is baked by the role's own run, which has to leave nothing to do, and is tested on a machine of its own", async () => {
  const made = await graph();
  const { phases } = parse(made.one(builder("Component")).inputs.data);
  expect(phases.map(({ name }: { name: string }) => name)).toEqual(["build", "test"]);
  const [install, write, bake] = phases[0].steps;
  expect(install.inputs.commands.join("\n")).toContain("puppet-agent nodejs");
  expect(JSON.parse(write.inputs[0].content)).toMatchObject({
    environment: "prod",
    role: "web",
    region: "eu-central-1",
    image: true,
    configuration: { tool: "puppet", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    settings,
  });
  expect(bake.inputs.commands).toContain("/usr/local/sbin/retrofit-configure bake");
  expect(made.one(builder("ImagePipeline")).inputs.imageTestsConfiguration.imageTestsEnabled).toBe(true);
});

test("an image tells its role and its configuration, is encrypted, and fits the architecture of the machines", async () => {
  const made = await graph();
  const { distributions } = made.one(builder("DistributionConfiguration")).inputs;
  expect(distributions[0].amiDistributionConfiguration.amiTags).toMatchObject({
    "retrofit:image-role": "web",
    "retrofit:configuration": expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  const recipe = made.one(builder("ImageRecipe")).inputs;
  expect(recipe.blockDeviceMappings[0].ebs.encrypted).toBe("true");
  expect(recipe.parentImage).toContain("debian-12-arm64");
});

test("old images are removed by number, but never one in use or one that machines were started from lately", async () => {
  const { inputs } = (await graph({ keep: 3 })).one(builder("LifecyclePolicy"));
  expect(inputs.policyDetails).toEqual([
    {
      action: { type: "DELETE", includeResources: { amis: true, snapshots: true } },
      filter: { type: "COUNT", value: 3 },
      exclusionRules: {
        tagMap: { "retrofit:in-use": "yes" },
        amis: { isPublic: false, lastLaunched: { unit: "DAYS", value: 30 } },
      },
    },
  ]);
});

test("another configuration is another version of component and recipe, which cannot be changed; the same one is not", async () => {
  const calls = { "aws:ec2/getAmi:getAmi": () => ({ id: "ami-1" }) };
  const version = async () =>
    (await graphOf(() => image(), { calls })).one(builder("ImageRecipe")).inputs.version as string;
  expect(await version()).toMatch(/^1\.\d{1,9}\.\d{1,9}$/);
  expect(await version()).toBe(await version());
});

test("keeping no image to go back to is refused", async () => {
  expect(await errorOf(() => image({ keep: 0 }))).toContain(
    "keep: got 0; allowed: a whole number from 1 to 100",
  );
});
