import { stringify } from "yaml";
import { configureProgram } from "./configure-program";
import { bootPackages, type MachineDescription } from "./first-boot";
import type { MachineConfigurationDocument } from "./machine-configuration";

/** EC2 Image Builder's limit on a component's document, in characters. */
const LIMIT = 16_000;
const DOCUMENT = "/etc/retrofit/machine.json";
const PROGRAM = "/usr/local/sbin/retrofit-configure";

/**
 * What EC2 Image Builder does on the machine that it makes an image of: install, apply the role, see that nothing is left to
 * do, take away what belongs to this one machine; and on a machine of the image, see that it comes up.
 *
 * @throws Error above the service's limit.
 */
export function imageRecipeDocument(
  role: string,
  environment: string,
  region: string,
  configured: MachineConfigurationDocument,
  packages: readonly string[] = [],
): string {
  const { logGroup: _, ...configuration } = configured.configuration;
  const machine: MachineDescription = {
    environment,
    role,
    region,
    ...configured,
    configuration,
    image: true,
  };
  const bash = (name: string, ...commands: string[]) => ({
    name,
    action: "ExecuteBash",
    inputs: { commands: ["set -e", ...commands] },
  });
  const install = bootPackages(configuration.tool, packages);
  const text = stringify(
    {
      name: `retrofit-${role}`,
      schemaVersion: 1.0,
      phases: [
        {
          name: "build",
          steps: [
            bash(
              "Install",
              "export DEBIAN_FRONTEND=noninteractive",
              "apt-get update",
              `apt-get install -y ${install.join(" ")}`,
              "mkdir -p /etc/retrofit /usr/local/sbin",
            ),
            {
              name: "Write",
              action: "CreateFile",
              inputs: [
                { path: DOCUMENT, content: JSON.stringify(machine), overwrite: true },
                { path: PROGRAM, content: configureProgram, permissions: 755, overwrite: true },
              ],
            },
            bash("Bake", `${PROGRAM} bake`),
          ],
        },
        // On a machine that was started from the image: cloud-init has run, and nothing of the role has failed.
        {
          name: "test",
          steps: [
            bash(
              "ComesUp",
              "cloud-init status --wait",
              'test -z "$(systemctl --failed --no-legend --plain | grep -v -e application -e migration)"',
              `test -x ${PROGRAM}`,
            ),
          ],
        },
      ],
    },
    { lineWidth: 0 },
  );
  if (text.length > LIMIT) {
    throw new Error(
      `the recipe of an image is ${text.length} characters; EC2 Image Builder allows ${LIMIT}.`,
    );
  }
  return text;
}
