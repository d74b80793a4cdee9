import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificate {
  key: string;
  cert: string;
}

const days = 825;

/** A self-signed certificate for a load balancer's address, made once and kept in `folder`. */
export async function certificateFor(address: string, folder: string): Promise<Certificate> {
  const file = join(folder, `${address}.json`);
  if (existsSync(file)) {
    const kept = JSON.parse(readFileSync(file, "utf8")) as Certificate & { madeAt: number };
    if (Date.now() - kept.madeAt < (days - 1) * 86_400_000) return { key: kept.key, cert: kept.cert };
  }
  // Loaded here because it costs a tenth of a second, and most sandboxes have no HTTPS listener.
  const { generate } = await import("selfsigned");
  const made = await generate([{ name: "commonName", value: address }], {
    keySize: 2048,
    algorithm: "sha256",
    notAfterDate: new Date(Date.now() + days * 86_400_000),
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: address }] }],
  });
  const certificate = { key: made.private, cert: made.cert };
  writeFileSync(file, JSON.stringify({ ...certificate, madeAt: Date.now() }), { mode: 0o600 });
  return certificate;
}
