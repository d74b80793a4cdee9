/** Every version that the sandbox's tools are pinned to. A change here builds into folders of its own. */

/** An engine from PATH has to be this new: resource hooks, `replaceWith`, and their failures. */
export const ENGINE_MINIMUM = "3.240.0";

/** Engines to download or build, best first: a module proxy does not always serve the newest. The bridge needs 3.256. */
export const ENGINE_VERSIONS = ["3.259.0", "3.258.0", "3.257.0", "3.256.0"] as const;

export const BRIDGE_VERSION = "3.136.0";

/** The Go that the modules ask for. */
export const GO_MINIMUM = "1.25.11";

/** The Terraform provider that the token and property tables of `sandbox/provider` were made for. */
export const TERRAFORM_PROVIDER = { newest: "5.100.0", accepted: /^5\.100\.\d+$/ } as const;

export const PYTHON_MINIMUM = "3.9";

/** −1, 0, 1 for two dotted versions; what follows a `-` or `+` does not count. */
export function compareVersions(a: string, b: string): number {
  const numbers = (version: string) =>
    version
      .replace(/[-+].*$/, "")
      .split(".")
      .map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}
