import { Budget, type BudgetArgs } from "@pulumi/aws/budgets/budget";
import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { Topic } from "@pulumi/aws/sns/topic";
import { TopicPolicy } from "@pulumi/aws/sns/topicPolicy";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../shared/transform";
import { Problems } from "../shared/validation";

export interface CostBudgetArgs {
  /** Most that a month may cost. */
  readonly monthly: number;
  /** Currency that AWS bills in. Default `USD`. */
  readonly currency?: string;
  /**
   * Tag that the costs are filtered by, such as `retrofit:environment` = `dev`. Billing sees a tag only once it has been activated as a cost
   * allocation tag in the account that pays; until then the budget counts nothing.
   */
  readonly tag: { readonly key: string; readonly value: string };
  /** Percents of `monthly` at which somebody is told, up to 4; the forecast for the month is a fifth. Default 50, 80, 100. */
  readonly alertAt?: readonly number[];
  /** Addresses that are told, up to 10. Default: none. */
  readonly emails?: readonly string[];
  /** SNS topic that is told. Default, where there are no `emails` either: one of its own, to subscribe to. */
  readonly topicArn?: string;
  readonly tags?: Record<string, string>;
  readonly transform?: { readonly budget?: Transform<BudgetArgs> };
}

/**
 * A monthly AWS budget for what carries a tag, with alerts. Two budgets of an account are free, each further one costs by the day.
 * It tells, and stops nothing: what bounds the bill is the maximum of machines.
 */
export class CostBudget extends pulumi.ComponentResource {
  /** Where the alerts go besides e-mail; undefined where there is only e-mail. */
  public readonly topicArn: pulumi.Output<string> | undefined;

  constructor(name: string, args: CostBudgetArgs, opts?: pulumi.ComponentResourceOptions) {
    super("retrofit:budget:CostBudget", name, {}, opts);
    const { monthly, currency = "USD", tag, alertAt = [50, 80, 100], emails = [] } = args;
    check(name, args).throwIfAny(this);
    const ownTopic = args.topicArn === undefined && emails.length === 0;
    this.topicArn = ownTopic
      ? this.makeTopic(name, args.tags)
      : args.topicArn === undefined
        ? undefined
        : pulumi.output(args.topicArn);
    const subscribers = {
      ...(emails.length > 0 && { subscriberEmailAddresses: [...emails] }),
      ...(this.topicArn && { subscriberSnsTopicArns: [this.topicArn] }),
    };
    const alert = (notificationType: string, threshold: number) => ({
      notificationType,
      threshold,
      comparisonOperator: "GREATER_THAN",
      thresholdType: "PERCENTAGE",
      ...subscribers,
    });
    new Budget(
      ...transformed(
        args.transform?.budget,
        name,
        {
          budgetType: "COST",
          timeUnit: "MONTHLY",
          limitAmount: String(monthly),
          limitUnit: currency,
          costFilters: [{ name: "TagKeyValue", values: [`user:${tag.key}$${tag.value}`] }],
          notifications: [...alertAt.map((percent) => alert("ACTUAL", percent)), alert("FORECASTED", 100)],
          tags: { ...args.tags },
        },
        { parent: this },
      ),
    );
    this.registerOutputs({ topicArn: this.topicArn });
  }

  /** What is said there is a name and sums, and Budgets cannot write to a topic that is encrypted by AWS's own key. */
  private makeTopic(name: string, tags: Record<string, string> | undefined): pulumi.Output<string> {
    const topic = new Topic(name, { tags: { ...tags } }, { parent: this });
    const account = getCallerIdentityOutput({}, { parent: this }).accountId;
    new TopicPolicy(
      name,
      {
        arn: topic.arn,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "budgets.amazonaws.com" },
              Action: "SNS:Publish",
              Resource: topic.arn,
              Condition: { StringEquals: { "aws:SourceAccount": account } },
            },
          ],
        }),
      },
      { parent: this },
    );
    return topic.arn;
  }
}

function check(name: string, { monthly, alertAt = [], emails = [] }: CostBudgetArgs): Problems {
  const problems = new Problems(`CostBudget "${name}"`);
  problems.require(monthly > 0, {
    property: "monthly",
    got: monthly,
    allowed: "an amount above 0",
    fix: "Write what a month may cost.",
  });
  problems.require(alertAt.length <= 4 && alertAt.every((percent) => percent > 0), {
    property: "alertAt",
    got: alertAt,
    allowed: "up to 4 percents above 0: a budget has five alerts, and one is for the forecast",
    fix: "Write [50, 80, 100].",
  });
  problems.require(emails.length <= 10, {
    property: "emails",
    got: emails.length,
    allowed: "up to 10 addresses",
    fix: "Name a topic, and let people subscribe to it.",
  });
  return problems;
}
