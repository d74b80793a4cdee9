/** Opening a log store by its address and its secret. Whoever calls has to reach it, as through the VPN. */
import { existsSync, readFileSync } from "node:fs";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { LogStore, type LogWriter, type StorePatience } from "../components/elk-stack";

export interface StorePlace {
  readonly endpoint: string;
  /** Of the user that may do everything. */
  readonly secretArn: string;
  /** Of the user that machines ship their lines as, where it is another. */
  readonly writerSecretArn?: string;
  /** Certificate, in PEM, that a store of one's own is checked with. Default: those that Node knows. */
  readonly ca?: string;
}

export async function openStore(
  { endpoint, secretArn, ca }: StorePlace,
  patience?: StorePatience,
): Promise<LogStore> {
  const { username, password } = await userOf(secretArn);
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
}

/** The machines' user as setup is to make it; nothing where they sign in with the store's own. */
export async function writerOf({
  writerSecretArn,
}: Pick<StorePlace, "writerSecretArn">): Promise<{ writer?: LogWriter }> {
  if (writerSecretArn === undefined) return {};
  const { username, password } = await userOf(writerSecretArn);
  if (!username || !password) {
    throw new Error(`The secret ${writerSecretArn} has no username and password for machines.`);
  }
  return { writer: { username, password } };
}

async function userOf(secretArn: string): Promise<Partial<LogWriter>> {
  const client = new SecretsManagerClient({ region: secretArn.split(":")[3]! });
  try {
    const { SecretString = "{}" } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    return JSON.parse(SecretString) as Partial<LogWriter>;
  } finally {
    client.destroy();
  }
}

/** Certificates of servers that only this machine knows, as those of the sandbox. */
function locallyTrusted(): string | undefined {
  const file = process.env.RETROFIT_TRUSTED;
  return file && existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
