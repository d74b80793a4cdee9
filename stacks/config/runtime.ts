import { runtime } from "@pulumi/pulumi";
import { SECURE_KEY } from "./input";

/** The configuration of the running program, as {@link loadEnvironmentConfig} takes it. */
export function readRuntimeConfig(): Record<string, unknown> {
  const secret = secretKeys();
  return Object.fromEntries(
    Object.entries(runtime.allConfig()).map(([key, value]) => [
      key,
      // Pulumi hands over secrets in the clear; marked, they are refused without their text getting into a message.
      key.startsWith("retrofit:") && secret.includes(key) ? { [SECURE_KEY]: "" } : value,
    ]),
  );
}

/** Pulumi tells a program through the environment which keys hold secrets; its SDK keeps the reader to itself. */
function secretKeys(): string[] {
  return JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS || "[]") as string[];
}
