/** What `Pulumi.ci.yaml` may say, under `retrofit-ci:`. What the components check by themselves is not checked twice. */
import { z } from "zod";
import { renderProblems } from "../../components/shared/validation";

const text = z.string().min(1);

const trust = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("github"), repository: text }),
  z.strictObject({ kind: z.literal("oidc"), issuer: text, audience: text, subject: text }),
  z.strictObject({ kind: z.literal("aws"), principals: z.array(text) }),
]);

const access = z.strictObject({
  environments: z.array(
    z.strictObject({
      name: text,
      region: text,
      shortLived: text.optional(),
      from: text.optional(),
      secrets: z.array(text).optional(),
    }),
  ),
  trust,
  state: z.strictObject({ bucket: text, project: text, keyArn: text.optional() }),
  providerArn: text.optional(),
});

const office = z.strictObject({ address: z.ipv4(), networks: z.record(text, text) });

const jenkins = z.strictObject({
  /** Of the network that Jenkins has for itself. */
  cidr: text,
  /** Who reaches it, each through a tunnel of its own, by name. */
  offices: z.record(text, office).refine((offices) => Object.keys(offices).length > 0, "at least one office"),
  instanceType: text.default("m6i.large"),
  image: text,
  url: z.url(),
  secretArn: text,
  repository: z.url(),
  roles: text,
  issuer: z.url(),
  backend: text,
});

const settings = z.strictObject({ access: access.optional(), jenkins: jenkins.optional() });

export type CiSettings = z.output<typeof settings>;

/** @throws Error with every mistake there is, as a text for people. */
export function readSettings(values: Record<string, unknown>): CiSettings {
  const parsed = settings.safeParse(values);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message, code }) => ({
    property: `retrofit-ci:${path.join(".")}`,
    got: at(values, path),
    allowed: code === "unrecognized_keys" ? "only the keys of stacks/ci/settings.ts" : message,
    fix: "Correct it; ci/README.md has an example.",
  }));
  throw new Error(renderProblems("Pulumi.ci.yaml", problems));
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce(
    (inner: unknown, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
}
