/** The SDK's tokens (`aws:ec2/vpc:Vpc`) and the bridge's (`aws:index/vpc:Vpc`), by the table that `generate/` makes. */
import table from "./token-table.json";

/** module → name in the SDK → name in the bridge. */
export interface TokenTable {
  resources: Record<string, Record<string, string>>;
  functions: Record<string, Record<string, string>>;
}

export type TokenKind = "resource" | "function";

/** Becomes the error of that resource in `pulumi up`. */
export class UnknownTokenError extends Error {
  constructor(token: string, kind: TokenKind) {
    super(
      `${token} is a ${kind} that the sandbox does not have: no counterpart in the Terraform AWS provider 5 it runs on is known. ` +
        "On AWS it works. If there is one, add it to sandbox/provider/generate/overrides.ts and generate token-table.json again.",
    );
    this.name = "UnknownTokenError";
  }
}

const PREFIX = "aws:";

/** Tokens of other packages and the provider's own (`pulumi:providers:aws`) are returned as they are. */
export function toBridge(token: string, kind: TokenKind): string {
  if (!token.startsWith(PREFIX)) return token;
  const [, path, shortName] = token.split(":");
  const [module, name] = (path ?? "").split("/");
  const known: TokenTable = table;
  const bridged = (kind === "resource" ? known.resources : known.functions)[module ?? ""]?.[name ?? ""];
  if (!bridged || !shortName) throw new UnknownTokenError(token, kind);
  return `aws:index/${bridged}:${kind === "resource" ? bridged[0]!.toUpperCase() + bridged.slice(1) : bridged}`;
}

/**
 * `urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>` with the type of the bridge. Only the last type is the
 * resource's own; a name may hold anything, even `::`.
 */
export function urnToBridge(urn: string): string {
  const [stack, project, types, ...name] = urn.split("::");
  if (!types || name.length === 0) return urn;
  const own = types.lastIndexOf("$") + 1;
  const bridged = types.slice(0, own) + toBridge(types.slice(own), "resource");
  return [stack, project, bridged, ...name].join("::");
}
