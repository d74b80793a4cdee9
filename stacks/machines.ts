import { join } from "node:path";
import { isConfiguration, type MachineDocument } from "../components/machine";
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
