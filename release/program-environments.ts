import { type Command, Option } from "commander";
import { onEnvironment, run, withExamples } from "./program-parts";

/** Commands about environments among each other, and about releases on their way through them. */
export function addEnvironments(program: Command): void {
  withExamples(
    program
      .command("parity")
      .description("what differs between environments, and whether it is meant to")
      .argument("[environment]", "compared with each of the others (default: each with the next)")
      .argument("[other]", "compared with this one alone"),
    ["parity", "parity prod", "parity dev prod --json"],
  ).action(run(async () => (await import("./commands/parity")).parity));
  withExamples(
    program
      .command("promote")
      .description(
        "carry the release that is live in one environment to the next, with all that it has shown",
      )
      .argument("<from>", "the environment where it is live")
      .argument("<to>", "the one after it on the way")
      .option("--no-bake", "do not watch the release once it is live (`keep.bakeSeconds`)"),
    ["promote dev test", "promote preprod prod"],
  ).action(run(async () => (await import("./commands/promote")).promote));
  onEnvironment(
    program,
    "evidence",
    "what the live release has shown here, or have it show something",
    "evidence test",
    'evidence test tests --run "npm run acceptance"',
    'evidence uat approval --by "Ada Lovelace"',
  )
    .argument("[kind]", "smoke, tests, performance or approval")
    .option("--run <command>", "tests, performance: the command to run; it finds the address in RETROFIT_URL")
    .option("--by <name>", "approval: whose it is")
    .option("--note <text>", "approval: what is to be said with it; performance by --run: what it has shown")
    .option("--no-passed", "approval: it is refused")
    .action(run(async () => (await import("./commands/evidence")).evidence));
  onEnvironment(
    program,
    "loadtest",
    "put a load on an environment, read the metrics of every layer, and name the bottleneck",
    "loadtest perf --profile ramp",
    "loadtest dev --profile checkout.yaml --sandbox --json",
  )
    .option("--profile <name|file>", "smoke, steady, ramp, spike, or a YAML or JSON file", "steady")
    .option("--report <file>", "where to write the page with the charts (default: below .retrofit/loadtest)")
    .action(run(async () => (await import("./commands/loadtest")).loadtest));
  withExamples(
    program
      .command("releases")
      .description("which version is where, what it has shown, and whether it may go on"),
    ["releases", "releases --json"],
  ).action(run(async () => (await import("./commands/releases")).releases));
  onEnvironment(
    program,
    "rebuild",
    "take an environment down and make it anew from nothing, with the release that is live there",
    "rebuild dev --yes",
    'rebuild test --data snapshot --seed "npm run seed"',
  )
    .addOption(
      new Option("--data <what>", "what the database begins with")
        .choices(["none", "snapshot"])
        .default("none", "nothing, or database.restoreFrom"),
    )
    .option("--seed <command>", "fills the new environment; it finds the address in RETROFIT_URL")
    .action(run(async () => (await import("./commands/rebuild")).rebuild));
  onEnvironment(
    program,
    "cost",
    "what an environment costs in a month, by component",
    "cost prod",
    "cost prod --since origin/main",
  )
    .option("--since <commit>", "what the change is compared with, such as origin/main")
    .action(run(async () => (await import("./commands/cost")).cost));
  onEnvironment(
    program,
    "diagram",
    "draw an environment as it is, as SVG",
    "diagram prod",
    "diagram dev --out dev.svg",
  )
    .option("--out <file>", "where to (default: .retrofit/<environment>.svg)")
    .action(run(async () => (await import("./commands/diagram")).diagram));
  onEnvironment(
    program.command("links").description("the business's other systems that an environment uses"),
    "check",
    "have a machine of the environment try each link",
    "links check integration",
  ).action(run(async () => (await import("./commands/links")).linksCheck));
  addShortLived(program);
}

function addShortLived(program: Command): void {
  const environment = program.command("environment").description("environments that live for a while");
  const commands = () => import("./commands/environment");
  withExamples(
    environment
      .command("create")
      .description("a copy of an environment, for a branch or a pull request")
      .argument("<name>", "its name")
      .option("--from <environment>", "what it is a copy of", "dev")
      .option("--ttl <time>", "how long it lives: 30m, 8h, 2d", "8h")
      .option("--wait", "stay, and take it away when its time is up"),
    ["environment create pr-12 --from dev --ttl 8h"],
  ).action(run(async () => (await commands()).createEnvironment));
  withExamples(
    environment
      .command("remove")
      .description("take a short-lived environment away, with its stack and its file")
      .argument("<name>", "its name"),
    ["environment remove pr-12 --yes"],
  ).action(run(async () => (await commands()).removeEnvironment));
  withExamples(
    environment.command("sweep").description("take away each environment whose time is up; for a schedule"),
    ["environment sweep"],
  ).action(run(async () => (await commands()).sweepEnvironments));
}
