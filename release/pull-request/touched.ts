/** Which environments a change touches, by the files that it changes. */
import { git } from "../git";
import { environmentsIn, type Project } from "../project";

/** Text, tests and pipelines: nothing of it is read by the program. */
const HARMLESS = [
  /\.(md|txt|svg|png)$/i,
  /(^|\/)(docs?|tests?|__tests__|__snapshots__|bench|ci|\.\w+)\//,
  /\.(test|spec)\.[cm]?[jt]sx?$/,
  /(^|\/)(LICENSE|Jenkinsfile|azure-pipelines\.yml|\.[^/]+)$/,
];

/** Environments whose file is among `files`; all of them where anything else is that the program may read. */
export function touchedBy(files: readonly string[], environments: readonly string[]): string[] {
  const own = new Map(environments.map((name) => [`Pulumi.${name}.yaml`, name]));
  const isOfNone = (file: string) => /^Pulumi\..+\.yaml$/.test(file) && !own.has(file);
  const shared = files.filter(
    (file) => !own.has(file) && !isOfNone(file) && !HARMLESS.some((pattern) => pattern.test(file)),
  );
  if (shared.length > 0) return [...environments];
  return environments.filter((name) => files.includes(`Pulumi.${name}.yaml`));
}

/** What has changed since a commit, and what is not committed yet. */
export async function touchedEnvironments({ folder }: Project, begin: string): Promise<string[]> {
  const changed = await git(folder, "diff", "--name-only", "--no-renames", "--relative", "-z", begin);
  const added = await git(folder, "ls-files", "--others", "--exclude-standard", "-z");
  const files = [...changed.split("\0"), ...added.split("\0")].filter((file) => file !== "");
  return touchedBy(files, environmentsIn(folder));
}

/**
 * Names that the change's commits confirm, one `Confirm-Loss: prod/database` a line: whoever reviews the change sees them, and
 * they are gone with it.
 */
export async function confirmedInCommits({ folder }: Project, begin: string): Promise<string[]> {
  const trailers = "%(trailers:key=Confirm-Loss,valueonly,unfold)";
  const found = await git(folder, "log", `--format=${trailers}`, `${begin}..HEAD`);
  return found.split("\n").flatMap((line) =>
    line
      .split(",")
      .map((name) => name.trim())
      .filter(Boolean),
  );
}
