/** Waits that the Terraform provider begins with a long sleep, whatever the API says: cut short, since nothing here is slow. */
import type { Properties } from "./struct";

/**
 * By the SDK's path. When the time is over the provider looks once more, and is content with a domain that is there; its own
 * pause before the first look is ten minutes. Of a limit for the removal it takes no notice.
 */
const LIMITS: Record<string, Properties> = {
  "opensearch/domain": { create: "5s" },
};

export function withShortWaits(inputs: Properties, path: string): Properties {
  const timeouts = LIMITS[path];
  return timeouts === undefined || inputs.timeouts !== undefined ? inputs : { ...inputs, timeouts };
}
