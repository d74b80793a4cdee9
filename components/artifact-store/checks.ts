import { posix } from "node:path";
import { type Problem, Problems } from "../shared/validation";
import type { AccessPointArgs, ArtifactStoreArgs, BucketStoreArgs, RepositoryArgs, ShareArgs } from "./args";

const MODES = ["share", "bucket", "repository"];
const MOUNTS = ["s3files", "mountpoint", "s3fs"];
/** What EFS knows; other numbers are refused by it. */
const INFREQUENT = [1, 7, 14, 30, 60, 90, 180, 270, 365];
const REGION = /^[a-z]{2}(-[a-z]+)+-\d+$/;

/** Everything wrong with a store's arguments that can be told before anything is made. */
export function checkStore(name: string, args: ArtifactStoreArgs): Problems {
  const problems = new Problems(`ArtifactStore "${name}"`);
  problems.add(...storeProblems(args));
  return problems;
}

/** The same as a list, for whoever has another place to tell them at. */
export function storeProblems(args: ArtifactStoreArgs): readonly Problem[] {
  const problems = new Problems("");
  const mode: string = args.mode ?? "bucket";
  problems.require(MODES.includes(mode), {
    property: "mode",
    got: mode,
    allowed: "share, bucket or repository",
    fix: "share for a folder that machines mount, bucket for objects, repository for documents with versions and search.",
  });
  whole(problems, "backupDays", args.backupDays, 1, 365);
  if (args.mode === "share") checkShare(problems, args);
  else if (args.mode === "repository") checkRepository(problems, args);
  else if (mode === "bucket") checkBucket(problems, args as BucketStoreArgs);
  return problems.list;
}

function checkShare(problems: Problems, args: ShareArgs): void {
  checkZones(problems, args);
  const points = Object.entries(args.accessPoints ?? {});
  problems.require(args.accessPoints === undefined || points.length > 0, {
    property: "accessPoints",
    got: {},
    allowed: "at least one: a mount without one is refused",
    fix: "Leave it out for one access point with the path /files.",
  });
  for (const [name, point] of points) checkAccessPoint(problems, `accessPoints.${name}`, point);
  const { throughput, infrequentAfterDays } = args;
  if (typeof throughput === "object") {
    whole(problems, "throughput.provisionedMibps", throughput.provisionedMibps, 1, 3414);
  } else {
    problems.require(throughput === undefined || ["elastic", "bursting"].includes(throughput), {
      property: "throughput",
      got: throughput,
      allowed: "elastic, bursting, or { provisionedMibps }",
      fix: "Leave it out for elastic, which follows the load.",
    });
  }
  problems.require(
    infrequentAfterDays === undefined ||
      infrequentAfterDays === false ||
      INFREQUENT.includes(infrequentAfterDays),
    {
      property: "infrequentAfterDays",
      got: infrequentAfterDays,
      allowed: `${INFREQUENT.join(", ")}, or false`,
      fix: "Write 30.",
    },
  );
  checkReplica(problems, args.replicateTo);
}

/** A zone without a mount target is one whose machines cannot mount: the share's name has no address there. */
function checkZones(problems: Problems, { network, zones = 2 }: ShareArgs | RepositoryArgs): void {
  if (!whole(problems, "zones", zones, 1, 6)) return;
  const has = network?.plan?.routeTables.app;
  if (has === undefined) return;
  problems.require(zones === has, {
    property: "zones",
    got: zones,
    allowed: `${has}, as many as the network has with machines: a zone without a mount target is one whose machines cannot mount`,
    fix: `Write zones: ${has}.`,
  });
}

function checkAccessPoint(problems: Problems, property: string, point: AccessPointArgs): void {
  const { path, uid, gid, permissions } = point;
  // Normalized it must still be itself: neither `..` nor `.` nor a slash too many.
  const inside =
    path.startsWith("/") && path.length > 1 && posix.normalize(path) === path && !path.endsWith("/");
  problems.require(inside && path.length <= 100 && !/\s/.test(path), {
    property: `${property}.path`,
    got: path,
    allowed: "an absolute folder below the root of the share, without .. in it",
    fix: `Write for example /${
      path
        .replace(/[^A-Za-z0-9_-]+/g, " ")
        .trim()
        .replaceAll(" ", "-") || "files"
    }.`,
  });
  whole(problems, `${property}.uid`, uid, 1, 65_533);
  whole(problems, `${property}.gid`, gid, 1, 65_533);
  problems.require(permissions === undefined || /^0?[0-7]{3}$/.test(permissions), {
    property: `${property}.permissions`,
    got: permissions,
    allowed: "three octal digits",
    fix: 'Write "0750".',
  });
}

function checkBucket(problems: Problems, args: BucketStoreArgs): void {
  const { mount, lifecycle = {}, inbox } = args;
  problems.require(mount === undefined || MOUNTS.includes(mount), {
    property: "mount",
    got: mount,
    allowed: "s3files, mountpoint or s3fs",
    fix: "Leave it out where the application uses the API; the README says what each mount cannot do.",
  });
  problems.require(mount !== "s3files" || args.network !== undefined, {
    property: "network",
    allowed: "the network of the machines with mount: s3files, which has mount targets in it",
    fix: "Pass network.",
  });
  if (args.objectLock) whole(problems, "objectLock.days", args.objectLock.days, 1, 36_500);
  for (const [key, days] of Object.entries(lifecycle)) whole(problems, `lifecycle.${key}`, days, 1, 36_500);
  const { infrequentAfterDays = 30, archiveAfterDays } = lifecycle;
  problems.require(infrequentAfterDays >= 30, {
    property: "lifecycle.infrequentAfterDays",
    got: infrequentAfterDays,
    allowed: "30 or more, which is what S3 takes",
    fix: "Write 30.",
  });
  problems.require(archiveAfterDays === undefined || archiveAfterDays >= infrequentAfterDays + 30, {
    property: "lifecycle.archiveAfterDays",
    got: archiveAfterDays,
    allowed: `${infrequentAfterDays + 30} or more: 30 days after infrequentAfterDays`,
    fix: `Write ${infrequentAfterDays + 30}.`,
  });
  if (inbox) {
    whole(problems, "inbox.claimSeconds", inbox.claimSeconds, 30, 43_200);
    whole(problems, "inbox.attempts", inbox.attempts, 1, 100);
    whole(problems, "inbox.archiveDays", inbox.archiveDays, 1, 36_500);
    whole(problems, "inbox.rejectedDays", inbox.rejectedDays, 1, 36_500);
  }
  checkReplica(problems, args.replicateTo);
}

function checkRepository(problems: Problems, args: RepositoryArgs): void {
  checkZones(problems, args);
  problems.require(!args.protected || args.certificateArn !== undefined, {
    property: "certificateArn",
    allowed: "a certificate of the region where protected: passwords go over this connection",
    fix: "Request a certificate in ACM and pass its ARN.",
  });
  problems.require(/^[0-9a-f]{64}$/.test(args.program.sha256), {
    property: "program.sha256",
    got: args.program.sha256,
    allowed: "64 hexadecimal digits",
    fix: "Take the sum that retrofit publish printed.",
  });
  for (const [index, network] of (args.clients ?? []).entries()) {
    problems.require(!/\/0$/.test(network), {
      property: `clients[${index}]`,
      got: network,
      allowed: "networks of your own: a repository is never open to the world",
      fix: "Name the VPN's networks.",
    });
  }
}

function checkReplica(problems: Problems, region: string | undefined): void {
  problems.require(region === undefined || REGION.test(region), {
    property: "replicateTo",
    got: region,
    allowed: "an AWS region such as eu-west-1",
    fix: "Write eu-west-1, or leave it out.",
  });
}

function whole(
  problems: Problems,
  property: string,
  value: number | undefined,
  min: number,
  max: number,
): boolean {
  return problems.require(value === undefined || (Number.isInteger(value) && value >= min && value <= max), {
    property,
    got: value,
    allowed: `a whole number from ${min} to ${max}`,
    fix: `Write for example ${min}.`,
  });
}
