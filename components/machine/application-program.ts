/**
 * How a machine gets and runs a release, in Python since cloud-init brings it: shared by first boot and by the update in
 * place. `RETROFIT_ROOT` is empty on a real machine; in the sandbox it is the folder that stands for `/`.
 */
export const applicationProgram = String.raw`import hashlib, json, os, pathlib, shutil, subprocess, tarfile

ROOT = os.environ.get("RETROFIT_ROOT", "")
DOCUMENT = pathlib.Path(ROOT + "/etc/retrofit/machine.json")

def folder_of(document):
    return pathlib.Path(ROOT + "/opt") / document["application"]["name"] / document["release"]

def sum_file(folder):
    return folder / ".retrofit-sha256"

def fetch(document):
    """Fetches the release and checks its sum before anything of it is unpacked. One that is there is left as it is."""
    artifact, home, known = document["application"]["artifact"], folder_of(document), sum_file(folder_of(document))
    if home.is_dir() and known.is_file() and known.read_text().strip() == artifact["sha256"]:
        return
    archive = pathlib.Path(ROOT + "/var/cache/retrofit/artifact.tar.gz")
    archive.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["aws", "--region", document["region"], "s3", "cp", "--no-progress",
                    f"s3://{artifact['bucket']}/{artifact['key']}", str(archive)], check=True)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != artifact["sha256"]:
        archive.unlink()
        raise SystemExit(f"artifact has SHA-256 {digest}, the release names {artifact['sha256']}: not started")
    unpack(archive, home, artifact["sha256"])
    archive.unlink()

def unpack(archive, home, digest):
    """Into a folder beside, so that one that is cut off is never taken for a release."""
    partial = home.parent / f".{home.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    base = partial.resolve()
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            if base not in (base / member.name).resolve().parents and (base / member.name).resolve() != base:
                raise SystemExit(f"artifact reaches outside its folder: {member.name}")
            if not (member.isfile() or member.isdir()):
                raise SystemExit(f"artifact holds something that is neither file nor folder: {member.name}")
        tar.extractall(base)
    sum_file(partial).write_text(digest + "\n")
    shutil.rmtree(home, ignore_errors=True)
    partial.rename(home)

def quoted(value):
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'

def write_unit(document):
    application = document["application"]
    machine = pathlib.Path(ROOT + "/var/lib/cloud/data/instance-id").read_text().strip()
    variables = {**application.get("environment", {}), "HOST": "0.0.0.0", "PORT": application["port"],
                 "RELEASE": document["release"], "ENVIRONMENT": document["environment"], "MACHINE_ID": machine}
    lines = "\n".join(f"Environment={quoted(f'{key}={value}')}" for key, value in variables.items())
    # Read anew at each start, so that a restart is all that a rotated password takes. The file is in memory and root's alone.
    secrets = "" if not application.get("secrets") else (
        "ExecStartPre=+/usr/local/sbin/retrofit-secrets\nEnvironmentFile=-/run/retrofit/application.env")
    bind = "AmbientCapabilities=CAP_NET_BIND_SERVICE" if application["port"] < 1024 else "CapabilityBoundingSet="
    unit = pathlib.Path(ROOT + "/etc/systemd/system/application.service")
    unit.parent.mkdir(parents=True, exist_ok=True)
    unit.write_text(f"""[Unit]
Description={application["name"]} {document["release"]}
Wants=network-online.target
After=network-online.target
[Service]
WorkingDirectory={folder_of(document)}
ExecStart=/bin/sh -c {quoted("exec " + application["command"])}
{lines}
{secrets}
DynamicUser=yes
StateDirectory=application
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
{bind}
Restart=on-failure
RestartSec=1
TimeoutStopSec=30
[Install]
WantedBy=multi-user.target
""")
    subprocess.run(["systemctl", "daemon-reload"], check=True)
`;
