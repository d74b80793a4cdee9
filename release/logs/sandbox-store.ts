import { randomBytes } from "node:crypto";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import type { Sandbox } from "../../sandbox";
import { openStore, type StorePlace } from "../../stacks/log-store";
import { failed } from "../errors";

export const STORE_NAME = "shared-logs";
/** Secret of the user that machines ship their lines as; the first environment's setup makes the user. */
const WRITER_NAME = `${STORE_NAME}-writer`;
const START_SECONDS = 180;

/**
 * A log store in the sandbox that is there before any environment, as that of another environment would be. The AWS
 * provider waits ten minutes for each domain that it makes, so this one is asked for directly.
 */
export async function makeSandboxStore(
  { endpoint, env }: Pick<Sandbox, "endpoint" | "env">,
  say: (text: string) => void,
): Promise<Required<Omit<StorePlace, "ca">>> {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId = "",
    AWS_SECRET_ACCESS_KEY: secretAccessKey = "",
    AWS_REGION: region = "",
  } = env;
  const client = new SecretsManagerClient({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
  });
  try {
    if (!(await isKnown(client, STORE_NAME))) {
      const password = newPassword();
      await domain(endpoint, region, accessKeyId, "POST", "", {
        DomainName: STORE_NAME,
        EngineVersion: "OpenSearch_2.19",
        AdvancedSecurityOptions: {
          Enabled: true,
          InternalUserDatabaseEnabled: true,
          MasterUserOptions: { MasterUserName: "retrofit", MasterUserPassword: password },
        },
      });
      await makeSecret(client, STORE_NAME, { username: "retrofit", password });
    }
    if (!(await isKnown(client, WRITER_NAME))) {
      await makeSecret(client, WRITER_NAME, { username: "retrofit-forwarder", password: newPassword() });
    }
    const [secretArn, writerSecretArn] = await Promise.all(
      [STORE_NAME, WRITER_NAME].map(async (SecretId) => {
        const { ARN } = await client.send(new DescribeSecretCommand({ SecretId }));
        return ARN!;
      }),
    );
    const { DomainStatus } = await domain(endpoint, region, accessKeyId, "GET", `/${STORE_NAME}`);
    const store = {
      endpoint: `https://${DomainStatus.Endpoint}`,
      secretArn: secretArn!,
      writerSecretArn: writerSecretArn!,
    };
    say("waiting for OpenSearch; the first time it is fetched");
    await untilAnswering(store);
    return store;
  } finally {
    client.destroy();
  }
}

const newPassword = () => randomBytes(24).toString("base64url");

function isKnown(client: SecretsManagerClient, SecretId: string): Promise<boolean> {
  return client.send(new DescribeSecretCommand({ SecretId })).then(
    () => true,
    (error: Error) => {
      if (error instanceof ResourceNotFoundException) return false;
      throw error;
    },
  );
}

const makeSecret = (client: SecretsManagerClient, Name: string, content: object) =>
  client.send(new CreateSecretCommand({ Name, SecretString: JSON.stringify(content) }));

/** No client for so little: the emulator asks for the service's name and no signature. */
async function domain(
  endpoint: string,
  region: string,
  key: string,
  method: string,
  path: string,
  body?: object,
): Promise<{ DomainStatus: { Endpoint: string } }> {
  const response = await fetch(`${endpoint}/2021-01-01/opensearch/domain${path}`, {
    method,
    headers: {
      Authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260101/${region}/es/aws4_request, SignedHeaders=host, Signature=none`,
      "Content-Type": "application/json",
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok)
    throw failed(`The emulator answered ${response.status} for the log store: ${await response.text()}`);
  return (await response.json()) as { DomainStatus: { Endpoint: string } };
}

async function untilAnswering(output: StorePlace): Promise<void> {
  const deadline = Date.now() + START_SECONDS * 1000;
  let last = "";
  while (Date.now() < deadline) {
    try {
      await (await openStore(output)).send("GET", "/_cluster/health");
      return;
    } catch (error) {
      last = (error as Error).message;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  throw failed(
    `The log store of the sandbox does not answer after ${START_SECONDS} s: ${last}`,
    "It needs a JDK 17 and Maven: apt-get install openjdk-17-jdk-headless maven. The sandbox's daemon.log says more.",
  );
}
