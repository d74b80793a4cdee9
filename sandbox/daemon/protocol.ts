/**
 * The daemon's control protocol: newline-separated JSON over a Unix socket.
 * To the daemon: `{"id", "command", "input"}`. From it: `{"id", "result"}` or `{"id", "error": {"message", "hint"}}`,
 * and after `watch` also `{"event"}`.
 */
import type { Connection } from "../environment";
import type { Fault, SandboxStatus } from "../status";

export interface Commands {
  status: { input: Record<string, never>; result: SandboxStatus };
  /** How to reach it. */
  connection: { input: Record<string, never>; result: Connection };
  /** This connection is a lease until it closes. The result marks what the leaseholder starts. */
  lease: { input: Record<string, never>; result: { markers: Record<string, string> } };
  /** It stays until `stop`. */
  keep: { input: Record<string, never>; result: Record<string, never> };
  stop: { input: Record<string, never>; result: Record<string, never> };
  /** Events from now on, and kept ones since an epoch in milliseconds. */
  watch: { input: { since?: number }; result: Record<string, never> };
  /** What `systemctl` on a machine does with the application's unit. */
  unit: {
    input: { instanceId: string; verb: "start" | "stop" | "restart" | "is-active" };
    result: { active: boolean };
  };
  fault: { input: Fault; result: Record<string, never> };
}
