import type { Node, VariableSetStmt } from "libpg-query";
import type { Catalog } from "../catalog";
import { type Judge, one } from "./verdict";

/** Settings under which the server reads the rest of the file differently, with the value that changes nothing. */
const READING: Record<string, RegExp> = {
  standard_conforming_strings: /^(on|true|yes|1)$/i,
  client_encoding: /^utf-?8$/i,
  backslash_quote: /^safe_encoding$/i,
};

export const set: Judge<VariableSetStmt> = (statement, catalog) => {
  const name = statement.name?.toLowerCase() ?? "";
  if (statement.kind === "VAR_RESET_ALL") return one("lock-timeout-off", "RESET ALL");
  // SET TRANSACTION and SET SESSION CHARACTERISTICS.
  if (statement.kind === "VAR_SET_MULTI") return one("transaction");
  const values = statement.kind === "VAR_SET_VALUE" ? (statement.args ?? []).map(textOf) : [];
  return one(settingRule(name, values, catalog), name);
};

/** @param values Empty for RESET and SET … TO DEFAULT. */
export function settingRule(name: string, values: readonly string[], catalog: Catalog): string {
  const value = values[0] ?? "";
  switch (name.toLowerCase()) {
    case "role":
    case "session_authorization":
      return "set-role";
    case "lock_timeout":
      return values.length === 0 || /^\s*-?0*\s*[a-z]*\s*$/i.test(value)
        ? "lock-timeout-off"
        : "session-setting";
    case "session_replication_role":
      return value === "origin" ? "session-setting" : "replication-role";
    case "search_path":
      catalog.setSearchPath(
        values
          .flatMap((text) => text.split(","))[0]
          ?.trim()
          .replace(/^"|"$/g, ""),
      );
      return "session-setting";
    default: {
      const harmless = READING[name.toLowerCase()];
      return !harmless || harmless.test(value) ? "session-setting" : "parser-setting";
    }
  }
}

function textOf(node: Node): string {
  if ("TypeCast" in node && node.TypeCast.arg) return textOf(node.TypeCast.arg);
  if (!("A_Const" in node)) return "?";
  const { ival, fval, sval, boolval } = node.A_Const;
  if (sval) return sval.sval ?? "";
  if (fval) return fval.fval ?? "";
  if (ival) return String(ival.ival ?? 0);
  return String(boolval?.boolval ?? "");
}
