"""A data disk that outlives its machine: attached and mounted by whichever machine needs it now."""
import os, pathlib, subprocess, time

from retrofit_metadata import metadata

ATTACH_SECONDS = 300


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def attempt(words, seconds, what):
    """Runs a command until it succeeds."""
    deadline = time.monotonic() + seconds
    while True:
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode == 0:
            return
        if time.monotonic() > deadline:
            raise SystemExit(f"{what}: {done.stderr.strip()}")
        time.sleep(2)


def attach_and_mount(volume, folder):
    device = pathlib.Path("/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_" + volume.replace("-", ""))
    if not device.exists():
        # The former machine may still be letting go of it.
        attempt(["aws", "ec2", "attach-volume", "--volume-id", volume, "--instance-id", metadata("instance-id"),
                 "--device", "/dev/sdf"], ATTACH_SECONDS, f"the data disk {volume} cannot be attached")
        while not device.exists():
            time.sleep(1)
    # Only a disk without anything on it is given a file system.
    if subprocess.run(["blkid", str(device)]).returncode == 2:
        run("mkfs.ext4", "-q", str(device))
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    if not os.path.ismount(folder):
        run("mount", "-o", "nodev,nosuid", str(device), folder)
    # The volume may have been made larger since.
    run("resize2fs", str(device))
