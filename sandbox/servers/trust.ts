import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Certificate, certificateFor } from "../load-balancer/certificate";

/** The certificates of all servers, for clients that ask who they are talking to. */
export function trustedCertificates(sandbox: string): string {
  return join(sandbox, "certificates", "servers.pem");
}

/** A server's certificate, made known to the machines of the sandbox. */
export async function serverCertificate(address: string, folder: string): Promise<Certificate> {
  const certificate = await certificateFor(address, folder);
  const bundle = join(folder, "servers.pem");
  const known = existsSync(bundle) ? readFileSync(bundle, "utf8") : "";
  if (!known.includes(certificate.cert.trim())) {
    writeFileSync(bundle, `${known}# ${address}\n${certificate.cert.trim()}\n`, { mode: 0o644 });
  }
  return certificate;
}
