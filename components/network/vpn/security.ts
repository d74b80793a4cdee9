import {
  SecurityGroupIngressRule,
  type SecurityGroupIngressRuleArgs,
} from "@pulumi/aws/vpc/securityGroupIngressRule";
import { transformed } from "../../shared/transform";
import type { VpnContext } from "./context";
import { knownNetworks, portRange } from "./validate";

/** Opens what `allow` names, for the networks that it names and for no other. */
export function createIngressRules({ name, args, opts, tags }: VpnContext): void {
  const networks = knownNetworks(args);
  for (const { from, to, securityGroupId, ports, protocol = "tcp" } of args.allow ?? []) {
    for (const port of ports) {
      const [fromPort, toPort] = portRange(port)!;
      const child = `${name}-${from}-${to}-${protocol}-${port}`;
      new SecurityGroupIngressRule(
        ...transformed<SecurityGroupIngressRuleArgs>(
          args.transform?.ingressRule,
          child,
          {
            securityGroupId,
            cidrIpv4: networks[from]!,
            ipProtocol: protocol,
            fromPort,
            toPort,
            description: `${from} (VPN) to ${to} on ${port}`,
            tags: tags(child),
          },
          opts,
        ),
      );
    }
  }
}
