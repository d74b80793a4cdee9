/** Opening a log store by its address and its secret. Whoever calls has to reach it, as through the VPN. */
import { existsSync, readFileSync } from "node:fs";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { LogStore, type StorePatience } from "../components/elk-stack";

export interface StorePlace {
  readonly endpoint: string;
  readonly secretArn: string;
  /** Certificate, in PEM, that a store of one's own is checked with. Default: those that Node knows. */
  readonly ca?: string;
}

export async function openStore(
  { endpoint, secretArn, ca }: StorePlace,
  patience?: StorePatience,
): Promise<LogStore> {
  const client = new SecretsManagerClient({ region: secretArn.split(":")[3]! });
  try {
    const { SecretString = "{}" } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    const { username, password } = JSON.parse(SecretString) as { username?: string; password?: string };
    const trusted = ca ?? locallyTrusted();
    return new LogStore(
      {
        endpoint,
        ...(username === undefined ? {} : { user: username }),
        ...(password === undefined ? {} : { password }),
        ...(trusted === undefined ? {} : { ca: trusted }),
      },
      patience,
    );
  } finally {
    client.destroy();
  }
}

/** Certificates of servers that only this machine knows, as those of the sandbox. */
function locallyTrusted(): string | undefined {
  const file = process.env.RETROFIT_TRUSTED;
  return file && existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
