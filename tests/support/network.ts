/** The network under test, against mocks that answer like AWS. */

import { Network, type NetworkArgs } from "../../components/network";
import { type Graph, graphOf, type MockBehaviour } from "../../components/shared/mocks";

export const COMPONENT = "retrofit:network:Network";
export const VPC = "aws:ec2/vpc:Vpc";
export const SUBNET = "aws:ec2/subnet:Subnet";
export const ACL = "aws:ec2/networkAcl:NetworkAcl";
export const NAT = "aws:ec2/natGateway:NatGateway";
export const EIP = "aws:ec2/eip:Eip";
export const ROUTE = "aws:ec2/route:Route";
export const TABLE = "aws:ec2/routeTable:RouteTable";
export const ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation";
export const ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint";
export const GROUP = "aws:ec2/securityGroup:SecurityGroup";
export const FLOW_LOG = "aws:ec2/flowLog:FlowLog";
export const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
export const ROLE = "aws:iam/role:Role";
export const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";

/** What AWS would answer, where the component reads it. */
export const aws: MockBehaviour = {
  state({ type, name }) {
    if (type === VPC) {
      return {
        arn: "arn:aws:ec2:eu-central-1:111122223333:vpc/vpc-1",
        ownerId: "111122223333",
        defaultNetworkAclId: "acl-default",
        ipv6CidrBlock: "2600:1f13:abc:de00::/56",
      };
    }
    if (type === EIP) return { publicIp: `198.51.100.${name.at(-1)}` };
    if (type === LOG_GROUP) return { arn: `arn:aws:logs:eu-central-1:111122223333:log-group:${name}` };
    return undefined;
  },
};

export function network(args: Partial<NetworkArgs> = {}, name = "main"): Promise<Graph<Network>> {
  return graphOf(() => new Network(name, { cidr: "10.0.0.0/16", ...args }), aws);
}
