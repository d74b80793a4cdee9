import { type ChildProcess, spawn } from "node:child_process";
import { sandboxMarker } from "./processes";

/**
 * Waits for the end of its standard input, which comes when the daemon has ended in whatever way, and then ends every
 * process that carries the sandbox's marker: SIGTERM once, SIGKILL after three seconds.
 * A shell, since it has to be small and to have nothing in common with what it watches.
 */
const script = `
trap '' HUP INT TERM
while read -r line; do :; done
tries=0
while [ $tries -lt 100 ]; do
  pids=$(grep -lszxF "$1" /proc/[0-9]*/environ | cut -d/ -f3)
  [ -n "$pids" ] || exit 0
  if [ $tries -eq 0 ]; then kill -TERM $pids; elif [ $tries -ge 30 ]; then kill -KILL $pids; fi 2>/dev/null
  tries=$((tries + 1))
  sleep 0.1
done
`;

/** Starts the guardian of this process's children. It has no marker itself and a session of its own. */
export function startGuardian(id: string): ChildProcess {
  const guardian = spawn("sh", ["-c", script, "retrofit-guardian", `${sandboxMarker}=${id}`], {
    detached: true,
    cwd: "/",
    env: { PATH: process.env.PATH ?? "/usr/bin:/bin" },
    stdio: ["pipe", "ignore", "ignore"],
  });
  guardian.unref();
  return guardian;
}
