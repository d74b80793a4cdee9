import { getRandomPasswordOutput } from "@pulumi/aws/secretsmanager/getRandomPassword";
import { Secret } from "@pulumi/aws/secretsmanager/secret";
import { SecretVersion } from "@pulumi/aws/secretsmanager/secretVersion";
import * as pulumi from "@pulumi/pulumi";
import { STORE_USER, WRITER_USER } from "./args";

export interface Credentials {
  /** A JSON object with `username` and `password`; given out when there is something in it. */
  readonly arn: pulumi.Output<string>;
  readonly password: pulumi.Output<string>;
}

export interface SecretOptions {
  readonly protected: boolean;
  readonly tags: Record<string, string>;
}

/** The store's first user, made once: of people, of setup and of the store itself. */
export const makeCredentials = (name: string, options: SecretOptions, parent: pulumi.Resource): Credentials =>
  makeUser(
    { child: `${name}-user`, username: STORE_USER, description: `User of the log store ${name}` },
    options,
    parent,
  );

/** The machines' user: a secret alone, which setup makes a user of the store from. */
export const makeWriter = (name: string, options: SecretOptions, parent: pulumi.Resource): Credentials =>
  makeUser(
    {
      child: `${name}-writer`,
      username: WRITER_USER,
      description: `Machines' user of the log store ${name}: may write lines, nothing else`,
    },
    options,
    parent,
  );

function makeUser(
  { child, username, description }: { child: string; username: string; description: string },
  options: SecretOptions,
  parent: pulumi.Resource,
): Credentials {
  const secret = new Secret(
    child,
    {
      description,
      // An environment that is thrown away and built again must not find the former secret in the way.
      recoveryWindowInDays: options.protected ? 7 : 0,
      tags: options.tags,
    },
    { parent },
  );
  // The service asks for a capital letter, a small one, a digit and another character.
  const generated = getRandomPasswordOutput(
    { passwordLength: 32, requireEachIncludedType: true, excludeCharacters: "\"'\\`$@/:" },
    { parent },
  );
  const version = new SecretVersion(
    child,
    {
      secretId: secret.id,
      secretString: pulumi.secret(
        generated.randomPassword.apply((password) => JSON.stringify({ username, password })),
      ),
    },
    // Every run makes a new random text; the first one stays.
    { parent, ignoreChanges: ["secretString"], additionalSecretOutputs: ["secretString"] },
  );
  return {
    arn: pulumi.unsecret(pulumi.all([secret.arn, version.versionId]).apply(([arn]) => arn)),
    password: pulumi.secret(version.secretString.apply(passwordOf)),
  };
}

function passwordOf(secretString: string | undefined): string {
  return (JSON.parse(secretString ?? "{}") as { password?: string }).password ?? "";
}
