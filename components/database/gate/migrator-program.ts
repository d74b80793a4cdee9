/**
 * The migrator: a program for the operations machine of an environment, in Python since the machine's user data brings it and
 * nothing else needs to be installed but PostgreSQL's own client. Migrations run there and never on a laptop: the database
 * is reached from inside the network only, and a lost connection of a laptop ends nothing.
 *
 * Each file runs in one transaction with its record in the history; what cannot is recorded as failed first and set right
 * when it has succeeded. A session of its own holds an advisory lock meanwhile. No secret is in its arguments or its output.
 */
export const migratorProgram = String.raw`
#!/usr/bin/python3
"""Applies the migrations of a release inside the environment. Told what to do by one argument (JSON, gzip, base64);
tells how it goes in lines of JSON. Exit codes: 0 done, 1 failed, 4 another migrator holds the lock."""
import base64, ctypes, datetime, glob, gzip, hashlib, hmac, io, json, os, re, shutil, signal, subprocess, sys
import tarfile, tempfile, time, urllib.error, urllib.parse, urllib.request

request = json.loads(gzip.decompress(base64.b64decode(sys.argv[1])))
LOCK = 0x726574726F666974
MARK = "\ufeff"


def tell(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


def give_up(code=1, **more):
    tell("failed", **more)
    sys.exit(code)


# --- AWS: two calls, signed here, since a machine of this role needs nothing else of it.

def credentials():
    if os.environ.get("AWS_ACCESS_KEY_ID"):
        return (os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"], os.environ.get("AWS_SESSION_TOKEN"))
    base = "http://169.254.169.254/latest/"
    token = urllib.request.urlopen(urllib.request.Request(base + "api/token", method="PUT", headers={
        "X-aws-ec2-metadata-token-ttl-seconds": "60"}), timeout=5).read().decode()
    def metadata(path):
        call = urllib.request.Request(base + "meta-data/" + path, headers={"X-aws-ec2-metadata-token": token})
        return urllib.request.urlopen(call, timeout=5).read().decode()
    role = metadata("iam/security-credentials/").split("\n")[0]
    found = json.loads(metadata("iam/security-credentials/" + role))
    return found["AccessKeyId"], found["SecretAccessKey"], found["Token"]


def aws(service, method, path, headers, body=b""):
    region = request["region"]
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    endpoint = os.environ.get("AWS_ENDPOINT_URL") or f"https://{service}.{region}.{suffix}"
    key, secret, token = credentials()
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    digest = hashlib.sha256(body).hexdigest()
    signed = {**headers, "host": urllib.parse.urlparse(endpoint).netloc, "x-amz-date": now, "x-amz-content-sha256": digest}
    if token:
        signed["x-amz-security-token"] = token
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    canonical = f"{method}\n{path}\n\n{lines}\n{names}\n{digest}"
    scope = f"{now[:8]}/{region}/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    derived = ("AWS4" + secret).encode()
    for part in (now[:8], region, service, "aws4_request"):
        derived = hmac.new(derived, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(derived, text.encode(), hashlib.sha256).hexdigest()
    signed["authorization"] = f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}"
    del signed["host"]
    for attempt in range(5):
        try:
            call = urllib.request.Request(endpoint + path, data=body or None, headers=signed, method=method)
            return urllib.request.urlopen(call, timeout=60).read()
        except urllib.error.HTTPError as error:
            if error.code < 500 or attempt == 4:
                give_up(message=f"AWS answered {error.code} to {service} {path}: {error.read()[:300].decode(errors='replace')}")
        except OSError as error:
            if attempt == 4:
                give_up(message=f"{service} cannot be reached at {endpoint}: {error}")
        time.sleep(2 ** attempt)


def login():
    body = json.dumps({"SecretId": request["database"]["secretArn"]}).encode()
    answer = aws("secretsmanager", "POST", "/", {
        "content-type": "application/x-amz-json-1.1", "x-amz-target": "secretsmanager.GetSecretValue"}, body)
    return json.loads(json.loads(answer)["SecretString"])


def fetch_migrations(folder):
    artifact = request["artifact"]
    path = "/" + urllib.parse.quote(f"{artifact['bucket']}/{artifact['key']}", safe="/-_.~")
    archive = aws("s3", "GET", path, {})
    digest = hashlib.sha256(archive).hexdigest()
    if digest != artifact["sha256"]:
        give_up(message=f"the artifact has SHA-256 {digest}, the release names {artifact['sha256']}: nothing was applied")
    wanted = {f"{request['folder']}/{file['script']}": file for file in request["files"]}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            file = wanted.pop(os.path.normpath(member.name), None)
            if file is None or not member.isfile():
                continue
            text = tar.extractfile(member).read().decode("utf-8")
            text = text[1:] if text.startswith(MARK) else text
            file["path"] = os.path.join(folder, file["script"].replace("/", "__"))
            with open(file["path"], "w", encoding="utf-8", newline="\n") as out:
                out.write(text.replace("\r\n", "\n").replace("\r", "\n") + "\n")
    if wanted:
        give_up(message=f"the artifact lacks {', '.join(wanted)}: nothing was applied")


# --- PostgreSQL, by its own client.

def find_psql():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/psql")) + [shutil.which("psql")]
    program = next((path for path in reversed(found) if path), None)
    return program or give_up(message="psql is not installed: package postgresql-client")


def environment(user, password):
    database = request["database"]
    limit = int(request.get("lockTimeoutSeconds", 5)) * 1000
    return {**os.environ, "PGHOST": database["host"], "PGPORT": str(database["port"]), "PGDATABASE": database["name"],
            "PGUSER": user, "PGPASSWORD": password, "PGSSLMODE": database.get("sslMode", "require"),
            "PGCLIENTENCODING": "UTF8", "PGCONNECT_TIMEOUT": "10", "PGAPPNAME": "retrofit-migrate", "PGTZ": "UTC",
            # The session's own defaults, so that RESET in a migration comes back to them.
            "PGOPTIONS": f"-c lock_timeout={limit} -c search_path=public -c client_min_messages=warning"}


def die_with_parent():
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    except OSError:
        pass


def psql(*arguments):
    command = [program, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose", *arguments]
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, preexec_fn=die_with_parent)
    return done.returncode, done.stdout, done.stderr


def query(sql):
    code, out, err = psql("-c", sql)
    if code != 0:
        give_up(message=plain(err))
    return out.strip()


def plain(err):
    """The first error of psql's output without codes and places in the server's source."""
    found = re.search(r"(?:ERROR|FATAL):\s+(?:[0-9A-Z]{5}:\s+)?(.*)", err)
    detail = re.search(r"^DETAIL:\s+(.*)", err, re.M)
    text = found.group(1) if found else (err.strip().split("\n") or [""])[-1]
    return text + (f" ({detail.group(1)})" if detail else "")


def quote(value):
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"


TABLE = 'public."' + request.get("table", "flyway_schema_history").replace('"', '""') + '"'
COLUMNS = "installed_rank, version, description, type, script, checksum, installed_by, execution_time, success"


def record(file, success, seconds="0"):
    return (f"INSERT INTO {TABLE} ({COLUMNS}) SELECT coalesce(max(installed_rank), 0) + 1, {quote(file.get('version'))}, "
            f"{quote(file['description'][:200])}, 'SQL', {quote(file['script'])}, {int(file['checksum'])}, current_user, "
            f"{seconds}, {success} FROM {TABLE}")


def history():
    if query(f"SELECT to_regclass({quote(TABLE)}) IS NOT NULL") != "t":
        return None
    return json.loads(query(
        "SELECT coalesce(json_agg(json_build_object('version', version, 'script', script, 'checksum', checksum, "
        f"'success', success, 'type', type) ORDER BY installed_rank), '[]') FROM {TABLE}"))


def is_empty():
    return query("SELECT NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
                 "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
                 "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e'))") == "t"


def tell_history():
    rows = history()
    empty = not rows and (is_empty() if rows is None else False)
    baseline = next((row["version"] for row in reversed(rows or []) if row["type"] == "BASELINE"), request.get("baseline"))
    if not rows and not empty and not baseline and not request.get("unmanaged"):
        give_up(code=5, message="the database has tables, but no history of migrations: it is not known which are applied")
    compact = [[r["script"], r["version"], r["checksum"] or 0, 1 if r["success"] else 0] for r in rows or [] if r["type"] == "SQL"]
    packed = base64.b64encode(gzip.compress(json.dumps(compact).encode())).decode()
    tell("history", rows=packed, baseline=baseline, empty=empty)


class Lock:
    """A session beside those that migrate, so that what runs outside a transaction does not wait for it."""

    def __enter__(self):
        self.session = subprocess.Popen([program, "-X", "-q", "-A", "-t"], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        until, told = time.time() + request.get("lockWaitSeconds", 120), False
        while not self.ask(f"SELECT pg_try_advisory_lock({LOCK});"):
            holder = query("SELECT coalesce(string_agg(format('process %s from %s since %s', a.pid, coalesce(host(a.client_addr), "
                           "'here'), to_char(a.backend_start, 'HH24:MI:SS')), ', '), 'nobody now') FROM pg_locks l JOIN "
                           f"pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND l.granted AND l.objid = {LOCK & 0xFFFFFFFF}")
            if time.time() >= until:
                give_up(code=4, message=f"another migrator holds the lock ({holder}): nothing was applied")
            if not told:
                tell("waiting", holder=holder)
                told = True
            time.sleep(1)
        return self

    def ask(self, sql):
        try:
            self.session.stdin.write(sql + "\n")
            self.session.stdin.flush()
        except BrokenPipeError:
            pass
        line = self.session.stdout.readline()
        if line == "":
            give_up(message=plain(self.session.stderr.read()) or "the session that holds the lock was ended")
        return line.strip() == "t"

    def check(self):
        self.ask("SELECT true;")

    def __exit__(self, *_):
        self.session.stdin.close()
        self.session.wait(10)


def prepare_history():
    query(f"""CREATE TABLE IF NOT EXISTS {TABLE} (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200)
        NOT NULL, type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum int, installed_by varchar(100) NOT NULL,
        installed_on timestamp NOT NULL DEFAULT now(), execution_time int NOT NULL, success boolean NOT NULL)""")
    if request.get("baseline") and query(f"SELECT count(*) FROM {TABLE}") == "0":
        query(f"INSERT INTO {TABLE} ({COLUMNS}) VALUES (1, {quote(request['baseline'])}, 'Baseline', 'BASELINE', 'Baseline', NULL, "
              "current_user, 0, true)")


def is_done(file):
    """Another migrator may have been here since the plan was made."""
    key = "version" if file.get("version") else "script"
    rows = [row for row in history() if row["type"] == "SQL" and row[key] == file.get(key)]
    if not rows:
        return False
    last = rows[-1]
    if not last["success"]:
        query(f"DELETE FROM {TABLE} WHERE script = {quote(last['script'])} AND NOT success")
        return False
    if last["checksum"] == file["checksum"]:
        return True
    if file.get("version"):
        give_up(script=file["script"], message="it has been applied meanwhile with another content", applied=applied)
    return False


def drop_invalid_index(file):
    name = file.get("buildsIndex")
    if not name:
        return
    schema, index = name.split(".", 1)
    found = query("SELECT format('%I.%I', n.nspname, c.relname) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN "
                  f"pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisvalid AND n.nspname = {quote(schema)} AND "
                  f"c.relname = {quote(index)}")
    if found:
        tell("cleaned", script=file["script"], index=name)
        query(f"DROP INDEX CONCURRENTLY {found}")


def run(file):
    if file["transactional"]:
        milliseconds = "(extract(epoch FROM clock_timestamp() - now()) * 1000)::int"
        return psql("--single-transaction", "-f", file["path"], "-c", record(file, "true", milliseconds))
    drop_invalid_index(file)
    query(record(file, "false"))
    started = time.time()
    code, out, err = psql("-f", file["path"])
    if code == 0:
        query(f"UPDATE {TABLE} SET success = true, execution_time = {int((time.time() - started) * 1000)} "
              f"WHERE script = {quote(file['script'])} AND NOT success")
    return code, out, err


def apply(file):
    retries = request.get("lockRetries", 8)
    for attempt in range(retries + 1):
        if is_done(file):
            tell("already", script=file["script"])
            return
        started = time.time()
        code, _, err = run(file)
        if code == 0:
            applied.append(file["script"])
            tell("applied", script=file["script"], seconds=round(time.time() - started, 2))
            return
        # 55P03 lock timeout, 40P01 deadlock: the statement did not get its lock, which may be different a moment later.
        if not re.search(r"ERROR:\s+(55P03|40P01)", err):
            break
        if attempt < retries:
            wait = min(2 ** attempt, 15)
            tell("retry", script=file["script"], message=plain(err), seconds=wait)
            time.sleep(wait)
    place = re.search(r"psql:.*?:(\d+): ", err)
    give_up(script=file["script"], message=plain(err), applied=applied, line=int(place.group(1)) if place else None,
            locked=bool(re.search(r"ERROR:\s+55P03", err)), halfway=not file["transactional"])


def on_signal(number, _):
    give_up(message=f"ended by {signal.Signals(number).name}", applied=applied)


applied = []
signal.signal(signal.SIGTERM, on_signal)
program = find_psql()
secret = login()
env = environment(secret["username"], secret["password"])
if request["mode"] == "history":
    tell_history()
else:
    with tempfile.TemporaryDirectory() as folder:
        fetch_migrations(folder)
        with Lock() as lock:
            prepare_history()
            for file in request["files"]:
                lock.check()
                apply(file)
    tell("done", applied=applied)
`.trimStart();

/** Where the program lies on the machine. */
export const MIGRATOR_PATH = "/usr/local/sbin/retrofit-migrate";
