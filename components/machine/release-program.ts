import { applicationProgram } from "./application-program";
import type { MachineDocument } from "./first-boot";

/** What a machine is asked about itself before it counts as good again. */
export interface LocalChecks {
  readonly healthPath: string;
  /** Seconds in which it must answer its health path with 200 after the restart. */
  readonly healthSeconds: number;
  readonly smoke: readonly { readonly path: string; readonly status?: number; readonly contains?: string }[];
}

/** What a machine says that it runs. */
export interface MachineRelease {
  readonly document: MachineDocument;
  /** Whether the application is running. */
  readonly active: boolean;
}

const ASK = `
active = subprocess.run(["systemctl", "is-active", "application.service"], capture_output=True).returncode == 0
print(json.dumps({"document": json.loads(DOCUMENT.read_text()), "active": active}))
`;

/** The machine is out of the load balancer's rotation while this runs. */
const SWITCH = String.raw`
import fcntl, time, urllib.error, urllib.request

# A command of a run that was killed may still be at work: the later one waits for it, and has the last word.
pathlib.Path(ROOT + "/run").mkdir(exist_ok=True)
alone = open(ROOT + "/run/retrofit-release.lock", "w")
fcntl.flock(alone, fcntl.LOCK_EX)

def ask(path):
    # In the sandbox an application listens on its machine's own address.
    url = f"http://{os.environ.get('RETROFIT_ADDRESS', '127.0.0.1')}:{wanted['application']['port']}{path}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=10) as answer:
            return answer.status, answer.read(262144).decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read(262144).decode("utf-8", "replace")
    except OSError as error:
        return 0, str(error)

def wait_until_healthy():
    deadline = time.monotonic() + checks["healthSeconds"]
    while True:
        status, body = ask(checks["healthPath"])
        if status == 200:
            return
        if time.monotonic() > deadline:
            seen = f"answered {status}" if status else f"gave no answer ({body})"
            raise SystemExit(f"[health] {checks['healthPath']} {seen} for {checks['healthSeconds']} s")
        time.sleep(0.5)

def smoke_test():
    failed = []
    for check in checks["smoke"]:
        status, body = ask(check["path"])
        if status != check.get("status", 200):
            failed.append(f"GET {check['path']} answered {status}, expected {check.get('status', 200)}")
        elif check.get("contains") is not None and check["contains"] not in body:
            failed.append(f"GET {check['path']} answered without {check['contains']!r}")
    if failed:
        raise SystemExit("[smoke] " + "; ".join(failed))

def keep_two(former):
    """The release that runs and the one before it; older ones go."""
    kept = {folder_of(wanted).name, folder_of(former).name}
    for folder in folder_of(wanted).parent.iterdir():
        if folder.is_dir() and folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)

former = json.loads(DOCUMENT.read_text())
# A machine with a configuration is brought to the document by it, or the next look would call it a drift.
configure = pathlib.Path("/usr/local/sbin/retrofit-configure")
configured = bool(wanted.get("configuration")) and not ROOT and configure.exists()
try:
    if not configured:
        fetch(wanted)
except subprocess.CalledProcessError as error:
    raise SystemExit(f"[artifact] {wanted['application']['artifact']['key']} cannot be fetched: {error}")
partial = DOCUMENT.with_suffix(".partial")
partial.write_text(json.dumps(wanted, indent=1) + "\n")
partial.rename(DOCUMENT)
if configured:
    subprocess.run([str(configure), "apply"], check=True)
else:
    write_unit(wanted)
    subprocess.run(["systemctl", "restart", "application.service"], check=True)
wait_until_healthy()
smoke_test()
keep_two(former)
print(json.dumps({"release": wanted["release"]}))
`;

/** Asks a machine what it runs; the answer is read by {@link readMachineRelease}. */
export function askScript(): string[] {
  return [python(`${applicationProgram}${ASK}`)];
}

/**
 * Gives a machine another release: fetched and verified first, then switched and restarted, then asked for its health
 * and the smoke checks. The former release stays on the machine, so that going back needs no download.
 */
export function switchScript(document: MachineDocument, checks: LocalChecks): string[] {
  // As base64: whatever is in there can neither end the shell's here-document nor a text of Python's.
  const given = Buffer.from(JSON.stringify({ document, checks })).toString("base64");
  const start = `import base64, json\ngiven = json.loads(base64.b64decode("${given}"))\nwanted, checks = given["document"], given["checks"]\n`;
  return [python(`${start}${applicationProgram}${SWITCH}`)];
}

export function readMachineRelease(stdout: string): MachineRelease {
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as MachineRelease;
}

function python(program: string): string {
  return `python3 - <<'RETROFIT'\n${program}\nRETROFIT`;
}
