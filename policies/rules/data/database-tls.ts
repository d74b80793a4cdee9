import { resourceRule } from "../../rule";
import { list } from "../../values";

/** By family: the parameter that turns plain connections away, and the values that do. */
const FORCED: { family: RegExp; parameter: string; on: RegExp }[] = [
  { family: /postgres/, parameter: "rds.force_ssl", on: /^1$/ },
  { family: /mysql|mariadb/, parameter: "require_secure_transport", on: /^(1|ON)$/i },
  { family: /sqlserver/, parameter: "rds.force_ssl", on: /^1$/ },
];

export const rule = resourceRule({
  name: "database-tls",
  title: "Databases turn away connections without TLS.",
  severity: "medium",
  ids: ["CKV2_AWS_69", "FSBP.RDS.38", "FSBP.RDS.39"],
  why: "Clients fall back to plain text without a word when nothing forces them.",
  fix: "Set rds.force_ssl (PostgreSQL, SQL Server) or require_secure_transport (MySQL, MariaDB) in the parameter group.",
  kinds: ["rds/parameterGroup", "rds/clusterParameterGroup"],
  check: ({ props }, report) => {
    const family = String(props.family);
    const wanted = FORCED.find((one) => one.family.test(family));
    if (!wanted) return;
    const set = list(props.parameters).find(({ name }) => name === wanted.parameter);
    if (!set || !wanted.on.test(String(set.value)))
      report(`${wanted.parameter} is ${set ? set.value : "not set"}.`);
  },
});
