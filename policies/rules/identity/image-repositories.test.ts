import { ref, ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./image-repositories";

export const examples = ruleTest(rule, {
  violating: { "as AWS has it": [sample("ecr/repository", "shop", {})] },
  compliant: {
    careful: [
      sample("ecr/repository", "shop", {
        imageScanningConfiguration: { scanOnPush: true },
        imageTagMutability: "IMMUTABLE",
      }),
      sample("ecr/lifecyclePolicy", "shop", {
        repository: ref("shop", "name"),
        policy: JSON.stringify({
          rules: [
            {
              rulePriority: 1,
              selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 30 },
              action: { type: "expire" },
            },
          ],
        }),
      }),
    ],
  },
});
