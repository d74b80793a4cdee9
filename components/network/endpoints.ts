import * as ec2 from "@pulumi/aws/ec2";
import { getRegionOutput } from "@pulumi/aws/getRegion";
import * as pulumi from "@pulumi/pulumi";
import { transformed } from "../shared/transform";
import type { Context } from "./context";
import type { Routing } from "./routing";
import type { SubnetsByTier } from "./subnets";

/** Endpoints by short name of their service. */
export interface Endpoints {
  gateways: Record<string, ec2.VpcEndpoint>;
  interfaces: Record<string, ec2.VpcEndpoint>;
}

export function createEndpoints(
  context: Context,
  vpc: ec2.Vpc,
  subnets: SubnetsByTier,
  routing: Routing,
): Endpoints {
  const { settings, opts } = context;
  const endpoints: Endpoints = { gateways: {}, interfaces: {} };
  if (settings.gatewayEndpoints.length + settings.interfaceEndpoints.length === 0) return endpoints;

  // `id` is the region's name in every version of the provider.
  const region = getRegionOutput({}, { parent: opts.parent }).id;
  const add = (service: string, args: Partial<ec2.VpcEndpointArgs>) => {
    const serviceName = pulumi.interpolate`com.amazonaws.${region}.${service}`;
    return createEndpoint(context, service, { vpcId: vpc.id, serviceName, ...args });
  };

  const tables = Object.values(routing.tables).flat();
  for (const service of settings.gatewayEndpoints) {
    const routeTableIds = tables.map((table) => table.id);
    endpoints.gateways[service] = add(service, { vpcEndpointType: "Gateway", routeTableIds });
  }
  if (settings.interfaceEndpoints.length > 0) {
    const group = createSecurityGroup(context, vpc);
    for (const service of settings.interfaceEndpoints) {
      endpoints.interfaces[service] = add(service, {
        vpcEndpointType: "Interface",
        subnetIds: subnets.app.map(({ subnet }) => subnet.id),
        securityGroupIds: [group.id],
        privateDnsEnabled: true,
      });
    }
  }
  return endpoints;
}

function createEndpoint(
  { name, transform, opts, tags }: Context,
  service: string,
  args: ec2.VpcEndpointArgs,
): ec2.VpcEndpoint {
  const child = `${name}-${service}`;
  return new ec2.VpcEndpoint(
    ...transformed<ec2.VpcEndpointArgs>(transform.vpcEndpoint, child, { ...args, tags: tags(child) }, opts),
  );
}

/** HTTPS from inside the VPC, and nothing out: endpoints answer, they do not call. */
function createSecurityGroup(
  { name, settings, transform, opts, tags }: Context,
  vpc: ec2.Vpc,
): ec2.SecurityGroup {
  const child = `${name}-endpoints`;
  const ipv6 = settings.ipv6 ? { ipv6CidrBlocks: [vpc.ipv6CidrBlock] } : {};
  return new ec2.SecurityGroup(
    ...transformed<ec2.SecurityGroupArgs>(
      transform.endpointSecurityGroup,
      child,
      {
        vpcId: vpc.id,
        description: "HTTPS to AWS services from inside the VPC",
        ingress: [
          {
            description: "HTTPS from inside the VPC",
            protocol: "tcp",
            fromPort: 443,
            toPort: 443,
            cidrBlocks: [settings.cidr],
            ...ipv6,
          },
        ],
        tags: tags(child),
      },
      opts,
    ),
  );
}
