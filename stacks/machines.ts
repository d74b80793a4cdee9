import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { ArtifactStore } from "../components/artifact-store";
import { HOST_ROLE } from "../components/docker-host";
import { LOG_STORE_ROLE } from "../components/elk-stack";
import {
  configurationProblems,
  isConfiguration,
  MachineConfiguration,
  type MachineDocument,
} from "../components/machine";
import { renderProblems } from "../components/shared/validation";
import { fleetLabel } from "../components/web-tier";
import type { EnvironmentConfig, MachinesConfig } from "./config/types";
import { packageRoot } from "./package-root";

/** The configuration of machines: named by the file, or the project's own, or the one that comes with Retrofit. */
export function configurationFolder({ folder }: MachinesConfig, projectRoot: string): string {
  if (folder) return join(projectRoot, folder);
  const own = join(projectRoot, "machines");
  return isConfiguration(own) ? own : shippedMachines();
}

/** The configuration that comes with Retrofit. */
export function shippedMachines(): string {
  return join(packageRoot(), "machines");
}

/** Where machines are made by another tool than Puppet, those of a role are made of what comes with Retrofit. */
export function shippedConfiguration(
  name: string,
  role: string,
  { environment, machines, protected: kept }: EnvironmentConfig,
  store: ArtifactStore,
  opts: pulumi.ComponentResourceOptions,
): MachineConfiguration {
  const { settings } = machines;
  const folder = shippedMachines();
  return new MachineConfiguration(
    name,
    { folder, store, roles: [role], environment, settings, logRetentionDays: kept ? 90 : 7 },
    opts,
  );
}

/** The roles that an environment's machines have. */
export function machineRoles({ machines, docker, files, logs }: EnvironmentConfig): string[] {
  return [
    "web",
    ...(docker && machines.tool === "puppet" ? [HOST_ROLE] : []),
    ...(logs?.selfHosted && machines.tool === "puppet" ? [LOG_STORE_ROLE] : []),
    ...(files.some(({ mode }) => mode === "repository") ? ["content_repository"] : []),
  ];
}

/**
 * Everything wrong with the configuration of an environment's machines, as one text; undefined when there is nothing. The component
 * looks as well, but other things of the environment may have been begun by then.
 */
export function machineMistakes(config: EnvironmentConfig, projectRoot: string): string | undefined {
  const { environment, machines } = config;
  const { tool, settings } = machines;
  if (tool === "none") return undefined;
  const folder = configurationFolder(machines, projectRoot);
  const problems = configurationProblems({
    folder,
    tool,
    roles: machineRoles(config),
    environment,
    settings,
  });
  if (problems.length === 0) return undefined;
  return renderProblems(`The configuration of machines in ${folder}`, problems);
}

/** What a machine of an environment is told. */
export function machineDocument(
  { environment, region, application }: EnvironmentConfig,
  role: string,
  release: string,
  artifact: MachineDocument["application"]["artifact"],
  more: Pick<MachineDocument, "configuration" | "settings"> = {},
): MachineDocument {
  const { name, command, port, environment: variables } = application;
  return {
    environment,
    role,
    region,
    release,
    fleet: fleetLabel(release),
    application: { name, command, port, environment: variables, artifact },
    ...more,
  };
}
