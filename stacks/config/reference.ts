/** What the schema says about itself, for editors and for people. */
import { z } from "zod";
import { SIZES } from "../sizes";
import { docOf } from "./keys";
import { region, settings } from "./schema";
import { allPaths, getIn, schemaAt } from "./walk";

type Json = Record<string, unknown>;

/** A JSON Schema of `Pulumi.<environment>.yaml`, which editors complete and check against. */
export function environmentJsonSchema(): Json {
  const keys = asJsonSchema(settings, []);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Pulumi.<environment>.yaml of a Retrofit project",
    type: "object",
    required: ["config"],
    additionalProperties: false,
    properties: {
      config: {
        type: "object",
        required: ["aws:region", ...(keys.required as string[]).map((key) => `retrofit:${key}`)],
        properties: {
          "aws:region": asJsonSchema(region, ["region"]),
          ...Object.fromEntries(
            Object.entries(keys.properties as Json).map(([key, schema]) => [`retrofit:${key}`, schema]),
          ),
        },
        patternProperties: { "^(?!retrofit:)[^:]+:.+$": { $ref: "#/definitions/providerValue" } },
        additionalProperties: false,
      },
      environment: { description: "Pulumi ESC environments." },
      secretsprovider: { type: "string", description: "Written by Pulumi." },
      encryptedkey: { type: "string", description: "Written by Pulumi." },
      encryptionsalt: { type: "string", description: "Written by Pulumi." },
    },
    definitions: {
      providerValue: {
        description: "A setting of a provider, in the clear or encrypted by `pulumi config set --secret`.",
        anyOf: [
          { type: ["string", "number", "boolean", "array"] },
          {
            type: "object",
            required: ["secure"],
            additionalProperties: false,
            properties: { secure: { type: "string" } },
          },
          { type: "object" },
        ],
      },
    },
  };
}

function asJsonSchema(schema: z.ZodType, at: readonly string[]): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: "input", target: "draft-7" }) as Json;
  return describe(json, at);
}

/** Puts what is allowed and the defaults into the description, which is what an editor shows. */
function describe({ allowed, description, ...json }: Json, at: readonly string[]): Json {
  const isGroup = json.properties !== undefined;
  const text = [description, !isGroup && allowed && `Allowed: ${allowed}.`, !isGroup && defaultSentence(at)];
  return {
    ...(description ? { description: text.filter(Boolean).join(" ") } : {}),
    ...json,
    ...(isGroup && {
      properties: Object.fromEntries(
        Object.entries(json.properties as Json).map(([key, child]) => [
          key,
          describe(child as Json, [...at, key]),
        ]),
      ),
    }),
    ...(json.items !== undefined && { items: describe(json.items as Json, [...at, "[]"]) }),
  };
}

function defaultSentence(at: readonly string[]): string | undefined {
  const { small, full } = defaultsOf(at);
  if (small === undefined) return undefined;
  return small === full ? `Default: ${small}.` : `Default: ${small} (small), ${full} (full).`;
}

function defaultsOf(at: readonly string[]): { small?: string; full?: string } {
  const small = getIn(SIZES.small, at);
  const full = getIn(SIZES.full, at);
  return small === undefined ? {} : { small: JSON.stringify(small), full: JSON.stringify(full) };
}

/** The table of every key for `docs/environments.md`. */
export function keyTable(): string {
  const rows = allPaths(settings).map((path) => {
    const schema = schemaAt(settings, path)!;
    const { description, allowed } = docOf(schema)!;
    const key = `\`${keyName(path)}\``;
    if (schema instanceof z.ZodObject) return [`**${key}**`, description, "", "", ""];
    return [key, description, allowed, ...defaultCells(path)];
  });
  const header = ["key", "what it is", "allowed", "small", "full"];
  return [header, header.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell!.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}

function keyName([head, ...rest]: readonly string[]): string {
  return `retrofit:${[head, ...rest].join(".").replaceAll(".[]", "[]")}`;
}

function defaultCells(path: readonly string[]): [string, string] {
  const { small, full } = defaultsOf(path);
  if (small !== undefined && full !== undefined) return [`\`${small}\``, `\`${full}\``];
  const own = ownDefault(path);
  return [own, own];
}

/** Keys that the sizes say nothing about: with a default of their own, needed, or simply absent. */
function ownDefault(path: readonly string[]): string {
  const parent = schemaAt(settings, path.slice(0, -1));
  const schema =
    parent instanceof z.ZodObject ? (parent.shape as Record<string, z.ZodType>)[path.at(-1)!] : undefined;
  if (schema instanceof z.ZodDefault) return `\`${JSON.stringify(schema.parse(undefined))}\``;
  return schema instanceof z.ZodOptional ? "none" : "required";
}
