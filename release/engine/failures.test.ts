import { ExitCode } from "../errors";
import { explainFailure } from "./failures";

const LISTENER =
  "urn:pulumi:dev::retrofit::retrofit:web-tier:AutoscalingWebTier$aws:lb/listener:Listener::web";

function error(message: string, urn?: string) {
  return { severity: "error", message, ...(urn ? { urn } : {}) };
}

test("a gate's refusal is its own exit code and nothing but the gate's words", () => {
  const failure = explainFailure(
    [
      error(
        'before hook "web-gates" failed: [gate:smoke] 1 of 2 smoke checks failed: GET / answered 500.\nThe traffic is where it was.\n    at runSmokeTest (/some/where/smoke.ts:60:11)\n    at async Promise.all (index 0)\n',
        LISTENER,
      ),
      error("update failed"),
    ],
    new Error("code: -2\n stdout: a lot of noise"),
  );
  expect(failure.exitCode).toBe(ExitCode.turnedAway);
  expect(failure.json).toEqual({ gate: "smoke" });
  expect(failure.message).toBe(
    "1 of 2 smoke checks failed: GET / answered 500.\nThe traffic is where it was.\n    at async Promise.all (index 0)",
  );
});

test("a locked stack says who holds it since when, and how to free it", () => {
  const failure = explainFailure(
    [],
    new Error(
      "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n  file:///s/.pulumi/locks/organization/retrofit/dev/1.json: created by kim@build-7 (pid 4711) at 2026-11-22T15:00:00Z",
    ),
  );
  expect(failure.exitCode).toBe(ExitCode.failed);
  expect(failure.message).toContain("locked by kim@build-7 (process 4711) since 2026-11-22T15:00:00Z");
  expect(failure.hint).toContain("--force-unlock");
});

test("errors of resources name the resource and leave out what only repeats that something failed", () => {
  const failure = explainFailure(
    [
      error("creating ELBv2 Listener: AccessDenied", LISTENER),
      error("update failed"),
      error("creating ELBv2 Listener: AccessDenied", LISTENER),
    ],
    new Error("noise"),
  );
  expect(failure.message).toBe("listener web: creating ELBv2 Listener: AccessDenied");
  expect(failure.exitCode).toBe(ExitCode.failed);
});

test("several errors are told all at once", () => {
  const { message } = explainFailure([error("one", LISTENER), error("two")], new Error(""));
  expect(message).toBe("2 errors:\n  listener web: one\n  two");
});

test("mistakes in the file that only the program could find are wrong config", () => {
  const failure = explainFailure([error("Pulumi.dev.yaml has 2 mistakes:\n  x")], new Error(""));
  expect(failure.exitCode).toBe(ExitCode.wrongUse);
});

test("without any diagnostics the engine's last error line is told", () => {
  const failure = explainFailure(
    [],
    new Error("code: -2\n stdout: \n stderr: error: no Pulumi project found\n"),
  );
  expect(failure.message).toBe("no Pulumi project found");
});
