/** Load balancers with real targets, for one test at a time. */
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request as httpRequest, type IncomingMessage, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventLog } from "../../sandbox/daemon/events";
import type { EmulatedState } from "../../sandbox/emulated";
import { LoadBalancers, type Surroundings } from "../../sandbox/load-balancer/load-balancers";
import { application, groupArn, until } from "./sandbox";

export const listenPort = 18_080;

export interface Answer {
  status: number;
  body: string;
  headers: IncomingMessage["headers"];
}

interface Asked {
  port?: number;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  agent?: Agent;
}

let used = 0;

export class Bench {
  /** Its own for each test, so that no test sees another's listeners. */
  readonly address = `127.82.${process.pid % 250}.${(used++ % 250) + 1}`;
  readonly events = new EventLog();
  /** Instance id → address. */
  readonly machines = new Map<string, string>();
  readonly closers: (() => Promise<void>)[] = [];
  balancers: LoadBalancers;
  private readonly folder = mkdtempSync(join(tmpdir(), "retrofit-lb-"));

  constructor() {
    this.balancers = this.newBalancers();
  }

  /** In place of those before, which are closed. */
  async replace(options: Partial<Surroundings> = {}): Promise<void> {
    await this.balancers.close();
    this.balancers = this.newBalancers(options);
  }

  /** A target that is healthy and answers with its own id, or as told. */
  async machine(id: string, answer?: RequestListener): Promise<{ id: string; port: number }> {
    const app = await application((request, response) => {
      if (request.url === "/healthz") response.end("ok");
      else if (answer) answer(request, response);
      else response.end(id);
    });
    this.closers.push(app.close);
    this.machines.set(id, "127.0.0.1");
    return { id, port: app.port };
  }

  /** Applies the state and waits until no target is `initial` any more. */
  async serve(next: EmulatedState): Promise<void> {
    await this.balancers.apply(next);
    for (const { name, targets } of next.targetGroups) {
      const checked = () => targets.length === 0 || !this.healthStates(name).includes("initial");
      await until(`all of ${name} are checked`, checked);
    }
  }

  /** A request to the load balancer. */
  get(path = "/", asked: Asked = {}): Promise<Answer> {
    const { body, port = listenPort, method = "GET", headers = {}, agent = new Agent() } = asked;
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: this.address, port, path, method, headers, agent }, (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }),
        );
        response.on("error", reject);
      });
      request.on("error", reject);
      request.end(body);
    });
  }

  health(group: string) {
    return this.balancers.targetHealth()[groupArn(group)] ?? {};
  }

  healthStates(group: string): string[] {
    return Object.values(this.health(group)).map((target) => target.state);
  }

  async close(): Promise<void> {
    await this.balancers.close();
    await Promise.all(this.closers.map((close) => close()));
    rmSync(this.folder, { recursive: true });
  }

  private newBalancers(options: Partial<Surroundings> = {}): LoadBalancers {
    return new LoadBalancers({
      folder: this.folder,
      events: this.events,
      addressOf: (id) => this.machines.get(id),
      releaseOf: (id) => id,
      onHealthChange: () => {},
      log: () => {},
      ...options,
    });
  }
}
