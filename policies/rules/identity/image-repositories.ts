import { type Bag, stackRule } from "../../rule";
import { isTrue, knownValue, list } from "../../values";
import { allowed } from "../shared/documents";

export const rule = stackRule({
  name: "image-repositories",
  title: "Image repositories scan what is pushed, never change a tag, and clean up.",
  severity: "medium",
  ids: [
    "CKV_AWS_163",
    "CKV_AWS_51",
    "CKV_AWS_32",
    "AwsSolutions-ECR1",
    "FSBP.ECR.1",
    "FSBP.ECR.2",
    "FSBP.ECR.3",
  ],
  why: "A tag that moves makes a release something else than what was tested.",
  fix: 'Set imageScanningConfiguration.scanOnPush and imageTagMutability "IMMUTABLE"; add an aws.ecr.LifecyclePolicy.',
  kinds: ["ecr/repository"],
  waits: "the text of the repository's policy names the repository, which this update creates",
  checkStack: (stack, report) => {
    for (const repository of stack.of("ecr/repository")) {
      const { props } = repository;
      if (!isTrue(list(knownValue(props, "imageScanningConfiguration") as Bag)[0]?.scanOnPush))
        report(repository, "What is pushed is not scanned.");
      if (!/^IMMUTABLE/.test(String(knownValue(props, "imageTagMutability"))))
        report(repository, "Tags can be moved to another image.");
      if (stack.pointing("ecr/lifecyclePolicy", "repository", repository).length === 0)
        report(repository, "Old images are kept for ever.");
    }
    for (const repository of stack.of("ecr/repository")) {
      for (const policy of stack.pointing("ecr/repositoryPolicy", "repository", repository)) {
        if (allowed(policy.props.policy).some(({ principals }) => principals.includes("*")))
          report(repository, "Every account may pull.");
      }
    }
  },
});
