import { applicationProgram } from "./application-program";

/**
 * What a machine does at first boot: fetch the artifact named in `/etc/retrofit/machine.json`, check its sum before
 * anything of it is run, and run it as a hardened unit.
 */
export const bootProgram = `#!/usr/bin/python3
${applicationProgram}
document = json.loads(DOCUMENT.read_text())
fetch(document)
write_unit(document)
subprocess.run(["systemctl", "enable", "--now", "application.service"], check=True)
`;
