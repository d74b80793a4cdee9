import { resourceRule } from "../../rule";
import { list } from "../../values";
import { daemonSettings } from "../shared/docker";
import { MACHINES } from "../shared/machines";

export const rule = resourceRule({
  name: "metadata-stays-on-machine",
  title: "Metadata is answered one hop away only; on Docker hosts two.",
  severity: "medium",
  ids: ["CKV_AWS_341", "FSBP.AutoScaling.4"],
  why: "With more hops, containers and whoever routes through the machine get its credentials.",
  fix: "Set metadataOptions.httpPutResponseHopLimit to 1.",
  kinds: MACHINES,
  waits: "user data, which tells a Docker host, is known once what it names exists",
  check: ({ props }, report) => {
    const hops = Number(list(props.metadataOptions)[0]?.httpPutResponseHopLimit ?? 1);
    if (hops <= 1) return;
    const most = daemonSettings(props) ? 2 : 1;
    if (hops > most) report(`The hop limit is ${hops}, and ${most} is enough.`);
  },
});
