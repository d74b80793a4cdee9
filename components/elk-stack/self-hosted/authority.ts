import { Secret } from "@pulumi/aws/secretsmanager/secret";
import { SecretVersion } from "@pulumi/aws/secretsmanager/secretVersion";
import * as pulumi from "@pulumi/pulumi";
import type { SecretOptions } from "../credentials";

const YEARS = 10;
const MILLISECONDS_A_YEAR = 365 * 24 * 60 * 60 * 1000;

export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface Authority {
  /** A JSON object with `certificate` and `key`; given out when there is something in it. */
  readonly secretArn: pulumi.Output<string>;
  /** What clients check the store with, in PEM. No secret. */
  readonly certificate: pulumi.Output<string>;
}

/** The store's own certificate authority, made once: machines make their certificates with it, clients trust it. */
export function makeAuthority(name: string, options: SecretOptions, parent: pulumi.Resource): Authority {
  const secret = new Secret(
    `${name}-authority`,
    {
      description: `Certificate authority of the log store ${name}`,
      recoveryWindowInDays: options.protected ? 7 : 0,
      tags: options.tags,
    },
    { parent },
  );
  const version = new SecretVersion(
    `${name}-authority`,
    {
      secretId: secret.id,
      secretString: pulumi.secret(newAuthority(name).then((pair) => JSON.stringify(pair))),
    },
    // Every run makes a new one; the first one stays.
    { parent, ignoreChanges: ["secretString"], additionalSecretOutputs: ["secretString"] },
  );
  return {
    secretArn: pulumi.unsecret(pulumi.all([secret.arn, version.versionId]).apply(([arn]) => arn)),
    certificate: pulumi.unsecret(
      version.secretString.apply((text) => (JSON.parse(text ?? "{}") as Partial<KeyPair>).certificate ?? ""),
    ),
  };
}

export async function newAuthority(name: string): Promise<KeyPair> {
  // Loaded here because it costs a tenth of a second, and few programs have a store of their own.
  const { generate } = await import("selfsigned");
  const made = await generate([{ name: "commonName", value: `log store ${name}` }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notAfterDate: new Date(Date.now() + YEARS * MILLISECONDS_A_YEAR),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { certificate: made.cert, key: made.private };
}
