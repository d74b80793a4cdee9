import { PolicyPack } from "@pulumi/policy";
import { toPolicy } from "./adapter";
import { rules } from "./rules";

/** Starts to answer the engine. One pack can be served per process. */
export function servePack(): void {
  new PolicyPack("retrofit", {
    description: "Rules for AWS environments: network, VPN, machines, data, logs, access, containers.",
    policies: rules.map(toPolicy),
  });
}
