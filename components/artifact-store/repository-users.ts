import { getRandomPasswordOutput } from "@pulumi/aws/secretsmanager/getRandomPassword";
import { Secret } from "@pulumi/aws/secretsmanager/secret";
import { SecretVersion } from "@pulumi/aws/secretsmanager/secretVersion";
import * as pulumi from "@pulumi/pulumi";
import type { CommonStoreArgs } from "./args";

/** Who a repository lets in: a role reads the one secret or the other, as it was granted, and logs in with it. */
export interface RepositoryUsers {
  readonly reader: { readonly secretArn: pulumi.Output<string> };
  readonly writer: { readonly secretArn: pulumi.Output<string> };
}

export function makeUsers(
  name: string,
  args: CommonStoreArgs,
  keyArn: pulumi.Output<string>,
  parent: pulumi.Resource,
): RepositoryUsers {
  const make = (username: "reader" | "writer") => {
    const child = `${name}-${username}`;
    const secret = new Secret(
      child,
      {
        description: `Login of the ${username} of the repository ${name}`,
        kmsKeyId: keyArn,
        // An environment that is thrown away and built again must not find the former secret in the way.
        recoveryWindowInDays: args.protected ? 7 : 0,
        tags: { ...args.tags },
      },
      { parent },
    );
    const { randomPassword } = getRandomPasswordOutput(
      { passwordLength: 48, excludePunctuation: true },
      { parent },
    );
    const version = new SecretVersion(
      child,
      {
        secretId: secret.id,
        secretString: pulumi.secret(
          randomPassword.apply((password) => JSON.stringify({ username, password })),
        ),
      },
      // Every run makes a new random text; the first one stays.
      { parent, ignoreChanges: ["secretString"], additionalSecretOutputs: ["secretString"] },
    );
    // Given out when there is something in it.
    return {
      secretArn: pulumi.unsecret(pulumi.all([secret.arn, version.versionId]).apply(([arn]) => arn)),
    };
  };
  return { reader: make("reader"), writer: make("writer") };
}
