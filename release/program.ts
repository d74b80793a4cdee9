import { Command, CommanderError, Option } from "commander";
import type { PublishOptions } from "./commands/artifacts";
import type { Context } from "./context";
import { packageVersion } from "./package-root";
import { addEnvironments } from "./program-environments";
import { addDocker, addImage, addMachine } from "./program-machines";
import { type Action, onEnvironment, run, wholeNumber, withExamples } from "./program-parts";

const GLOBAL_OPTIONS = [
  new Option("--json", "end with one JSON object on standard output; progress goes to standard error"),
  new Option("--yes", "do not ask"),
  new Option("--sandbox", "work in the embedded AWS instead of a real account"),
  new Option(
    "--force-unlock",
    "break the stack's lock, whoever holds it: only when that update is certainly dead",
  ),
  new Option("--cwd <folder>", "folder of the Pulumi project").default(undefined, "the current folder"),
];

/** The command line as a table: what there is, with which arguments, and where its body is. */
export function buildProgram(): Command {
  const program = new Command("retrofit")
    .description("Blue/green releases of a legacy application on AWS, without a failed request.")
    // With a number it is an option of `publish`; Commander looks for it in the whole line before it looks for the command.
    .option("-v, --version [number]", "of this command line; of `publish`: the version to publish")
    .on("option:version", (number: string | null) => {
      if (number !== null) return;
      process.stdout.write(`${packageVersion()}\n`);
      throw new CommanderError(0, "commander.version", packageVersion());
    })
    .exitOverride()
    .showHelpAfterError("(add --help for what there is)")
    .configureHelp({ showGlobalOptions: true });
  for (const option of GLOBAL_OPTIONS) program.addOption(option);
  program.addHelpText("after", EXIT_CODES);

  onEnvironment(program, "up", "bring an environment to what its file says", "up dev --sandbox").action(
    run(async () => (await import("./commands/up")).up),
  );
  onEnvironment(program, "preview", "show what up would change", "preview prod")
    .addOption(confirmOption())
    .action(run(async () => (await import("./commands/preview")).preview));
  addPullRequest(program);
  withExamples(
    program
      .command("policies")
      .description("the rules of the policy pack, and how an environment enforces them")
      .argument("[environment]", "default: how they are enforced where nothing is said"),
    ["policies", "policies prod", "policies --json"],
  ).action(run(async () => (await import("./commands/policies")).policies));
  onEnvironment(program, "destroy", "take an environment down, data included", "destroy dev --yes").action(
    run(async () => (await import("./commands/destroy")).destroy),
  );
  onEnvironment(
    program,
    "status",
    "who serves, who stands by, and how healthy they are",
    "status prod --json",
  ).action(run(async () => (await import("./commands/status")).status));
  onEnvironment(
    program,
    "release",
    "make a version live beside the serving one and move the traffic while the gates hold",
    "release dev 1.1.0 --sandbox",
    "release prod 2.0.0 --artifact build/shop-2.0.0.tar.gz --database additive",
  )
    .argument("<version>", "semantic version, such as 1.4.0")
    .option("--artifact <path>", "folder, .tar.gz, or s3://bucket/key (default: beside the live release's)")
    .option("--sha256 <hex>", "SHA-256 of an artifact that is published already")
    .option("--image <ami>", "machine image (default: the live release's)")
    .addOption(databaseOption())
    .option("--no-bake", "do not watch the release once it is live (`keep.bakeSeconds`)")
    .option("--force <words>", "go on although it costs something, in the words that the refusal gives")
    .action(run(async () => (await import("./commands/release")).release));
  onEnvironment(
    program,
    "rollback",
    "give the traffic back to the standby, at once, also while an update is under way",
    "rollback prod",
  )
    .option(
      "--accept-loss <words>",
      "go back although it costs something, in the words that the refusal gives",
    )
    .option("--wait <seconds>", "how long another update may take to end afterwards", wholeNumber, 300)
    .action(run(async () => (await import("./commands/rollback")).rollback));
  onEnvironment(
    program,
    "recover",
    "put the state in order after an update that was killed (other commands do it too)",
    "recover prod",
  ).action(run(async () => (await import("./commands/recover")).recoverEnvironment));
  onEnvironment(program, "retire", "take the standby's machines away", "retire dev")
    .option("--force <words>", "retire it although it gets requests, in the words that the refusal gives")
    .action(run(async () => (await import("./commands/retire")).retire));
  addEnvironments(program);
  addArtifacts(program);
  addFiles(program);
  addMachine(program);
  addDocker(program);
  addImage(program);
  addVpn(program);
  addLogs(program);
  addMigrations(program);
  addSandbox(program);
  addDemo(program);
  return program;
}

function addPullRequest(program: Command): void {
  withExamples(
    program
      .command("check")
      .description("preview with the policy pack, as a pull request is checked")
      .argument("[environments...]", "default: those that the change since --since touches")
      .option("--strict", "also fail where only the update can decide a rule")
      .addOption(confirmOption())
      .option("--since <commit>", "what the change is compared with, such as origin/main")
      .option("--comment <file>", "write what was found as the comment of a pull request, in Markdown"),
    ["check prod", "check dev --sandbox --strict", "check --since origin/main --comment comment.md"],
  ).action(run(async () => (await import("./commands/check")).check));
  withExamples(
    program
      .command("comment")
      .description("put a check's comment on its pull request, in the place of the one before")
      .argument("<file>", "as `check --comment` has written it")
      .option("--repository <owner/name>", "on GitHub (default: from the variables of the CI)")
      .option("--pull-request <number>", "its number (default: from the variables of the CI)", wholeNumber),
    ["comment comment.md", "comment comment.md --repository example/shop --pull-request 12"],
  ).action(run(async () => (await import("./commands/comment")).comment));
}

function confirmOption(): Option {
  return new Option("--confirm <names...>", "resources that may be replaced or deleted with what they hold");
}

function addArtifacts(program: Command): void {
  const commands = () => import("./commands/artifacts");
  withExamples(
    program
      .command("publish")
      .description("store a release's artifact under a version that then never changes")
      .argument("<path>", "folder or .tar.gz")
      .requiredOption("--environment <name>", "environment whose artifact store it goes to")
      .option("--name <application>", "another application than the environment's"),
    ["publish build --version 1.4.0 --environment dev"],
  ).action(
    run(async () => async (context: Context, path: string, options: PublishOptions) => {
      // Commander has kept the number for itself, see there.
      const { version } = program.opts<{ version?: string }>();
      await (await commands()).publish(context, path, { ...options, ...(version && { version }) });
    }),
  );
  const artifacts = program.command("artifacts").description("what is published");
  const on = (name: string, description: string, example: string) =>
    onEnvironment(artifacts, name, description, example);
  const name = ["--name <application>", "another application than the environment's"] as const;
  on("list", "every version, the newest last", "artifacts list dev")
    .option(...name)
    .action(run(async () => (await commands()).listArtifacts));
  on("show", "where a version came from", "artifacts show dev 1.4.0")
    .argument("<version>")
    .option(...name)
    .action(run(async () => (await commands()).showArtifact));
  on("prune", "take old versions away, but none that is live or standby", "artifacts prune dev --keep 10")
    .option("--keep <n>", "how many of the newest stay", wholeNumber, 10)
    .option("--now", "their bytes as well, although they are locked")
    .option(...name)
    .action(run(async () => (await commands()).pruneArtifacts));
}

function addFiles(program: Command): void {
  const files = program.command("files").description("homes for files (`retrofit:files`)");
  const commands = () => import("./commands/files");
  withExamples(
    files
      .command("program")
      .description(
        "make the program of a content repository, a folder to name in retrofit:files or to publish",
      )
      .argument("<folder>", "where to"),
    ["files program build/repository"],
  ).action(run(async () => (await commands()).makeProgram));
  withExamples(
    files
      .command("import")
      .description("copy a folder into a store: resumable, checked, only what changed")
      .argument("<folder>")
      .requiredOption(
        "--to <address>",
        "s3://bucket/prefix, <environment>/<store>, or a folder of a mounted share",
      )
      .option("--parallel <n>", "how many files at a time", wholeNumber, 16)
      .option("--journal <file>", "what is done already (default: beside the folder)")
      .option("--overwrite", "also what somebody has changed in the store since it was copied"),
    ["files import /srv/archive --to prod/uploads", "files import /srv/archive --to /mnt/shared --json"],
  ).action(run(async () => (await commands()).importFiles));
}

function addVpn(program: Command): void {
  const vpn = program.command("vpn").description("the tunnels to the office");
  onEnvironment(
    vpn,
    "config",
    "write the configuration of the device at the other end, keys included, into files of yours alone",
    "vpn config dev",
    "vpn config prod --peer office --device generic --out /media/stick",
  )
    .option("--peer <name>", "the peer (default: each of them)")
    .addOption(
      new Option("--device <kind>", "what it is").choices(["strongswan", "generic"]).default("strongswan"),
    )
    .addOption(
      new Option("--mode <mode>", "strongSwan: interfaces and routes, or selectors alone")
        .choices(["route", "policy"])
        .default("route"),
    )
    .option("--out <folder>", "where to (default: .retrofit/vpn/<environment>/<peer>)")
    .action(run(async () => (await import("./commands/vpn")).vpnConfig));
  onEnvironment(
    vpn,
    "check",
    "what is up on both sides, and the likeliest cause where something is not",
    "vpn check dev",
    'vpn check prod --via "ssh gateway sudo"',
  )
    .option("--peer <name>", "the peer (default: each of them)")
    .option(
      "--via <command>",
      "how to run swanctl on the office's gateway (default: this machine, if it is one)",
    )
    .action(run(async () => (await import("./commands/vpn")).vpnCheck));
}

function addLogs(program: Command): void {
  const commands = () => import("./commands/logs");
  const logs = onEnvironment(
    program,
    "logs",
    "log lines of an environment",
    "logs dev --release 1.5.0 --level error",
    'logs prod --since 2h "timeout AND service.name:shop"',
    "logs dev --follow",
  )
    .argument("[query...]", "words that a message has to have, or a query string")
    .option("--follow", "go on with the lines that come, until it is interrupted")
    .option("--release <version>", "of one release only")
    .option("--level <level>", "this level and worse: fatal, error, warn, info, debug, trace")
    .option("--since <time>", "how far back: 90s, 10m, 2h, 7d", "15m")
    .option("--limit <n>", "most lines, the newest", wholeNumber, 200);
  logs.action(run(async () => (await commands()).logs));
  onEnvironment(
    logs,
    "setup",
    "bring the store's templates, pipelines, streams, policies and saved searches to what this version wants",
    "logs setup dev",
    "logs setup dev --saved-objects searches.ndjson",
  )
    .option("--saved-objects <file>", "only write what OpenSearch Dashboards imports into a file")
    .action(run(async () => (await commands()).logsSetup));
  onEnvironment(
    logs,
    "check",
    "write a marked line on a machine, find it in the store, and say how long that took",
    "logs check dev",
  ).action(run(async () => (await commands()).logsCheck));
  onEnvironment(logs, "snapshot", "copy the lines into the snapshot repository", "logs snapshot dev").action(
    run(async () => (await commands()).logsSnapshot),
  );
  onEnvironment(
    logs,
    "restore",
    "bring lines back from a snapshot; without its name, list them",
    "logs restore dev",
  )
    .argument("[snapshot]")
    .action(run(async () => (await commands()).logsRestore));
}

function addMigrations(program: Command): void {
  withExamples(
    program
      .command("check-migrations")
      .description("judge the database changes of an artifact, without any database: for pull requests")
      .argument("<artifact>", "folder or .tar.gz")
      .addOption(databaseOption())
      .option("--since <version>", "version of the migrations that are applied (default: none)")
      .option("--fresh", "judge it as a new environment would, where there is nothing to be hurt")
      .option("--folder <path>", "folder of the migrations in the artifact (default: migrations)"),
    ["check-migrations build --database additive --since 12", "check-migrations shop-2.0.0.tar.gz --json"],
  ).action(run(async () => (await import("./commands/check-migrations")).checkMigrations));
  onEnvironment(
    program,
    "migrations",
    "what is applied in an environment's database, and what a release would change",
    "migrations prod",
    "migrations prod --artifact build --database additive",
  )
    .option("--artifact <path>", "folder or .tar.gz to compare with (default: the live release's)")
    .addOption(databaseOption())
    .action(run(async () => (await import("./commands/migrations")).migrations));
}

function databaseOption(): Option {
  return new Option("--database <change>", "what the release changes in the database")
    .choices(["none", "additive", "breaking"])
    .default(undefined, "none");
}

function addSandbox(program: Command): void {
  const sandbox = program.command("sandbox").description("the embedded AWS on this machine");
  const add = (name: string, description: string, example: string, load: () => Promise<Action>) =>
    withExamples(sandbox.command(name).description(description), [example]).action(run(load));
  const commands = () => import("./commands/sandbox");
  add(
    "start",
    "start it, or join the one that runs",
    "sandbox start",
    async () => (await commands()).sandboxStart,
  );
  add(
    "stop",
    "end it and every process of it; its state stays",
    "sandbox stop",
    async () => (await commands()).sandboxStop,
  );
  add(
    "logs",
    "a log store in it that environments can share",
    "sandbox logs",
    async () => (await commands()).sandboxLogs,
  );
  add(
    "status",
    "its machines and load balancers",
    "sandbox status --json",
    async () => (await commands()).sandboxShow,
  );
  add(
    "env",
    "print the variables that point any AWS or Pulumi tool at it",
    'sandbox env           # for: eval "$(npx retrofit sandbox env)"',
    async () => (await commands()).sandboxPrintEnvironment,
  );
}

function addDemo(program: Command): void {
  withExamples(
    program
      .command("demo")
      .description("release, refused release and rollback under load, in a sandbox of its own")
      .option("--rate <n>", "requests per second", wholeNumber, 250)
      .option("--with-logs", "with a log store, and the forwarder on each machine")
      .option("--keep", "leave the sandbox running afterwards, to look around")
      .option("--report <file>", "where to write the page with the charts", ".retrofit/demo.html"),
    ["demo", "demo --rate 400 --keep", "demo --json"],
  ).action(run(async () => (await import("./commands/demo")).demo));
  program
    .command("demo-load", { hidden: true })
    .argument("<url>")
    .argument("<rate>", "", wholeNumber)
    .action(run(async () => (await import("./demo/load-worker")).generateLoad));
  program
    .command("prepare", { hidden: true })
    .description("set up the tools of the sandbox")
    .action(run(async () => (await import("./commands/prepare")).prepare));
}

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 wrong use or wrong config, 3 turned away by a gate

Examples:
  $ retrofit demo
  $ retrofit up dev --sandbox
  $ retrofit release dev 1.1.0 --sandbox
  $ retrofit rollback dev --sandbox`;
