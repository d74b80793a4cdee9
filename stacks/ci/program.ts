import * as pulumi from "@pulumi/pulumi";
import { ArtifactStore } from "../../components/artifact-store";
import { HOST_ROLE } from "../../components/docker-host";
import { MachineConfiguration } from "../../components/machine";
import { Network, SiteToSiteVpn } from "../../components/network";
import { shippedMachines } from "../machines";
import { CiAccess } from "./access";
import { Jenkins } from "./jenkins";
import { type CiSettings, readSettings } from "./settings";

/** The program of the stack `ci`: what a CI needs in AWS, beside the environments. */
export function program() {
  const config = new pulumi.Config("retrofit-ci");
  try {
    return ci(readSettings({ access: config.getObject("access"), jenkins: config.getObject("jenkins") }));
  } catch (error) {
    throw pulumi.RunError.isInstance(error) ? error : new pulumi.RunError((error as Error).message);
  }
}

export function ci({ access, jenkins }: CiSettings) {
  const made = access && new CiAccess("ci", access);
  if (jenkins) makeJenkins(jenkins);
  return { roles: made?.roleArns ?? {}, permissionsBoundary: made?.boundaryArn ?? null };
}

/** A network of its own, which nothing but the offices' tunnels leads into. */
function makeJenkins({ cidr, offices, ...settings }: NonNullable<CiSettings["jenkins"]>): Jenkins {
  const clients = Object.fromEntries(
    Object.values(offices).flatMap(({ networks }) => Object.entries(networks)),
  );
  const network = new Network("ci", {
    cidr,
    zones: 2,
    nat: "single",
    privateNetworks: Object.values(clients),
  });
  new SiteToSiteVpn("ci", { network, peers: offices, allow: [], protected: true });
  const store = new ArtifactStore("ci");
  const configuration = new MachineConfiguration("ci-machines", {
    folder: shippedMachines(),
    store,
    roles: [HOST_ROLE],
    environment: "ci",
  });
  return new Jenkins("jenkins", { network, bucket: store.bucketName, configuration, clients, ...settings });
}
