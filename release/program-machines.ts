/** Commands about what machines are made of and what runs on them. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { onEnvironment, run, wholeNumber, withExamples } from "./program-parts";

export function addMachine(program: Command): void {
  const machine = program.command("machine").description("what machines are made of");
  const of = (name: string, description: string, example: string) => {
    const command = withExamples(machine.command(name).description(description), [example]);
    return command.argument("<environment>", "dev, test, prod, …: Pulumi.<environment>.yaml");
  };
  const commands = () => import("./commands/machine");
  const render = () => import("./commands/machine-render");
  of("render", "show a role's user data, its size, and what the role brings in", "machine render dev web")
    .argument("<role>", "a role of the configuration, such as web")
    .action(run(async () => (await render()).machineRender));
  of(
    "vendor",
    "fetch the modules of the Puppetfile into the configuration, so that no machine fetches them",
    "machine vendor dev --forge https://forge.example.com",
  )
    .option("--forge <address>", "the Puppet Forge, or a mirror of it (default: PUPPET_FORGE)")
    .action(run(async () => (await commands()).machineVendor));
  of(
    "drift",
    "ask running machines what their configuration would change; exit code 3 when there is something",
    "machine drift prod",
  ).action(run(async () => (await commands()).machineDrift));
  const local = () => import("./commands/machine-local");
  withExamples(
    machine
      .command("local")
      .description("make a container image of a role, as its machines are, for any Docker")
      .argument("<role>", "a role of the configuration, such as web")
      .option("--environment <name>", "environment whose machine it is to be like", "dev")
      .option("--source <folder>", "start a container that runs the application in this folder")
      .option("--port <n>", "port of this machine (default: the application's)", wholeNumber)
      .option("--fresh", "with the packages that there are now, not those of the last time"),
    ["machine local web", "machine local web --environment test --source ./app --port 3000"],
  ).action(run(async () => (await local()).machineLocal));
  of(
    "compare",
    "compare a role's container image with the environment's machines; exit code 3 when they differ",
    "machine compare test web",
  )
    .argument("[role]", "web or docker_host", "web")
    .action(run(async () => (await local()).machineCompare));
}

export function addDocker(program: Command): void {
  const docker = program.command("docker").description("containers on one or two large machines");
  const commands = () => import("./commands/docker");
  withExamples(
    docker
      .command("import")
      .description("print retrofit:docker for the services of a compose file, and what to look at")
      .argument("<compose file>", "such as compose.yaml"),
    ["docker import compose.yaml"],
  ).action(run(async () => (await commands()).dockerImport));
  withExamples(
    docker
      .command("plan")
      .description("propose containers and hosts in place of machines, with the saving")
      .argument("<list>", "CSV with the columns name, cpus, memoryMb, cpuPercent, memoryPercent")
      .addOption(
        new Option("--hosts <n>", "1 or 2 hosts, each of which runs every container")
          .default(1)
          .argParser(hostCount),
      )
      .option("--environment <name>", "environment whose region and prices the saving is counted with"),
    ["docker plan machines.csv --environment prod", "docker plan machines.csv --hosts 2 --json"],
  ).action(run(async () => (await commands()).dockerPlan));
}

export function addImage(program: Command): void {
  const image = program.command("image").description("machine images that are baked from a role");
  const commands = () => import("./commands/image");
  onEnvironment(image, "bake", "bake an image, test it and publish it", "image bake prod").action(
    run(async () => (await commands()).imageBake),
  );
  onEnvironment(image, "list", "images that were baked, and who uses them", "image list prod").action(
    run(async () => (await commands()).imageList),
  );
  onEnvironment(
    image,
    "use",
    "let an environment's machines start from an image; none that is in use is ever removed",
    "image use prod ami-0123456789abcdef0",
  )
    .argument("<image>", "id of a baked image")
    .action(run(async () => (await commands()).imageUse));
}

function hostCount(text: string): number {
  if (text !== "1" && text !== "2") throw new InvalidArgumentError("It has to be 1 or 2.");
  return Number(text);
}
