import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { HealthCheck } from "../emulated";
import type { Probe } from "./health";

// A health check must show that a new connection is accepted, so none is kept.
const plainAgent = new HttpAgent({ keepAlive: false });
// As with the load balancer itself, a target's certificate is not verified.
const tlsAgent = new HttpsAgent({ keepAlive: false, rejectUnauthorized: false });

/** One health check: a real request on a new connection. Never rejects. */
export function probe(address: string, trafficPort: number, check: HealthCheck): Promise<Probe> {
  const port = check.port === "traffic-port" ? trafficPort : Number(check.port);
  const tls = check.protocol.toUpperCase() === "HTTPS";
  return new Promise((resolve) => {
    const request = (tls ? httpsRequest : httpRequest)({
      agent: tls ? tlsAgent : plainAgent,
      host: address,
      port,
      path: check.path || "/",
      headers: { Host: `${address}:${port}`, "User-Agent": "ELB-HealthChecker/2.0", Connection: "close" },
    });
    const timer = setTimeout(() => finish({ kind: "timeout" }), check.timeoutSeconds * 1000);
    const finish = (result: Probe) => {
      clearTimeout(timer);
      request.destroy();
      resolve(result);
    };
    request.on("response", (response) => finish({ kind: "status", status: response.statusCode ?? 0 }));
    request.on("error", (error: NodeJS.ErrnoException) =>
      finish({ kind: "failed", detail: error.code ?? error.message }),
    );
    request.end();
  });
}
