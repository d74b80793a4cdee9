import { resourceRule } from "../../rule";
import { isUnknown, list } from "../../values";

export const rule = resourceRule({
  name: "fixed-template-version",
  title: "Auto Scaling groups name the version of their launch template.",
  severity: "high",
  ids: [],
  why: "With $Latest or $Default a fleet changes without a release: the next machine that starts is another one.",
  fix: "Use the template's latestVersion output, which changes only with the program.",
  kinds: ["autoscaling/group", "ec2/instance"],
  check: ({ props }, report) => {
    const [mixed] = list(props.mixedInstancesPolicy);
    const templates = [
      ...list(props.launchTemplate),
      ...list(list(mixed?.launchTemplate)[0]?.launchTemplateSpecification),
    ];
    for (const template of templates) {
      if (isUnknown(template, "version")) continue;
      const version =
        template.version === undefined || template.version === "" ? "$Default" : String(template.version);
      if (version.startsWith("$")) report(`The version is ${version}.`);
    }
  },
});
