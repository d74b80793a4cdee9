import { METADATA_FUNCTION } from "./metadata";

/**
 * What a Docker host does besides its containers, in Python: at boot it attaches and mounts its data disk, fetches the
 * declaration and converges; while it runs it watches for its own end and drains before it goes. Settings come from
 * `/etc/retrofit/docker-host.json`.
 */
export const hostProgram = `#!/usr/bin/python3
import json, os, pathlib, subprocess, sys, time, urllib.request

settings = json.loads(pathlib.Path("/etc/retrofit/docker-host.json").read_text())
declaration = "/etc/retrofit/containers.json"
os.environ["AWS_DEFAULT_REGION"] = settings["region"]


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


${METADATA_FUNCTION}


def disk():
    volume = settings.get("volumeId")
    if not volume:
        return
    device = pathlib.Path("/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_" + volume.replace("-", ""))
    if not device.exists():
        # The former host may still be letting go of it.
        for attempt in range(60):
            done = subprocess.run(["aws", "ec2", "attach-volume", "--volume-id", volume, "--instance-id",
                                   metadata("instance-id"), "--device", "/dev/sdf"], capture_output=True, text=True)
            if done.returncode == 0:
                break
            time.sleep(5)
        else:
            raise SystemExit(f"the data disk {volume} cannot be attached: {done.stderr.strip()}")
        while not device.exists():
            time.sleep(1)
    # Only a disk without anything on it is given a file system.
    if subprocess.run(["blkid", str(device)]).returncode == 2:
        run("mkfs.ext4", "-q", str(device))
    pathlib.Path(settings["disk"]).mkdir(parents=True, exist_ok=True)
    if not os.path.ismount(settings["disk"]):
        run("mount", "-o", "nodev,nosuid", str(device), settings["disk"])


def boot():
    disk()
    apply(settings["declaration"])


def apply(source):
    """The declaration becomes this host's only when the host has become what it says."""
    run("aws", "s3", "cp", "--only-show-errors", source, declaration + ".next")
    done = subprocess.run(["/usr/local/sbin/retrofit-containers", "converge", declaration + ".next", str(settings["host"])])
    if done.returncode != 0:
        raise SystemExit(done.returncode)
    os.replace(declaration + ".next", declaration)


def watch():
    while True:
        try:
            state = metadata("autoscaling/target-lifecycle-state")
        except OSError:
            state = ""
        if state == "Terminated":
            subprocess.run(["/usr/local/sbin/retrofit-containers", "drain"])
            if settings.get("volumeId") and os.path.ismount(settings["disk"]):
                run("umount", settings["disk"])
                run("aws", "ec2", "detach-volume", "--volume-id", settings["volumeId"])
            instance = metadata("instance-id")
            group = run("aws", "autoscaling", "describe-auto-scaling-instances", "--instance-ids", instance,
                        "--query", "AutoScalingInstances[0].AutoScalingGroupName", "--output", "text")
            run("aws", "autoscaling", "complete-lifecycle-action", "--lifecycle-hook-name", "drain",
                "--auto-scaling-group-name", group, "--instance-id", instance, "--lifecycle-action-result", "CONTINUE")
            return
        time.sleep(5)


{"boot": boot, "watch": watch, "apply": lambda: apply(sys.argv[2])}[sys.argv[1]]()
`;
