import { errorOf, graphOf } from "../shared/mocks";
import { CostBudget, type CostBudgetArgs } from "./cost-budget";

const BUDGET = "aws:budgets/budget:Budget";
const TOPIC = "aws:sns/topic:Topic";
const base: CostBudgetArgs = { monthly: 500, tag: { key: "retrofit:environment", value: "dev" } };
const made = (more: Partial<CostBudgetArgs> = {}) =>
  graphOf(() => new CostBudget("budget", { ...base, ...more }));

interface Alert {
  notificationType: string;
  threshold: number;
  subscriberEmailAddresses?: string[];
  subscriberSnsTopicArns?: string[];
}

test("counts what carries the environment's tag, by the month", async () => {
  expect((await made()).one(BUDGET).inputs).toMatchObject({
    budgetType: "COST",
    timeUnit: "MONTHLY",
    limitAmount: "500",
    limitUnit: "USD",
    costFilters: [{ name: "TagKeyValue", values: ["user:retrofit:environment$dev"] }],
  });
});

test("tells at each percent that is spent, and when the month is forecast to go over", async () => {
  const alerts = (await made({ alertAt: [60, 90] })).one(BUDGET).inputs.notifications as Alert[];
  expect(alerts.map(({ notificationType, threshold }) => `${notificationType} ${threshold}`)).toEqual([
    "ACTUAL 60",
    "ACTUAL 90",
    "FORECASTED 100",
  ]);
});

test("tells those who are named, and only those", async () => {
  const graph = await made({ emails: ["ops@example.com"] });
  const [alert] = graph.one(BUDGET).inputs.notifications as Alert[];
  expect(alert).toMatchObject({ subscriberEmailAddresses: ["ops@example.com"] });
  expect(alert!.subscriberSnsTopicArns).toBeUndefined();
  expect(graph.ofType(TOPIC)).toEqual([]);
});

test("with nobody named there is a topic to subscribe to, that Budgets alone may write to", async () => {
  const graph = await made();
  const topic = "arn:aws:mock:eu-central-1:111122223333:budget";
  const alerts = graph.one(BUDGET).inputs.notifications as Alert[];
  expect(alerts.map(({ subscriberSnsTopicArns }) => subscriberSnsTopicArns)).toEqual(Array(4).fill([topic]));
  const { Statement } = JSON.parse(graph.one("aws:sns/topicPolicy:TopicPolicy").inputs.policy);
  expect(Statement).toEqual([
    {
      Effect: "Allow",
      Principal: { Service: "budgets.amazonaws.com" },
      Action: "SNS:Publish",
      Resource: topic,
      Condition: { StringEquals: { "aws:SourceAccount": "111122223333" } },
    },
  ]);
});

test("what AWS would refuse is refused at once, all of it", async () => {
  const message = await errorOf(
    () => new CostBudget("budget", { ...base, monthly: 0, alertAt: [1, 2, 3, 4, 5] }),
  );
  expect(message).toContain("monthly: got 0; allowed: an amount above 0");
  expect(message).toContain("alertAt: got [1,2,3,4,5]; allowed: up to 4 percents");
});
