import type { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import * as pulumi from "@pulumi/pulumi";
import type { MountSetting } from "../artifact-store";
import type { Problem } from "../shared/validation";
import type { DockerHostArgs } from "./args";

/** The folder of `shares` that a path is in. */
export function shareOf(path: string, shares: object | undefined): string | undefined {
  return Object.keys(shares ?? {}).find((folder) => `${path}/`.startsWith(`${folder.replace(/\/$/, "")}/`));
}

/** Every volume of type `share` is of something that hosts mount, and not written where they only read. */
export function checkShares({ containers, shares = {} }: Pick<DockerHostArgs, "containers" | "shares">) {
  const folders = Object.keys(shares).join(", ");
  return Object.entries(containers).flatMap(([name, { volumes = [] }]) =>
    volumes.flatMap(({ type, path, readOnly = false }, index): Problem[] => {
      const property = `containers.${name}.volumes[${index}]`;
      if (type !== "share") return [];
      const share = shareOf(path, shares);
      if (share === undefined) {
        return [
          {
            property: `${property}.path`,
            got: path,
            allowed: folders
              ? `a folder in ${folders}`
              : "a folder of a share that hosts mount; there is none",
            fix: "Add the share's store, or correct the folder.",
          },
        ];
      }
      if (readOnly || shares[share]!.access !== "read") return [];
      return [
        {
          property: `${property}.readOnly`,
          got: readOnly,
          allowed: `true: hosts may only read ${share}`,
          fix: "Write readOnly: true, or let the store be written to.",
        },
      ];
    }),
  );
}

/** Lets hosts mount their shares. Gives what they mount, and what has to be there before a host starts. */
export function openShares(
  name: string,
  shares: NonNullable<DockerHostArgs["shares"]>,
  role: { roleName: pulumi.Input<string> },
  securityGroupId: pulumi.Input<string>,
): { mounts: pulumi.Output<Record<string, MountSetting>>; grants: RolePolicy[] } {
  const each = Object.entries(shares);
  const grants = each.map(([, { store, access }]) =>
    access === "read" ? store.grantRead(name, role) : store.grantReadWrite(name, role),
  );
  for (const [, { store }] of each) store.allowFrom(name, securityGroupId);
  const mounts = pulumi
    .all(each.map(([folder, { store }]) => store.mounts(folder)))
    .apply((all) => Object.assign({}, ...all) as Record<string, MountSetting>);
  return { mounts: mounts as pulumi.Output<Record<string, MountSetting>>, grants };
}
