import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./image-owner-and-age";

const of = (imageId: string) => [sample("ec2/launchTemplate", "web", { imageId })];

export const examples = ruleTest(rule, {
  violating: {
    "a stranger's": of("ami-0123456789abcdef1"),
    "an old one": of("ami-0123456789abcdef2"),
    "one that is gone": of("ami-0123456789abcdef3"),
  },
  compliant: {
    "our own, of last month": of("ami-0123456789abcdef0"),
    "one that nobody has looked up": of("ami-0123456789abcdef9"),
  },
  settings: {
    owners: ["123456789012"],
    days: 90,
    today: "2026-06-30",
    images: [
      { id: "ami-0123456789abcdef0", owner: "123456789012", created: "2026-05-31" },
      { id: "ami-0123456789abcdef1", owner: "210987654321", created: "2026-05-31" },
      { id: "ami-0123456789abcdef2", owner: "123456789012", created: "2026-03-31" },
      { id: "ami-0123456789abcdef3" },
    ],
  },
});
