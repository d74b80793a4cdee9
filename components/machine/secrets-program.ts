/**
 * What a machine does before each start of the application that has secrets, in Python since cloud-init brings it: read
 * them from Secrets Manager with the machine's role, into a file that systemd reads and nobody else may.
 */
export const secretsProgram = `#!/usr/bin/python3
import json, os, pathlib, subprocess, sys, time

document = json.loads(pathlib.Path("/etc/retrofit/machine.json").read_text())
texts = {}

def text_of(arn):
    for wait in (1, 2, 4, 8, 0):
        asked = subprocess.run(["aws", "--region", document["region"], "secretsmanager", "get-secret-value",
                                "--secret-id", arn, "--query", "SecretString", "--output", "text"],
                               capture_output=True, text=True)
        if asked.returncode == 0:
            return asked.stdout.removesuffix("\\n")
        time.sleep(wait)
    sys.exit(f"secret {arn} cannot be read: {asked.stderr.strip()}")

def quoted(value):
    escaped = value
    for character in ("\\\\", '"', "$", "\`"):
        escaped = escaped.replace(character, "\\\\" + character)
    return '"' + escaped + '"'

lines = []
for name, secret in document["application"].get("secrets", {}).items():
    arn = secret["arn"]
    if arn not in texts:
        texts[arn] = text_of(arn)
    value = json.loads(texts[arn])[secret["key"]] if secret.get("key") else texts[arn]
    lines.append(f"{name}={quoted(str(value))}\\n")
folder = pathlib.Path("/run/retrofit")
folder.mkdir(mode=0o700, exist_ok=True)
part = folder / "application.env.part"
part.touch(mode=0o600)
part.write_text("".join(lines))
os.replace(part, folder / "application.env")
`;
