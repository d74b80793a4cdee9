import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SecretReference } from "./first-boot";

const tries = 20;
const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Reads secrets for machines, as an instance's role would let it. Nothing is kept: a start sees what is there by then. */
export class Secrets {
  private client: Promise<SecretsManagerClient> | undefined;

  constructor(
    private readonly connection: {
      endpoint: string;
      region: string;
      accessKeyId: string;
      secretAccessKey: string;
    },
  ) {}

  /** The values by variable. Throws with the secret's name when one cannot be read. */
  async values(wanted: Record<string, SecretReference> = {}): Promise<Record<string, string>> {
    const texts = new Map<string, string>();
    const values: Record<string, string> = {};
    for (const [name, { arn, key }] of Object.entries(wanted)) {
      const text = texts.get(arn) ?? (await this.text(arn));
      texts.set(arn, text);
      values[name] = key === undefined ? text : String((JSON.parse(text) as Record<string, unknown>)[key]);
    }
    return values;
  }

  async close(): Promise<void> {
    (await this.client)?.destroy();
  }

  private async text(arn: string): Promise<string> {
    // Loaded here since most machines have no secrets.
    const { GetSecretValueCommand, SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
    const { endpoint, region, ...credentials } = this.connection;
    this.client ??= Promise.resolve(
      new SecretsManagerClient({ endpoint, region, credentials, maxAttempts: 1 }),
    );
    const client = await this.client;
    for (let attempt = 1; ; attempt++) {
      try {
        return (await client.send(new GetSecretValueCommand({ SecretId: arn }))).SecretString ?? "";
      } catch (error) {
        // An emulator that is being started anew answers again soon; a secret that is not there will not come.
        const gone = (error as Error).name === "ResourceNotFoundException";
        if (gone || attempt === tries)
          throw new Error(`secret ${arn} cannot be read: ${(error as Error).message}`);
        await pause(500);
      }
    }
  }
}
