import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./log-forwarder";

const machine = (userData: string, more = {}) =>
  sample("ec2/instance", "pet", {
    ami: "ami-0123456789abcdef0",
    instanceType: "t3.small",
    userData: `#cloud-config\npackages: [${userData}]\n`,
    ...more,
  });

const template = (role: string) =>
  sample("ec2/launchTemplate", "fleet", {
    userData: Buffer.from("#cloud-config\npackages: [nodejs]\n").toString("base64"),
    tagSpecifications: [
      { resourceType: "volume", tags: { Role: "of no machine" } },
      { resourceType: "instance", tags: { Role: role } },
    ],
  });

export const examples = ruleTest(rule, {
  violating: {
    none: [machine("nodejs")],
    "none, in a role that ships elsewhere": [machine("nodejs", { tags: { Role: "web" } })],
    "none in a fleet": [template("web")],
  },
  compliant: {
    one: [machine("syslog-ng-core")],
    "a role that has none": [machine("postgresql-client", { tags: { Role: "migration" } })],
    "a fleet of a role that has none": [template("migration")],
  },
  settings: { forwarders: ["syslog-ng", "fluent-bit"], roleTag: "Role", without: ["migration"] },
});
