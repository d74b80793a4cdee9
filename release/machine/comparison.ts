import type { Portrait } from "./portrait";

/** What one has and the other has not, or has otherwise. */
export interface Difference {
  /** `package chrony`, `file /etc/fstab`, `unit ssh.service`. */
  readonly name: string;
  readonly image?: string;
  readonly machine?: string;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  /** Facts that are the same in both. */
  readonly same: number;
  /** What differs because a container of one's own is no machine of an environment: how many facts, by reason. */
  readonly apart: Readonly<Record<string, number>>;
}

/** What has to differ, and why. */
const APART: readonly { readonly why: string; readonly names: RegExp }[] = [
  {
    why: "who a machine is, and where it found itself",
    names:
      /^file \/etc\/(machine-id|hostname|hosts|resolv\.conf|mtab|fstab|ld\.so\.cache|ssh\/ssh_host_.*|\.updated|\.pwd\.lock)$/,
  },
  {
    why: "what cloud-init and the package sources of the place wrote",
    names:
      /^file \/etc\/(cloud\/.*|sudoers\.d\/90-cloud-init-users|apt\/sources\.list|apt\/sources\.list\.d\/.*|network\/.*|netplan\/.*)$/,
  },
  {
    why: "the release, which a container takes from the source folder",
    names:
      /^(file \/opt\/.*|file \/srv\/source|(file|unit) .*\b(application|migration)\.service|file \/etc\/retrofit\/(machine\.json|environment\.d\/.*))$/,
  },
  {
    why: "Amazon's agent, and swap where there is little memory",
    names: /^(package amazon-ssm-agent|(file|unit) .*(amazon|swapfile\.swap).*)$/,
  },
];
const IMAGE_OF_THE_MACHINE = "what the machine's own image brought besides, such as its kernel";

/** What differs between a role's image and a machine of the role. */
export function comparePortraits(image: Portrait, machine: Portrait): Comparison {
  const differences: Difference[] = [];
  const apart: Record<string, number> = {};
  let same = 0;
  for (const name of [...new Set([...image.facts.keys(), ...machine.facts.keys()])].sort()) {
    const [ours, theirs] = [image.facts.get(name), machine.facts.get(name)];
    if (ours?.value === theirs?.value) {
      same += 1;
      continue;
    }
    const why =
      APART.find(({ names }) => names.test(name))?.why ??
      (ours === undefined && theirs?.before ? IMAGE_OF_THE_MACHINE : undefined);
    if (why) apart[why] = (apart[why] ?? 0) + 1;
    else
      differences.push({
        name,
        ...(ours && { image: ours.value }),
        ...(theirs && { machine: theirs.value }),
      });
  }
  return { differences, same, apart };
}

/** One difference, for a person. */
export function describeDifference({ name, image, machine }: Difference): string {
  if (machine === undefined) return `${name}: only in the image (${image})`;
  if (image === undefined) return `${name}: only on the machine (${machine})`;
  return `${name}: ${image} in the image, ${machine} on the machine`;
}
