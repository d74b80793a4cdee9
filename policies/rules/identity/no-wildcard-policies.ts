import { resourceRule } from "../../rule";
import { allowed, IDENTITY_POLICIES } from "../shared/documents";

/** Policies of AWS that allow everything, or to give oneself everything. */
const MANAGED = /:aws:policy\/(AdministratorAccess|IAMFullAccess)$/;

export const rule = resourceRule({
  name: "no-wildcard-policies",
  title: "No policy allows everything, or everything of a service on everything.",
  severity: "critical",
  ids: [
    "CKV_AWS_62",
    "CKV_AWS_63",
    "CKV_AWS_274",
    "CKV2_AWS_40",
    "CKV2_AWS_56",
    "AwsSolutions-IAM5",
    "FSBP.IAM.1",
    "FSBP.IAM.21",
    "CIS.1.15",
  ],
  why: "Who gets hold of one machine would have the account.",
  fix: "Name the actions and the resources; where an action knows no resources, name the actions.",
  kinds: [...Object.keys(IDENTITY_POLICIES), "iam/rolePolicyAttachment"],
  waits: "the policy names resources that this update creates",
  check: ({ kind, props }, report) => {
    if (kind === "iam/rolePolicyAttachment") {
      const [, managed] = MANAGED.exec(String(props.policyArn)) ?? [];
      if (managed) report(`${managed} is attached.`);
      return;
    }
    for (const document of IDENTITY_POLICIES[kind]?.(props) ?? []) {
      for (const { actions, notActions, resources } of allowed(document)) {
        const everywhere = resources.includes("*");
        const whole = actions.filter((action) => action === "*" || (everywhere && action.endsWith(":*")));
        if (whole.length > 0)
          report(`${whole.join(", ")} is allowed on ${everywhere ? "everything" : resources.join(", ")}.`);
        if (notActions.length > 0 && everywhere)
          report(`Everything but ${notActions.join(", ")} is allowed.`);
      }
    }
  },
});
