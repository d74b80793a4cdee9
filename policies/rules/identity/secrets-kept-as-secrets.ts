import { stackRule } from "../../rule";
import { knownValue } from "../../values";

const LOOKS_SECRET = /password|passwd|secret|token|api-?key|private-?key/i;

export const rule = stackRule({
  name: "secrets-kept-as-secrets",
  title: "Secrets are rotated, and parameters that hold one are encrypted.",
  severity: "high",
  ids: ["CKV2_AWS_57", "CKV2_AWS_34", "AwsSolutions-SMG4", "FSBP.SecretsManager.1"],
  why: "A password that never changes is known to everybody who has ever left the team.",
  fix: "Add an aws.secretsmanager.SecretRotation, or let RDS manage the password; use SecureString for parameters.",
  kinds: ["secretsmanager/secret", "ssm/parameter"],
  parameters: { rotation: { type: "boolean" } },
  checkStack: (stack, report, { settings }) => {
    for (const parameter of stack.of("ssm/parameter")) {
      const name = `${parameter.name} ${knownValue(parameter.props, "name") ?? ""}`;
      if (LOOKS_SECRET.test(name) && knownValue(parameter.props, "type") !== "SecureString") {
        report(parameter, "The parameter looks like a secret and is kept as plain text.");
      }
    }
    if (settings.rotation === false) return;
    for (const secret of stack.of("secretsmanager/secret")) {
      if (stack.pointing("secretsmanager/secretRotation", "secretId", secret).length === 0)
        report(secret, "The secret is never rotated.");
    }
  },
});
