/**
 * What a machine is: packages with their versions, files with their sums, modes and owners, and which units start. Taken by a
 * program in Python, which every machine has, so that it runs by SSM, in a container and in a test alike.
 */
import { gunzipSync } from "node:zlib";

/** Runs a shell script, as root, where the portrait is to be taken; gives what it printed. */
export type Shell = (script: string) => Promise<string>;

export interface Fact {
  readonly value: string;
  /** It was there before the machine's first boot: its image brought it. */
  readonly before: boolean;
}

export interface Portrait {
  /** Short sums of the configurations that were applied. */
  readonly configurations: readonly string[];
  /** By kind and name: `package chrony`, `file /etc/fstab`, `unit ssh.service`. */
  readonly facts: ReadonlyMap<string, Fact>;
}

/** SSM keeps 24,000 characters of what a command printed. */
export const SSM_PAGE = 23_000;

/** Takes the portrait, in as many pieces as the shell's limit on output wants. */
export async function takePortrait(shell: Shell, pageSize: number): Promise<Portrait> {
  let text = "";
  for (let page = 0, pages = 1; page < pages; page += 1) {
    const answer = JSON.parse(await shell(portraitScript(page, pageSize))) as { pages: number; text: string };
    pages = answer.pages;
    text += answer.text;
  }
  const { configurations, facts } = JSON.parse(gunzipSync(Buffer.from(text, "base64")).toString("utf8")) as {
    configurations: string[];
    facts: Record<string, [value: string, before: boolean]>;
  };
  const named = Object.entries(facts).map(([name, [value, before]]) => [name, { value, before }] as const);
  return { configurations, facts: new Map(named) };
}

function portraitScript(page: number, pageSize: number): string {
  return `python3 - ${page} ${pageSize} <<'RETROFIT'\n${PORTRAIT}RETROFIT`;
}

/** The later pages are read from what the first one left in memory, so that all are of one moment. */
const PORTRAIT = String.raw`
import base64, grp, gzip, hashlib, json, math, os, pathlib, pwd, subprocess, sys

if os.environ.get("RETROFIT_ROOT"):
    raise SystemExit("this machine of the sandbox is a process with a folder: it has no packages of its own to compare")

TREES = ["/etc", "/opt", "/usr/local", "/usr/lib/systemd", "/srv"]
UNITS = ["/etc/systemd/system", "/usr/lib/systemd/system"]
KEPT = pathlib.Path("/run/retrofit-portrait")
page, size = int(sys.argv[1]), int(sys.argv[2])


def lines(*command):
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    if done.returncode:
        raise SystemExit(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout.splitlines()


def called(find, number):
    try:
        return find(number)[0]
    except KeyError:
        return str(number)


def changed(path):
    try:
        return os.lstat(path).st_ctime
    except OSError:
        return math.inf


def packages():
    for line in lines("dpkg-query", "-W", "-f", "${"$"}{binary:Package}\t${"$"}{Version} ${"$"}{db:Status-Status}\n"):
        name, value = line.split("\t")
        yield f"package {name.split(':')[0]}", value, changed(f"/var/lib/dpkg/info/{name}.list")


def files():
    for tree in TREES:
        device = os.lstat(tree).st_dev if os.path.exists(tree) else None
        for folder, below, names in os.walk(tree):
            below[:] = [one for one in below if os.path.islink(p := os.path.join(folder, one)) or os.lstat(p).st_dev == device]
            for path in [os.path.join(folder, one) for one in [*below, *names]]:
                found = os.lstat(path)
                owner = f"{found.st_mode & 0o7777:o} {called(pwd.getpwuid, found.st_uid)} {called(grp.getgrgid, found.st_gid)}"
                content = ""
                if os.path.islink(path):
                    content = f" -> {os.readlink(path)}"
                elif os.path.isfile(path):
                    content = " " + hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()[:16]
                yield f"file {path}", owner + content, found.st_ctime


def units():
    # Read from the files, as in a container nothing else could be asked.
    for line in lines("systemctl", "--root=/", "list-unit-files", "--no-legend", "--no-pager", "--full"):
        name, state = line.split()[:2]
        yield f"unit {name}", at_rest(name, state), min(changed(os.path.join(folder, name)) for folder in UNITS)


def at_rest(name, state):
    """What was enabled for this run alone is as its file says: a container has no such run."""
    if not state.endswith("-runtime"):
        return state
    file = next((one for one in (pathlib.Path(folder, name) for folder in UNITS) if one.exists()), None)
    return "disabled" if file and "[Install]" in file.read_text() else "static"


def portrait():
    booted = changed("/etc/machine-id")
    found = [fact for kind in (packages, files, units) for fact in kind()]
    home = pathlib.Path("/var/lib/retrofit/configuration")
    return {"configurations": sorted(one.name for one in home.iterdir()) if home.is_dir() else [],
            "facts": {name: [value, since < booted] for name, value, since in sorted(found)}}


if page == 0:
    KEPT.write_text(base64.b64encode(gzip.compress(json.dumps(portrait()).encode())).decode())
text = KEPT.read_text()
print(json.dumps({"pages": max(1, math.ceil(len(text) / size)), "text": text[page * size:(page + 1) * size]}))
`;
