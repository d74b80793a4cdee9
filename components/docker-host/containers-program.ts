import { METADATA_FUNCTION } from "./metadata";

/**
 * What a Docker host runs to make its containers what the declaration says, in Python since the image brings it. It is the
 * only thing that starts and stops containers, so that an update, the boot of a new machine and a repair are one code path:
 *
 *     retrofit-containers converge <file> <host number>   bring up, move the traffic, take away
 *     retrofit-containers drain                           take the traffic off and stop everything
 *
 * New versions come up beside the old ones; when one does not get healthy, what was started is removed and the old ones
 * go on as they were. Run again after a kill, it finishes what was begun. Progress is one JSON object per line.
 * `RETROFIT_REGISTRAR` names a program that is asked `register|deregister|state <target group> <port>` in place of AWS.
 */
export const containersProgram = String.raw`#!/usr/bin/python3
import calendar, hashlib, http.client, json, os, socket, subprocess, sys, time, urllib.parse, urllib.request

SOCKET = os.environ.get("RETROFIT_DOCKER_SOCKET", "/var/run/docker.sock")
READY = float(os.environ.get("RETROFIT_READY_SECONDS", "300"))
SECOND = 1000000000


class Failure(Exception):
    pass


def say(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


class Daemon(http.client.HTTPConnection):
    def __init__(self):
        super().__init__("docker", timeout=600)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(SOCKET)


def docker(method, path, body=None, accept=(200, 201, 204, 304)):
    daemon = Daemon()
    try:
        payload = None if body is None else json.dumps(body)
        daemon.request(method, "/v1.41" + path, payload, {"Content-Type": "application/json"})
        answer = daemon.getresponse()
        text = answer.read()
    finally:
        daemon.close()
    if answer.status not in accept:
        raise Failure(f"docker {method} {path}: {answer.status} {text.decode(errors='replace').strip()[:300]}")
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def command(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"{' '.join(words[:3])}: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout.strip()


# ---- what is there ----

def existing():
    filters = urllib.parse.quote(json.dumps({"label": ["retrofit.container"]}))
    found = []
    for one in docker("GET", f"/containers/json?all=1&filters={filters}"):
        inspected = docker("GET", f"/containers/{one['Id']}/json", accept=(200, 404))
        if inspected and "Config" in inspected:
            labels = inspected["Config"]["Labels"]
            declared = json.loads(labels["retrofit.declaration"])
            found.append({"id": inspected["Id"], "name": declared["name"], "hash": labels["retrofit.hash"],
                          "ports": json.loads(labels["retrofit.ports"]), "stop": declared["stopSeconds"],
                          "declared": declared, "ready": ready(inspected)})
    return found


def ready(inspected):
    state = inspected["State"]
    if not state["Running"] or state.get("Restarting"):
        return False
    if "Health" in state:
        return state["Health"]["Status"] == "healthy"
    started = calendar.timegm(time.strptime(state["StartedAt"][:19], "%Y-%m-%dT%H:%M:%S"))
    return time.time() - started >= 5


def digest(container):
    return hashlib.sha256(json.dumps(container, sort_keys=True).encode()).hexdigest()


# ---- bringing up ----

def host_ports(container, busy):
    chosen = []
    for port in container["ports"]:
        if "host" not in port:
            chosen.append({**port, "host": None})
            continue
        pair = [port["host"], port["host"] + 1]
        free = [number for number in pair if number not in busy]
        if not free:
            raise Failure(f"{container['name']}: both ports {pair} are in use on this host")
        chosen.append({**port, "host": free[0]})
    return chosen


def secrets(container):
    values = {}
    for name, secret in container["secrets"].items():
        text = command("aws", "secretsmanager", "get-secret-value", "--secret-id", secret["arn"],
                       "--query", "SecretString", "--output", "text")
        values[name] = json.loads(text)[secret["key"]] if secret.get("key") else text
    return values


def have_image(image):
    found = docker("GET", f"/images/{urllib.parse.quote(image, safe='')}/json", accept=(200, 404))
    if not (found and "Id" in found):
        say("pulling", image=image)
        command("docker", "--host", "unix://" + SOCKET, "pull", "--quiet", image)


def start(container, key, ports, started):
    have_image(container["image"])
    health = container.get("health")
    environment = {**container["environment"], **secrets(container)}
    body = {
        "Image": container["image"],
        "Env": [f"{name}={value}" for name, value in environment.items()],
        "Labels": {"retrofit.container": container["name"], "retrofit.hash": key, "retrofit.ports": json.dumps(ports),
                   "retrofit.declaration": json.dumps(container)},
        "ExposedPorts": {f"{port['container']}/tcp": {} for port in ports},
        "StopTimeout": container["stopSeconds"],
        "HostConfig": {
            "Memory": container["memoryMb"] << 20,
            "MemorySwap": container["memoryMb"] << 20,
            "NanoCpus": int(container["cpus"] * SECOND),
            "PidsLimit": container["pids"],
            "RestartPolicy": {"Name": "unless-stopped"},
            "CapDrop": ["ALL"],
            "CapAdd": container["capabilities"],
            "SecurityOpt": ["no-new-privileges"],
            "ReadonlyRootfs": container["readOnlyRoot"],
            "Tmpfs": {"/tmp": "rw,noexec,nosuid,size=64m"},
            "Binds": [f"{one['path']}:{one['mount']}:{'ro' if one['readOnly'] else 'rw'}" for one in container["volumes"]],
            "PortBindings": {f"{port['container']}/tcp": [{"HostPort": str(port["host"])}] for port in ports if port["host"]},
            "Privileged": container["privileged"],
            "NetworkMode": "host" if container["hostNetwork"] else apart(),
            **({"UsernsMode": "host"} if container["hostNetwork"] or container["privileged"] else {}),
        },
    }
    if container["command"]:
        body["Cmd"] = container["command"]
    if container.get("user"):
        body["User"] = container["user"]
    if health:
        body["Healthcheck"] = {"Test": ["CMD", *health["command"]], "Interval": int(health["interval"] * SECOND),
                               "Timeout": int(health["timeout"] * SECOND), "Retries": health["retries"],
                               "StartPeriod": int(health["start"] * SECOND)}
    for one in container["volumes"]:
        if one["type"] != "share":
            os.makedirs(one["path"], exist_ok=True)
    created = docker("POST", f"/containers/create?name={container['name']}-{key[:8]}", body)["Id"]
    one = {"id": created, "name": container["name"], "hash": key, "ports": ports, "stop": container["stopSeconds"]}
    # Noted before it can fail: what was made is what has to be taken away.
    started.append(one)
    for other in container["dependsOn"]:
        docker("POST", f"/networks/{network(other)}/connect", {"Container": created})
    docker("POST", f"/containers/{created}/start")
    return one


def make_network(name, **more):
    if "Id" not in (docker("GET", f"/networks/{name}", accept=(200, 404)) or {}):
        docker("POST", "/networks/create", {"Name": name, **more})
    return name


def apart():
    """Where all containers are and none reaches another; the default bridge does the same but has no names."""
    return make_network("retrofit", Options={"com.docker.network.bridge.enable_icc": "false"})


def network(name):
    """The network on which a container is reached by those that depend on it."""
    return make_network("retrofit-" + name, Internal=True)


def wait_ready(one):
    deadline = time.time() + READY
    while True:
        inspected = docker("GET", f"/containers/{one['id']}/json")
        if ready(inspected):
            return
        state = inspected["State"]
        status = state.get("Health", {}).get("Status")
        if status == "unhealthy" or inspected["RestartCount"] > 2 or time.time() > deadline:
            raise Failure(f"{one['name']} did not get healthy ({status or state['Status']}, exit code {state['ExitCode']}, "
                          f"restarted {inspected['RestartCount']} times). Its last lines:\n{last_lines(one['id'])}")
        time.sleep(0.3)


def last_lines(container):
    raw = docker("GET", f"/containers/{container}/logs?stdout=1&stderr=1&tail=20", accept=(200, 400, 500, 501))
    if not isinstance(raw, bytes):
        return "(no log)"
    # Frames of eight bytes of header and a length, where there is no terminal.
    lines, at = [], 0
    while at + 8 <= len(raw):
        size = int.from_bytes(raw[at + 4:at + 8], "big")
        lines.append(raw[at + 8:at + 8 + size].decode(errors="replace"))
        at += 8 + size
    return "".join(lines)[-2000:] or "(no log)"


def remove(one, stop=True):
    if stop:
        docker("POST", f"/containers/{one['id']}/stop?t={one['stop']}", accept=(204, 304, 404))
    docker("DELETE", f"/containers/{one['id']}?force=1", accept=(204, 404, 409))


# ---- traffic ----

def registrar(action, group, port):
    program = os.environ.get("RETROFIT_REGISTRAR")
    if program:
        return command(program, action, group, str(port))
    target = f"Id={instance_id()},Port={port}"
    if action == "state":
        return command("aws", "elbv2", "describe-target-health", "--target-group-arn", group, "--targets", target,
                       "--query", "TargetHealthDescriptions[0].TargetHealth.State", "--output", "text")
    return command("aws", "elbv2", action + "-targets", "--target-group-arn", group, "--targets", target)


def wait_for_target(group, port, states):
    deadline = time.time() + READY
    while True:
        state = registrar("state", group, port)
        if state in states:
            return
        if time.time() > deadline:
            raise Failure(f"port {port} is {state} at the load balancer, not {' or '.join(states)}")
        time.sleep(0.3)


def routed(one):
    return [(port["targetGroupArn"], port["host"]) for port in one["ports"] if port.get("targetGroupArn")]


def give_traffic(one):
    for group, port in routed(one):
        registrar("register", group, port)
    for group, port in routed(one):
        wait_for_target(group, port, ["healthy"])


def take_traffic(one):
    for group, port in routed(one):
        registrar("deregister", group, port)
    for group, port in routed(one):
        wait_for_target(group, port, ["unused", "None", "absent"])


def answer_to_name(one, old):
    """Those that depend on a container find it by its name: the new one, from now on."""
    name = network(one["name"])
    attached = docker("GET", f"/containers/{one['id']}/json")["NetworkSettings"]["Networks"]
    if name not in attached:
        docker("POST", f"/networks/{name}/connect", {"Container": one["id"], "EndpointConfig": {"Aliases": [one["name"]]}})
    for other in old:
        docker("POST", f"/networks/{name}/disconnect", {"Container": other["id"], "Force": True}, accept=(200, 403, 404, 500))


# ---- the whole ----

def converge(wanted):
    now = existing()
    others = {container["name"]: [] for container in wanted}
    current, started, halted = {}, [], []
    needed = {other for container in wanted for other in container["dependsOn"]}
    try:
        for container in wanted:
            name, key = container["name"], digest(container)
            mine = [one for one in now if one["name"] == name]
            same = next((one for one in mine if one["hash"] == key and one["ready"]), None)
            old = [one for one in mine if one["hash"] != key]
            # What a run that was killed left half-way: it never served, and stands on the ports that are needed.
            serving = [one for one in old if one["ready"]] or old
            for broken in [one for one in mine if one is not same and one not in serving]:
                take_traffic(broken)
                remove(broken, stop=False)
            old = serving
            others[name] = old
            if same:
                current[name] = same
                continue
            if container["update"] == "stopFirst":
                for one in old:
                    take_traffic(one)
                    docker("POST", f"/containers/{one['id']}/stop?t={one['stop']}", accept=(204, 304))
                    halted.append(one)
            # Not even those of a container that was stopped: a daemon that was restarted meanwhile may hold on to them.
            busy = [port["host"] for one in old for port in one["ports"]]
            say("starting", container=name, hash=key[:8])
            new = start(container, key, host_ports(container, busy), started)
            wait_ready(new)
            current[name] = new
            say("healthy", container=name, hash=key[:8])
            if name in needed and not old:
                answer_to_name(new, [])
        for container in wanted:
            give_traffic(current[container["name"]])
    except (Failure, OSError) as error:
        say("putting back", error=str(error))
        put_back(started, halted)
        raise Failure(str(error))
    for container in wanted:
        name = container["name"]
        if name in needed:
            answer_to_name(current[name], others[name])
        for one in others[name]:
            take_traffic(one)
            remove(one)
            say("replaced", container=name, hash=one["hash"][:8])
    for one in now:
        if one["name"] not in current:
            take_traffic(one)
            remove(one)
            say("removed", container=one["name"])
    say("converged", containers=len(wanted), started=len(started))


def put_back(started, halted):
    for one in started:
        for group, port in routed(one):
            registrar("deregister", group, port)
        remove(one, stop=False)
    for one in halted:
        again = restarted(one)
        wait_ready(again)
        give_traffic(again)
    say("put back", removed=[one["name"] for one in started], restarted=[one["name"] for one in halted])


def restarted(one):
    try:
        docker("POST", f"/containers/{one['id']}/start", accept=(204, 304))
        return one
    except Failure:
        # Its port cannot be had again: the same container, on the other of its two.
        remove(one, stop=False)
        return start(one["declared"], one["hash"], host_ports(one["declared"], [port["host"] for port in one["ports"]]), [])


def drain():
    now = existing()
    for one in now:
        take_traffic(one)
    for one in now:
        docker("POST", f"/containers/{one['id']}/stop?t={one['stop']}", accept=(204, 304))
    say("drained", containers=len(now))


${METADATA_FUNCTION}


def instance_id():
    return os.environ.get("MACHINE_ID") or metadata("instance-id")


def main(words):
    if words[:1] == ["converge"] and len(words) == 3:
        with open(words[1]) as file:
            declaration = json.load(file)
        os.environ.setdefault("AWS_DEFAULT_REGION", declaration["region"])
        converge(declaration["hosts"][int(words[2])])
    elif words == ["drain"]:
        drain()
    else:
        raise SystemExit("usage: retrofit-containers converge <file> <host number> | drain")


try:
    main(sys.argv[1:])
except Failure as error:
    say("failed", error=str(error))
    raise SystemExit(1)
`;
