/**
 * The program on every machine that brings it to what its configuration says: at first boot, and later to look whether it
 * still is. In Python since cloud-init brings it, and with nothing but its standard library.
 *
 *     retrofit-configure boot     fetch the archive, check its sum, apply the role, report
 *     retrofit-configure apply    apply the role anew
 *     retrofit-configure check    change nothing; print as JSON what an apply would change
 *     retrofit-configure bake     apply the role, see that nothing is left to do, forget this one machine: for an image
 */
export const configureProgram = `#!/usr/bin/python3
import hashlib, json, os, pathlib, shutil, subprocess, sys, tarfile, time, urllib.request

DOCUMENT = pathlib.Path("/etc/retrofit/machine.json")
HOME = pathlib.Path("/var/lib/retrofit/configuration")
LOGS = pathlib.Path("/var/log/retrofit")
KEPT_LINES = 60
PACKAGES = {"puppet": ("puppet", "puppet-agent"), "ansible": ("ansible-playbook", "ansible-core"), "chef": ("cinc-client", None)}
FACTS = """#!/bin/sh
printf '{"retrofit":'
cat /etc/retrofit/machine.json
printf '}'
"""


class Failed(Exception):
    pass


def run(command, good=(0,), **more):
    """Runs a command into the log; its exit code has to be one of the good ones."""
    with open(LOGS / "first-boot.log", "ab") as log:
        log.write(f"$ {' '.join(command)}\\n".encode())
        log.flush()
        code = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **more).returncode
    if code not in good:
        raise Failed(f"{command[0]} ended with {code}")
    return code


def aws(document, *arguments):
    run(["aws", "--region", document["region"], *arguments])


def install(tool):
    """Only what the image does not have; cloud-init has asked for the same before."""
    program, package = PACKAGES[tool]
    if shutil.which(program):
        return
    if package is None:
        raise Failed(f"{program} is not on this image and has no package in the distribution: bake it into the image")
    manager = "apt-get" if shutil.which("apt-get") else "dnf"
    run([manager, "install", "-y", package], env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def fetch(document):
    wanted = document["configuration"]
    folder = HOME / wanted["sha256"][:12]
    if folder.exists():
        return folder
    HOME.mkdir(parents=True, exist_ok=True)
    archive = HOME / "archive.tar.gz"
    aws(document, "s3", "cp", "--no-progress", f"s3://{wanted['bucket']}/{wanted['key']}", str(archive))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != wanted["sha256"]:
        archive.unlink()
        raise Failed(f"the configuration has SHA-256 {digest}, user data names {wanted['sha256']}: not applied")
    part = HOME / "part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    with tarfile.open(archive) as tar:
        base = part.resolve()
        for member in tar.getmembers():
            place = (base / member.name).resolve()
            if base not in place.parents and place != base:
                raise Failed(f"the configuration reaches outside its folder: {member.name}")
            if not (member.isfile() or member.isdir()):
                raise Failed(f"the configuration holds something that is neither file nor folder: {member.name}")
        tar.extractall(base)
    archive.unlink()
    part.rename(folder)
    return folder


def command_for(document, folder, check):
    tool, role = document["configuration"]["tool"], document["role"]
    if tool == "puppet":
        facts = pathlib.Path("/etc/facter/facts.d/retrofit")
        facts.parent.mkdir(parents=True, exist_ok=True)
        facts.write_text(FACTS)
        facts.chmod(0o755)
        command = ["puppet", "apply", "--environmentpath", str(HOME), "--environment", folder.name,
                   "--detailed-exitcodes", "--color", "false"]
        changes = str(LOGS / "check.json")
        return command + (["--noop", "--logdest", changes] if check else []) + [str(folder / "manifests")], (0, 2)
    if tool == "ansible":
        command = ["ansible-playbook", "-c", "local", "-i", "localhost,", "-e", f"@{DOCUMENT}", str(folder / "roles" / f"{role}.yml")]
        return command + (["--check"] if check else []), (0,)
    command = ["cinc-client", "-z", "--chef-license", "accept", "-o", f"role[{role}]", "-j", str(DOCUMENT)]
    return command + (["--why-run"] if check else []), (0,)


def environment(folder):
    return {**os.environ, "HOME": "/root", "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_STDOUT_CALLBACK": "default", "ANSIBLE_ROLES_PATH": str(folder / "roles")}


def apply(document, folder, check=False):
    command, good = command_for(document, folder, check)
    return run(command, good, env=environment(folder), cwd=folder)


def check(document):
    LOGS.joinpath("check.json").unlink(missing_ok=True)
    folder = fetch(document)
    start = (LOGS / "first-boot.log").stat().st_size
    apply(document, folder, True)
    tool = document["configuration"]["tool"]
    if tool == "puppet":
        text = (LOGS / "check.json").read_text().strip()
        entries = json.loads(text if text.endswith("]") else text.rstrip(",") + "]")
        found = [f"{entry['source']}: {entry['message']}" for entry in entries if "current_value" in entry["message"]]
    else:
        with open(LOGS / "first-boot.log", "rb") as log:
            log.seek(start)
            lines = log.read().decode(errors="replace").splitlines()
        found = [line for line in lines if line.startswith(("changed:", "  * ", "Would "))]
    print(json.dumps({"configuration": document["configuration"]["sha256"], "changes": found}))


def machine_id():
    ask = urllib.request.Request("http://169.254.169.254/latest/api/token", method="PUT",
                                 headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"})
    token = urllib.request.urlopen(ask, timeout=5).read().decode()
    ask = urllib.request.Request("http://169.254.169.254/latest/meta-data/instance-id",
                                 headers={"X-aws-ec2-metadata-token": token})
    return urllib.request.urlopen(ask, timeout=5).read().decode()


def report(document, result):
    """To a file, to the console (EC2 keeps its end), and to the environment's log group."""
    text = json.dumps(result)
    (LOGS / "first-boot.json").write_text(text + "\\n")
    print(f"retrofit: first boot {result['result']} after {result['seconds']} s {result.get('reason', '')}", flush=True)
    group = document["configuration"].get("logGroup")
    if not group:
        return
    stream = f"{machine_id()}/{int(time.time())}"
    named = ["--log-group-name", group, "--log-stream-name", stream]
    events = [{"timestamp": int(time.time() * 1000), "message": text}]
    aws(document, "logs", "create-log-stream", *named)
    aws(document, "logs", "put-log-events", *named, "--log-events", json.dumps(events))


def boot(document):
    started = time.monotonic()
    result = {"result": "succeeded", "role": document["role"], "release": document.get("release"),
              "configuration": document["configuration"]["sha256"]}
    try:
        install(document["configuration"]["tool"])
        result["changed"] = apply(document, fetch(document)) == 2
    except Exception as error:
        lines = (LOGS / "first-boot.log").read_text(errors="replace").splitlines()
        result.update(result="failed", reason=str(error), lines=lines[-KEPT_LINES:])
    result["seconds"] = round(time.monotonic() - started, 1)
    try:
        report(document, result)
    except Exception as error:
        print(f"retrofit: the result could not be reported: {error}", flush=True)
    return 0 if result["result"] == "succeeded" else 1


def bake(document):
    folder = fetch(document)
    apply(document, folder)
    if apply(document, folder) == 2:
        raise Failed("a second run still changes something: the role is not ready for an image")
    # The archive stays, so that a machine with the same configuration need not fetch it.
    DOCUMENT.unlink()
    shutil.rmtree(LOGS)
    subprocess.run(["cloud-init", "clean", "--logs"], check=True)
    # Empty, each machine gets its own; were it gone, systemd would set its units to what distributions ship.
    pathlib.Path("/etc/machine-id").write_text("")


def main(what):
    LOGS.mkdir(mode=0o750, parents=True, exist_ok=True)
    (LOGS / "first-boot.log").touch(mode=0o640)
    document = json.loads(DOCUMENT.read_text())
    if what == "boot":
        return boot(document)
    try:
        {"check": check, "bake": bake, "apply": lambda _: apply(document, fetch(document))}[what](document)
    except Failed as error:
        sys.stderr.write(f"{error}\\n" + "\\n".join((LOGS / "first-boot.log").read_text().splitlines()[-KEPT_LINES:]) + "\\n")
        return 1
    return 0


if __name__ == "__main__":
    if sys.argv[1:] not in (["boot"], ["apply"], ["check"], ["bake"]):
        raise SystemExit("retrofit-configure boot | apply | check | bake")
    raise SystemExit(main(sys.argv[1]))
`;
