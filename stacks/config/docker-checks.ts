/** What is wrong with `retrofit:docker` beyond the form of its keys: the component's own rules, told at the file's keys. */
import type { ContainerClusterArgs, DockerHostArgs } from "../../components/docker-host";
import { checkDockerHost } from "../../components/docker-host/checks";
import { checkContainerCluster } from "../../components/docker-host/ecs/checks";
import { ImageArchiveError, imageIdOf } from "../../components/docker-host/image-archive";
import type { Problem } from "../../components/shared/validation";
import { containerClusterArgs, dockerHostArgs, hostShares, SOME_ARCHIVE } from "../docker-args";
import type { Finding, Rule, Surroundings } from "./checks";
import { gotText } from "./errors";
import { namedTwice } from "./names";
import type { DockerConfig } from "./types";
import type { SettingsPath } from "./walk";

export const dockerRule: Rule = (config, around) => {
  const { docker } = config;
  if (docker === undefined) return [];
  const path = (index: number, key: string): SettingsPath => ["docker", "containers", index, key];
  const names = docker.containers.map(({ name }) => name);
  const sources = docker.containers.flatMap(({ image, archive }, index): Finding[] => {
    const uses = [path(index, "image"), path(index, "archive")];
    if ((image === undefined) === (archive === undefined)) {
      return [
        {
          path: ["docker", "containers", index],
          uses,
          got: image === undefined ? "neither image nor archive" : "image and archive",
          allowed: "image, by digest, or archive, as docker save writes it",
          fix: "Write one of the two.",
        },
      ];
    }
    const wrong = archive && wrongArchive(archive, around);
    if (!wrong) return [];
    return [
      {
        path: path(index, "archive"),
        uses,
        got: `${gotText(archive)}, which ${wrong}`,
        allowed: "what docker save writes of one image",
        fix: `Write it: docker save <image> > ${archive}`,
      },
    ];
  });
  const twice = namedTwice(["docker", "containers"], names);
  if (twice.length > 0 || sources.length > 0) return [...twice, ...sources];
  const archives = Object.fromEntries(
    docker.containers.flatMap(({ name, archive }) => (archive === undefined ? [] : [[name, SOME_ARCHIVE]])),
  );
  if (docker.engine !== "ecs" && docker.instanceType === undefined) {
    return [
      {
        path: ["docker", "instanceType"],
        uses: [["docker", "engine"]],
        got: "got nothing",
        allowed: "an EC2 instance type such as m6i.large",
        fix: "Add it, or write engine: ecs to run on Fargate.",
      },
    ];
  }
  // The environment has a load balancer always.
  const loadBalancer = { listenerArn: "", securityGroupId: "" };
  const { list } =
    docker.engine === "ecs"
      ? checkContainerCluster("docker", {
          ...containerClusterArgs(config, docker, archives),
          loadBalancer,
        } as ContainerClusterArgs)
      : checkDockerHost("docker", {
          ...dockerHostArgs(config, docker, archives),
          // Their places and rights count here, not the stores.
          shares: hostShares(config, docker, () => undefined as never),
          loadBalancer,
        } as DockerHostArgs);
  return list.map((problem) => findingOf(problem, docker));
};

function wrongArchive(archive: string, { look, absolute }: Surroundings): string | undefined {
  const found = look(archive);
  if (found === "missing") return "is missing";
  if (found === "folder") return "is a folder";
  try {
    imageIdOf(absolute(archive));
    return undefined;
  } catch (error) {
    if (error instanceof ImageArchiveError) return error.message;
    throw error;
  }
}

function findingOf({ property, got, allowed, fix }: Problem, docker: DockerConfig): Finding {
  return { path: pathOf(property, docker), uses: [["docker"]], got: gotText(got), allowed, fix };
}

/** `containers.reports.ports[0].host` of the component is `docker.containers[0].ports[0].host` of the file. */
function pathOf(property: string, docker: DockerConfig): SettingsPath {
  const [first, name, ...rest] = property
    .split(/[.[\]]+/)
    .filter(Boolean)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  if (first !== "containers" || name === undefined) return ["docker", first!];
  const index = docker.containers.findIndex((container) => container.name === name);
  return ["docker", "containers", index, ...rest];
}
