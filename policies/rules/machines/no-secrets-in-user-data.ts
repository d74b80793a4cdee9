import { type Bag, resourceRule } from "../../rule";
import { list } from "../../values";
import { cloudConfig, MACHINES, userData, writtenFile } from "../shared/machines";

const SECRETS: Record<string, RegExp> = {
  "an AWS access key": /\b(AKIA|ASIA)[A-Z0-9]{16}\b/,
  "a private key": /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  "a GitHub token": /\bgh[pousr]_[A-Za-z0-9]{30,}\b/,
  "a password in a variable":
    /^[\s-]*(export\s+)?["']?[A-Z0-9_]*(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_KEY)["']?\s*[=:]\s*["']?(?!arn:)[^\s"'$<{([]{6,}/m,
  "a password in a URL": /\b[a-z][a-z0-9+]*:\/\/[^\s:/@$]+:[^\s:/@$]{3,}@/,
};

export const rule = resourceRule({
  name: "no-secrets-in-user-data",
  title: "User data holds no secrets.",
  severity: "critical",
  ids: ["CKV_AWS_46"],
  why: "User data is readable by every process on the machine and by whoever may describe it.",
  fix: "Keep the secret in Secrets Manager and let the machine read it by its role.",
  kinds: MACHINES,
  waits: "user data is known once what it names exists",
  check: ({ props }, report) => {
    const text = userData(props);
    for (const part of [text, ...filesIn(text, props)]) {
      for (const [what, pattern] of Object.entries(SECRETS))
        if (pattern.test(part)) report(`User data holds ${what}.`);
    }
  },
});

/** Files that are written compressed or encoded hide nothing. */
function filesIn(text: string, props: Bag): string[] {
  if (!text.startsWith("#cloud-config")) return [];
  return list<Bag>(cloudConfig(text).write_files)
    .filter(({ encoding }) => encoding)
    .map(({ path }) => writtenFile(props, path) ?? "");
}
