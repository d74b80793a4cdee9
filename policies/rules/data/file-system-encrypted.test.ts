import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./file-system-encrypted";

export const examples = ruleTest(rule, {
  violating: { "as AWS has it": [sample("efs/fileSystem", "share", {})] },
  compliant: { encrypted: [sample("efs/fileSystem", "share", { encrypted: true })] },
});
