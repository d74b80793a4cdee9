/** Opening a log store by its address and its secret. Whoever calls has to reach it, as through the VPN. */
import { existsSync, readFileSync } from "node:fs";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { LogStore } from "../components/elk-stack";

export interface StorePlace {
  readonly endpoint: string;
  readonly secretArn: string;
}

export async function openStore({ endpoint, secretArn }: StorePlace): Promise<LogStore> {
  const client = new SecretsManagerClient({ region: secretArn.split(":")[3]! });
  try {
    const { SecretString = "{}" } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    const { username, password } = JSON.parse(SecretString) as { username?: string; password?: string };
    const trusted = process.env.RETROFIT_TRUSTED;
    return new LogStore({
      endpoint,
      ...(username === undefined ? {} : { user: username }),
      ...(password === undefined ? {} : { password }),
      ...(trusted && existsSync(trusted) ? { ca: readFileSync(trusted, "utf8") } : {}),
    });
  } finally {
    client.destroy();
  }
}
