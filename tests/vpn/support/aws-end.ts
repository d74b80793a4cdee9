/**
 * AWS's two tunnel ends, played by strongSwan with nothing but the connection's options as AWS describes them. Its own table
 * of algorithms: were the device's wrong, the two would not understand each other.
 */
import type { TunnelOption, VpnConnection } from "@aws-sdk/client-ec2";

const IKE: Record<string, string> = {
  "AES256-GCM-16": "aes256gcm128",
  "AES128-GCM-16": "aes128gcm128",
  AES256: "aes256",
  AES128: "aes128",
};
const HASH: Record<string, string> = {
  "SHA2-256": "sha2_256",
  "SHA2-384": "sha2_384",
  "SHA2-512": "sha2_512",
  SHA1: "sha",
};
const CURVE: Record<number, string> = {
  2: "modp1024",
  14: "modp2048",
  15: "modp3072",
  16: "modp4096",
  19: "ecp256",
  20: "ecp384",
  21: "ecp521",
};

const values = <T>(list: { Value?: T }[] | undefined): T[] => (list ?? []).map(({ Value }) => Value!);

function offers(tunnel: TunnelOption, phase: 1 | 2): string {
  const encryption = values<string>(
    phase === 1 ? tunnel.Phase1EncryptionAlgorithms : tunnel.Phase2EncryptionAlgorithms,
  );
  const integrity = values<string>(
    phase === 1 ? tunnel.Phase1IntegrityAlgorithms : tunnel.Phase2IntegrityAlgorithms,
  ).map((name) => HASH[name]);
  const groups = values<number>(phase === 1 ? tunnel.Phase1DHGroupNumbers : tunnel.Phase2DHGroupNumbers).map(
    (group) => CURVE[group],
  );
  const proposal = (cipher: string) => {
    const combined = cipher.includes("GCM");
    const hashes = !combined
      ? integrity
      : phase === 1
        ? integrity.map((hash) => `prf${hash!.replace("sha2_", "sha").replace(/^sha$/, "sha1")}`)
        : [];
    return [IKE[cipher], ...hashes, ...groups].join("-");
  };
  return encryption.map(proposal).join(", ");
}

/** @param keys One per tunnel, as AWS keeps them. */
export function awsEnd(
  connection: VpnConnection,
  device: string,
  keys: readonly string[],
): { swanctl: string; daemon: string } {
  const tunnels = connection.Options!.TunnelOptions!;
  const { LocalIpv4NetworkCidr: local, RemoteIpv4NetworkCidr: remote } = connection.Options!;
  const connections = tunnels.map(
    (tunnel, i) => `
  end-${i + 1} {
    version = ${values<string>(tunnel.IkeVersions).join() === "ikev2" ? 2 : 0}
    local_addrs = ${tunnel.OutsideIpAddress}
    remote_addrs = ${device}
    proposals = ${offers(tunnel, 1)}
    rekey_time = ${tunnel.Phase1LifetimeSeconds! - 600}s
    dpd_delay = 10s
    local {
      auth = psk
      id = ${tunnel.OutsideIpAddress}
    }
    remote {
      auth = psk
      id = ${device}
    }
    children {
      end-${i + 1} {
        local_ts = ${remote}
        remote_ts = ${local}
        esp_proposals = ${offers(tunnel, 2)}
        rekey_time = ${tunnel.Phase2LifetimeSeconds! - tunnel.RekeyMarginTimeSeconds!}s
        priority = ${i + 1}
        start_action = ${tunnel.StartupAction === "start" ? "start" : "none"}
        dpd_action = ${tunnel.DpdTimeoutAction}
      }
    }
  }`,
  );
  const secrets = tunnels.map(
    (tunnel, i) => `
  ike-${i + 1} {
    id-1 = ${tunnel.OutsideIpAddress}
    id-2 = ${device}
    secret = "${keys[i]}"
  }`,
  );
  // A probe every 10 s, three repetitions, all over before the timeout: 10 + (2 + 3 + 4.5 + 6.75) × timeout / 30.
  const scale = (2 * tunnels[0]!.DpdTimeoutSeconds!) / 30;
  return {
    swanctl: `connections {${connections.join("")}\n}\nsecrets {${secrets.join("")}\n}\n`,
    daemon: `charon {\n  retransmit_tries = 3\n  retransmit_timeout = ${scale.toFixed(1)}\n  retransmit_base = 1.5\n}\n`,
  };
}
