/**
 * What a machine does at first boot, in Python since cloud-init brings it: fetch the artifact named in
 * `/etc/retrofit/machine.json`, check its sum before anything of it is run, and run it as a hardened unit.
 */
export const bootProgram = `#!/usr/bin/python3
import hashlib, json, pathlib, subprocess, tarfile, urllib.request

document = json.loads(pathlib.Path("/etc/retrofit/machine.json").read_text())
application = document["application"]
artifact = application["artifact"]
archive = pathlib.Path("/var/cache/retrofit/artifact.tar.gz")
archive.parent.mkdir(parents=True, exist_ok=True)
subprocess.run(["aws", "--region", document["region"], "s3", "cp", "--no-progress",
                f"s3://{artifact['bucket']}/{artifact['key']}", str(archive)], check=True)
digest = hashlib.sha256(archive.read_bytes()).hexdigest()
if digest != artifact["sha256"]:
    archive.unlink()
    raise SystemExit(f"artifact has SHA-256 {digest}, the release names {artifact['sha256']}: not started")
home = pathlib.Path("/opt") / application["name"] / document["release"]
home.mkdir(parents=True, exist_ok=True)
with tarfile.open(archive) as tar:
    base = home.resolve()
    for member in tar.getmembers():
        if base not in (base / member.name).resolve().parents and (base / member.name).resolve() != base:
            raise SystemExit(f"artifact reaches outside its folder: {member.name}")
        if not (member.isfile() or member.isdir()):
            raise SystemExit(f"artifact holds something that is neither file nor folder: {member.name}")
    tar.extractall(home)

def metadata(path):
    token = urllib.request.Request("http://169.254.169.254/latest/api/token", method="PUT",
                                   headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"})
    secret = urllib.request.urlopen(token, timeout=5).read().decode()
    request = urllib.request.Request(f"http://169.254.169.254/latest/meta-data/{path}",
                                     headers={"X-aws-ec2-metadata-token": secret})
    return urllib.request.urlopen(request, timeout=5).read().decode()

def quoted(value):
    return '"' + str(value).replace("\\\\", "\\\\\\\\").replace('"', '\\\\"').replace("%", "%%") + '"'

variables = {**application["environment"], "HOST": "0.0.0.0", "PORT": application["port"],
             "RELEASE": document["release"], "ENVIRONMENT": document["environment"],
             "MACHINE_ID": metadata("instance-id")}
lines = "\\n".join(f"Environment={quoted(f'{key}={value}')}" for key, value in variables.items())
# Read anew at each start, so that a restart is all that a rotated password takes. The file is in memory and root's alone.
secrets = "" if not application.get("secrets") else (
    "ExecStartPre=+/usr/local/sbin/retrofit-secrets\\nEnvironmentFile=-/run/retrofit/application.env")
bind = "AmbientCapabilities=CAP_NET_BIND_SERVICE" if application["port"] < 1024 else "CapabilityBoundingSet="
pathlib.Path("/etc/systemd/system/application.service").write_text(f"""[Unit]
Description={application["name"]} {document["release"]}
Wants=network-online.target
After=network-online.target
[Service]
WorkingDirectory={home}
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
subprocess.run(["systemctl", "enable", "--now", "application.service"], check=True)
`;
