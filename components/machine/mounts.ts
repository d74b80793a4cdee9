import type { MountSetting } from "../artifact-store";
import type { MachineDescription } from "./first-boot";

/** The key of hiera by which `profile::mounts` is told what a machine mounts. */
const MOUNTS = "profile::mounts::mounts";

/** What a machine is told, with folders that it mounts besides those of its settings. */
export function withMounts<T extends Pick<MachineDescription, "settings">>(
  told: T,
  folders: Readonly<Record<string, MountSetting>>,
): T {
  const own = told.settings?.[MOUNTS] as object | undefined;
  const mounted = { ...own, ...folders };
  if (Object.keys(mounted).length === 0) return told;
  return { ...told, settings: { ...told.settings, [MOUNTS]: mounted } };
}
