import { allConfig, isConfigSecret } from "@pulumi/pulumi/runtime/config";
import { SECURE_KEY } from "./input";

/** The configuration of the running program, as {@link loadEnvironmentConfig} takes it. */
export function readRuntimeConfig(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(allConfig()).map(([key, value]) => [
      key,
      // Pulumi hands over secrets in the clear; marked, they are refused without their text getting into a message.
      key.startsWith("retrofit:") && isConfigSecret(key) ? { [SECURE_KEY]: "" } : value,
    ]),
  );
}
