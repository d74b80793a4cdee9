import { type Problem, Problems } from "../../shared/validation";
import type { ContainerArgs } from "../args";
import { checkContainers } from "../checks";
import { sizeOf } from "../machine-sizes";
import type { ContainerClusterArgs } from "./args";
import { fargateSize } from "./fargate-sizes";

/** Everything wrong with the arguments that can be told before anything is made. */
export function checkContainerCluster(name: string, args: ContainerClusterArgs): Problems {
  const problems = new Problems(`ContainerCluster "${name}"`);
  problems.add(...checkContainers(args, "cluster"));
  const { copies = 1, machines } = args;
  problems.require(Number.isInteger(copies) && copies >= 1 && copies <= 100, {
    property: "copies",
    got: copies,
    allowed: "a whole number from 1 to 100",
    fix: "Two keep serving while one is lost.",
  });
  for (const [container, declared] of Object.entries(args.containers)) {
    problems.add(...notOnEcs(container, declared), ...tooLarge(container, declared, machines?.instanceType));
  }
  return problems;
}

/** What only a host of one's own can give. */
function notOnEcs(name: string, container: ContainerArgs): Problem[] {
  const refused: [keyof ContainerArgs, unknown, string][] = [
    [
      "volumes",
      container.volumes?.length,
      "Keep files in S3 or an EFS file system, or stay with a DockerHost.",
    ],
    ["archive", container.archive, "Push the image to a registry, and name it by digest."],
    ["privileged", container.privileged, "Name the capabilities that it needs."],
    ["hostNetwork", container.hostNetwork, "Name the ports that it needs."],
    [
      "restart",
      container.restart !== "always" && container.restart,
      "ECS starts it again always: leave it out.",
    ],
    ["log", container.log !== "journald" && container.log, "Its output goes to the log group: leave it out."],
  ];
  return refused
    .filter(([, given]) => Boolean(given))
    .map(([property, , fix]) => ({
      property: `containers.${name}.${property}`,
      got: container[property],
      allowed: "nothing on ECS, where containers share no machine's files",
      fix,
    }));
}

function tooLarge(name: string, container: ContainerArgs, instanceType: string | undefined): Problem[] {
  const property = `containers.${name}.memoryMb`;
  if (instanceType === undefined) {
    return fargateSize(container)
      ? []
      : [
          {
            property,
            got: `${container.memoryMb} MiB and ${container.cpus} cores`,
            allowed: "up to 120 GiB and 16 cores on Fargate, with 2 to 8 GiB for each core",
            fix: "Lower its limits, or give machines.",
          },
        ];
  }
  const size = sizeOf(instanceType);
  if (size === undefined || (size.memoryMb * 0.9 >= container.memoryMb && size.cpus >= container.cpus))
    return [];
  return [
    {
      property,
      got: `${container.memoryMb} MiB and ${container.cpus} cores`,
      allowed: `up to ${Math.floor(size.memoryMb * 0.9)} MiB and ${size.cpus} cores on ${instanceType}`,
      fix: "Lower its limits, or take a larger machine.",
    },
  ];
}
