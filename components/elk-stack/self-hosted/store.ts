/** The store as machines of one's own, each with a disk that outlives it, behind one address. */
import * as pulumi from "@pulumi/pulumi";
import { makeDataVolume } from "../../machine";
import { machineAlarms } from "../alarms";
import type { SelfHostedStoreArgs } from "../args";
import { nodesOf } from "../checks";
import { diskPerNode } from "../sizing";
import type { MadeStore, StoreSurroundings } from "../store-form";
import { makeNodeRole, makeNodeSecurity } from "./access";
import { makeAuthority } from "./authority";
import { DASHBOARDS, makeBalancer } from "./balancer";
import { makeNode } from "./nodes";
import { replacementGate } from "./replacement-gate";

export function makeSelfHostedStore(
  name: string,
  args: SelfHostedStoreArgs,
  around: StoreSurroundings,
  parent: pulumi.Resource,
): MadeStore {
  const { region, accountId, credentials, writerSecretArn, tags } = around;
  const id = pulumi.output(`${name}-${pulumi.getStack()}`.toLowerCase());
  const authority = makeAuthority(name, { protected: args.protected ?? false, tags }, parent);
  const nodesGroup = makeNodeSecurity(name, args, parent);
  const { loadBalancer, targetGroups } = makeBalancer(
    name,
    args,
    { balancer: around.securityGroupId, machines: nodesGroup.id },
    parent,
  );

  const nodes = nodesOf(args);
  const numbers = [...Array(nodes).keys()];
  const subnets = numbers.map((n) => args.network.subnetIds.app.apply((ids) => ids[n % ids.length]!));
  const volumes = numbers.map((n) =>
    makeDataVolume(
      `${name}-${n}-data`,
      {
        subnetId: subnets[n]!,
        sizeGb: args.storageGb ?? diskPerNode(args, nodes),
        kept: args.protected ?? false,
        tags: { ...tags },
      },
      parent,
    ),
  );
  const secretArns = [credentials.arn, writerSecretArn, authority.secretArn];
  const volumeArns = volumes.map(
    (volume) => pulumi.interpolate`arn:aws:ec2:${region}:${accountId}:volume/${volume.id}`,
  );
  const { role, granted } = makeNodeRole(name, args, { id, volumeArns, secretArns }, parent);
  const gate = replacementGate(name, pulumi.output({ id, region }));
  const after: pulumi.Resource[] = [...granted];
  for (const number of numbers) {
    const node = makeNode(
      name,
      args,
      {
        number,
        nodes,
        id,
        region: pulumi.output(region),
        subnetId: subnets[number]!,
        volumeId: volumes[number]!.id,
        address: loadBalancer.dnsName,
        userSecretArn: credentials.arn,
        writerSecretArn: pulumi.output(writerSecretArn),
        authoritySecretArn: authority.secretArn,
        certificate: authority.certificate,
        securityGroupId: nodesGroup.id,
        instanceProfileArn: role.instanceProfileArn,
        targetGroupArns: targetGroups.map(({ arn }) => arn),
        after: [...after],
        hooks: args.replaceNodes === "always" ? [] : [gate],
      },
      parent,
    );
    after.push(node);
  }

  const endpoint = pulumi.interpolate`https://${loadBalancer.dnsName}`;
  return {
    endpoint,
    dashboardsUrl: args.programs.dashboards
      ? pulumi.interpolate`${endpoint}:${DASHBOARDS.outside}`
      : undefined,
    trustedCertificate: authority.certificate,
    machinesSecurityGroupId: nodesGroup.id,
    alarms: machineAlarms,
    namespace: "Retrofit",
    dimensions: { LogStore: id },
  };
}
