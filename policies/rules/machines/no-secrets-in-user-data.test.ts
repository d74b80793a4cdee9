import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./no-secrets-in-user-data";

export const examples = ruleTest(rule, {
  violating: {
    "a password": [
      sample("ec2/instance", "pet", {
        ami: "ami-0123456789abcdef0",
        instanceType: "t3.small",
        userData: "#!/bin/sh\nexport DB_PASSWORD=hunter2hunter2\n",
      }),
    ],
    "an access key, in base64": [
      sample("ec2/launchTemplate", "web", {
        userData: Buffer.from(
          `#!/bin/sh\naws configure set aws_access_key_id ${"AKIA"}${"ABCDEFGHIJKLMNOP"}\n`,
        ).toString("base64"),
      }),
    ],
  },
  compliant: {
    "a reference": [
      sample("ec2/launchTemplate", "web", {
        userData: Buffer.from("#!/bin/sh\nexport DB_PASSWORD=$(fetch-secret)\n").toString("base64"),
      }),
    ],
  },
});
