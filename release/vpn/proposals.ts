/** AWS's names for algorithms, as strongSwan spells them. */
import type { PhaseData } from "./connection-data";

const ENCRYPTION: Record<string, string> = {
  "AES256-GCM-16": "aes256gcm16",
  "AES128-GCM-16": "aes128gcm16",
  AES256: "aes256",
  AES128: "aes128",
};
const INTEGRITY: Record<string, string> = {
  "SHA2-512": "sha512",
  "SHA2-384": "sha384",
  "SHA2-256": "sha256",
  SHA1: "sha1",
};
const GROUPS: Record<number, string> = {
  21: "ecp521",
  20: "ecp384",
  19: "ecp256",
  18: "modp8192",
  17: "modp6144",
  16: "modp4096",
  15: "modp3072",
  14: "modp2048",
  24: "modp2048s256",
  23: "modp2048s224",
  5: "modp1536",
  22: "modp1024s160",
  2: "modp1024",
};

/** Strongest first, whatever the order in which they were allowed. */
function spelled(allowed: readonly (string | number)[], table: Record<string | number, string>): string[] {
  const known = new Map(Object.entries(table));
  const order = [...known.keys()];
  // Numbers are sorted by JavaScript itself; groups are listed above from strong to weak.
  const strength =
    table === (GROUPS as unknown) ? [21, 20, 19, 18, 17, 16, 15, 14, 24, 23, 5, 22, 2].map(String) : order;
  return strength.filter((name) => allowed.map(String).includes(name)).map((name) => known.get(name)!);
}

const isAead = (encryption: string): boolean => encryption.includes("GCM");

/** Phase 1: with GCM the integrity algorithms are used for deriving keys alone. */
export function ikeProposals({ encryption, integrity, groups }: PhaseData): string[] {
  const hashes = spelled(integrity, INTEGRITY);
  const curves = spelled(groups, GROUPS);
  const aead = spelled(encryption.filter(isAead), ENCRYPTION);
  const plain = spelled(
    encryption.filter((name) => !isAead(name)),
    ENCRYPTION,
  );
  return [
    ...(aead.length > 0 ? [[...aead, ...hashes.map((hash) => `prf${hash}`), ...curves]] : []),
    ...(plain.length > 0 ? [[...plain, ...hashes, ...curves]] : []),
  ].map((parts) => parts.join("-"));
}

/** Phase 2: GCM needs no integrity algorithm. A group makes every new key independent of the former ones. */
export function espProposals({ encryption, integrity, groups }: PhaseData): string[] {
  const curves = spelled(groups, GROUPS);
  const aead = spelled(encryption.filter(isAead), ENCRYPTION);
  const plain = spelled(
    encryption.filter((name) => !isAead(name)),
    ENCRYPTION,
  );
  return [
    ...(aead.length > 0 ? [[...aead, ...curves]] : []),
    ...(plain.length > 0 ? [[...plain, ...spelled(integrity, INTEGRITY), ...curves]] : []),
  ].map((parts) => parts.join("-"));
}
