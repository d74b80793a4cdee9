import type { MachineDescription } from "../../../components/machine";
import { DebianMachine } from "../../../sandbox/debian";
import { bootedBy, type Cloud } from "./cloud";
import { documentOf } from "./configuration";
import { debianRoot, machineRepository } from "./machines";

/** What a baked image has over Debian's own: a folder that machines are laid on. */
export interface BakedLayer {
  readonly folder: string;
  remove(): void;
}

/**
 * Bakes a role as EC2 Image Builder does: cloud-init installs, the role's own run is made and has to leave nothing to do, and what
 * belongs to this one machine is taken away. Fails when a second run would change something.
 */
export async function bakedLayer(
  role: string,
  cloud: Cloud,
  packages: readonly string[],
): Promise<BakedLayer> {
  const { environment, region, configuration } = documentOf(role);
  const document: MachineDescription & Required<Pick<MachineDescription, "configuration">> = {
    environment,
    role,
    region,
    configuration: configuration!,
    image: true,
  };
  const machine = await DebianMachine.start({
    root: await debianRoot(),
    name: "bake",
    ...bootedBy(document, cloud, await machineRepository(), packages),
  });
  const { code, output } = await machine.exec(
    "cloud-init status --wait >/dev/null; retrofit-configure bake && rm -r /var/lib/cloud/seed && apt-get clean",
    { timeoutSeconds: 400 },
  );
  if (code !== 0) {
    await machine.stop();
    throw new Error(`the role ${role} cannot be baked:\n${output}`);
  }
  return machine.keepLayer();
}
