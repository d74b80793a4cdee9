/** What a machine finds at its first boot, so that its forwarder knows what to ship and where to. */
import type { BootFile } from "../../machine";
import type { ForwarderModel } from "./model";
import { syslogNgConfiguration } from "./syslog-ng";

/** Where a forwarder's configuration is on a machine; what starts one looks for it here. */
export const FORWARDER_CONFIGURATION = "/etc/retrofit/log-forwarder.conf";
/** What a machine checks a store of one's own with. */
const STORE_CERTIFICATE = "/etc/retrofit/log-store.pem";

export interface ShippedLines extends Omit<ForwarderModel, "output"> {
  /** Of the store, which asks for user and password. */
  readonly endpoint: string;
  /** What the store's certificate is checked with, in PEM. Default: what machines trust anyway. */
  readonly certificate?: string | undefined;
}

export function forwarderFiles({ endpoint, certificate, ...model }: ShippedLines): BootFile[] {
  const content = syslogNgConfiguration({
    ...model,
    output: {
      endpoint,
      authentication: "basic",
      trustedCertificates: certificate ? `\`RETROFIT_ROOT\`${STORE_CERTIFICATE}` : "`RETROFIT_TRUSTED`",
    },
  });
  return [
    { path: FORWARDER_CONFIGURATION, content, mode: "0640" },
    ...(certificate ? [{ path: STORE_CERTIFICATE, content: certificate }] : []),
  ];
}
