/**
 * Secrets as they end up in log lines. Made up, and put together here, so that no scanner takes this file for a
 * leak. `secret` must not reach the store; `kept` must.
 */
import { createHash } from "node:crypto";

interface SecretLine {
  readonly line: string;
  readonly secret: string;
  readonly kept: string;
}

const x = (...parts: string[]) => parts.join("");
const many = (letter: string, count: number) => letter.repeat(count);

const of = (secret: string, line: (secret: string) => string, kept: string): SecretLine => ({
  secret,
  line: line(secret),
  kept,
});

export const SECRET_LINES: readonly SecretLine[] = [
  of(x("AKIA", "QX7ZP3LMNO5RSTUV"), (s) => `using key ${s} for bucket`, "for bucket"),
  of(x("ASIA", "QX7ZP3LMNO5RSTUV"), (s) => `temporary key ${s} expires`, "expires"),
  of("wJalrXUtnFEMIK7MDENGbPxRfiCYzzEXAMPLE", (s) => `aws_secret_access_key = ${s}`, "aws_secret_access_key"),
  of("hunter2!x", (s) => `login failed password=${s} for ada`, "for ada"),
  of("pa ss wo rd", (s) => `{"user":"ada","password":"${s}","n":1}`, '"n":1'),
  of('s3cr\\"et', (s) => `{"client_secret":"${s}","scope":"read"}`, "scope"),
  of("nested-value-1", (s) => `body={\\"password\\":\\"${s}\\",\\"id\\":7}`, "id"),
  of("sq-value-77", (s) => `connect(user='ada', passwd='${s}')`, "ada"),
  of("topsecret99", (s) => `postgres://shop:${s}@db.internal:5432/shop`, "db.internal:5432"),
  of("redispw", (s) => `rediss://:${s}@cache.internal:6379/0 timed out`, "timed out"),
  of("amqp-pw", (s) => `retrying amqp://guest:${s}@mq:5672`, "mq:5672"),
  of(
    x("eyJhbGciOi", "JIUzI1NiJ9", ".eyJzdWIiOiIx", "MjM0In0.dBjftJeZ4CVP"),
    (s) => `jwt ${s} rejected`,
    "rejected",
  ),
  of("dGhpc2lzYXRva2Vu", (s) => `Authorization: Bearer ${s}`, "Authorization"),
  of("YWRhOmxvdmVsYWNl", (s) => `authorization: basic ${s} from 10.0.0.7`, "10.0.0.7"),
  of(x("ghp_", many("a1B2", 9)), (s) => `git clone with ${s} failed`, "failed"),
  of(x("github_pat_", many("Zz9", 10)), (s) => `using ${s} now`, "now"),
  of(x("glpat-", many("q", 20)), (s) => `GITLAB ${s} ok`, "ok"),
  of(x("xoxb-", "123456789012-abcdef"), (s) => `slack ${s} posted`, "posted"),
  of(x("sk_", "live_", many("4eC3", 5)), (s) => `charge with ${s} done`, "done"),
  of(x("AIza", many("Sy8", 11)), (s) => `maps key ${s} over quota`, "over quota"),
  of(x("npm_", many("k", 36)), (s) => `registry ${s} used`, "used"),
  of(x("SG.", many("a", 20), ".", many("b", 24)), (s) => `mail by ${s} sent`, "sent"),
  of(x("hvs.", many("C", 24)), (s) => `vault ${s} renewed`, "renewed"),
  of(
    x("MIIEow", "IBAAKCAQEA7"),
    (s) => `-----BEGIN RSA PRIVATE KEY-----${s}-----END RSA PRIVATE KEY----- loaded`,
    "loaded",
  ),
  of("4111 1111 1111 1111", (s) => `card ${s} declined`, "declined"),
  of("5500-0055-5555-5559", (s) => `paid by ${s} ok`, "ok"),
  of("378282246310005", (s) => `amex ${s} accepted`, "accepted"),
  of("zzAPIkey123", (s) => `GET /v1/items?api_key=${s}&page=2 200`, "page=2"),
  of("SESS-8f7e6d", (s) => `Set-Cookie: sid=${s}; Path=/`, "Set-Cookie"),
  of("curlpw-55", (s) => `running curl -u ada:${s} https://api.internal`, "api.internal"),
  of("EnvVarPw1", (s) => `env: PGPASSWORD=${s} PGHOST=db`, "PGHOST=db"),
  of("dbpass-77q", (s) => `env DB_PASS=${s} DB_HOST=db`, "DB_HOST=db"),
  of("smtp-pass-3x", (s) => `SMTP_PASS: ${s}`, "SMTP_PASS"),
  of("barepass-5k", (s) => `{"user":"ada","pass":"${s}","n":2}`, '"n":2'),
  of("querypass-1z", (s) => `GET /login?pass=${s}&next=home 302`, "next=home 302"),
  of("b{race,d-pw", (s) => `connect password=${s} done`, "done"),
  of("dj4ngo-k3y", (s) => `SECRET_KEY=${s} DEBUG=0`, "DEBUG=0"),
  of("minio-k3y-9", (s) => `MINIO_SECRET_KEY: "${s}", region eu`, "region eu"),
  of("camelK3y-8", (s) => `{"accessKey":"public","secretKey":"${s}"}`, "secretKey"),
  of("railsbase-0a", (s) => `secret_key_base: ${s}`, "secret_key_base"),
  of("83746512", (s) => `{"user":"ada","password": ${s}, "n":3}`, '"password": "***", "n":3'),
  of("73645182", (s) => `body={\\"pin\\":1,\\"password\\":${s}}`, "pin"),
  of(
    "xml pw & more",
    (s) => `<user><name>ada</name><password>${s}</password><age>7</age></user>`,
    "<age>7</age>",
  ),
  of("ws-pw-31", (s) => `<wsse:Password Type="PasswordText">${s}</wsse:Password>`, "wsse:Password"),
  of("ruby-pw-22", (s) => `{:user=>"ada", :password=>"${s}", :retries=>3}`, ":retries=>3"),
  of("perl-pw-23", (s) => `connecting with password => '${s}', host => 'db'`, "host => 'db'"),
  of("rust-tok-24", (s) => `Config { token: Some("${s}"), retries: 3 }`, "retries: 3"),
  of("pybytes-25", (s) => `kwargs={'user': 'ada', 'passwd': b'${s}', 'n': 4}`, "'n': 4"),
  of("optval-26", (s) => `exec: backup --password ${s} --verbose`, "--verbose"),
  of("optval-27", (s) => `exec: ["backup","--db-password","${s}","--verbose"]`, "--verbose"),
  of("sshpw-28", (s) => `running sshpass -p ${s} scp a b`, "scp a b"),
  of("mysqlpw-29", (s) => `running mysqldump -h db -p${s} shop`, "shop"),
  of("tiger-30", (s) => `jdbc:oracle:thin:scott/${s}@db:1521:shop refused`, "db:1521:shop refused"),
  of("phpsess-31", (s) => `GET / HTTP/1.1 PHPSESSID=${s}; lang=de`, "lang=de"),
  of("javasess-32", (s) => `/cart;JSESSIONID=${s}?page=1`, "/cart"),
  of(
    x("T0AB/B0CD/", "xyzXYZ123"),
    (s) => `POST ${x("https://hooks.", "slack.com", "/services/")}${s} 200`,
    "200",
  ),
  of("5ecf0ff1ce", (s) => `GET /o.zip?X-Amz-Expires=60&X-Amz-Signature=${s}&x=1 403`, "x=1 403"),
  of("c2FzLXNpZw", (s) => `GET /blob?sv=2024&sig=${s}&se=1 404`, "se=1 404"),
  of(x("whsec_", many("q7", 8)), (s) => `webhook ${s} verified`, "verified"),
  of("authk-33", (s) => `auth_key=${s} zone=a`, "zone=a"),
  of("signk-34", (s) => `signing_key=${s} zone=b`, "zone=b"),
  of("apikey-spaced-35", (s) => `using api key: ${s} for maps`, "for maps"),
  of("ecs-36", (s) => `{"environment":[{"name":"DB_PASSWORD","value":"${s}"},{"name":"N"}]}`, '{"name":"N"}'),
  of(
    "sql-pw-37",
    (s) => `statement: ALTER ROLE shop WITH PASSWORD '${s}' VALID UNTIL 'infinity'`,
    "VALID UNTIL",
  ),
  of("apitoken-38", (s) => `Authorization: Token ${s} from 10.0.0.8`, "10.0.0.8"),
  of("go-hdr-39", (s) => `map[Accept:[*/*] X-Api-Key:[${s}]]`, "Accept:[*/*]"),
];

/** Lines that only look a little like secrets; they must arrive as they are. */
export const HARMLESS_LINES = [
  "order 1700000000000 shipped in 12 ms",
  "token bucket of the rate limiter is full",
  "GET /password/reset 200 4111",
  "user ada signed in from 10.1.2.3:55123",
  "commit 4b825dc642cb6eb9a060e54bf8d69288fbee4904 deployed",
  "pass: 12 tests, fail: 0",
  '{"suites":3,"pass":12,"fail":0}',
  "--- PASS: TestCheckout (0.01s)",
  "bypass: on, compass=north, passed: 12, passes=3",
  "boarding pass printed for seat 12A",
  "password changed for alice",
  "Failed password for invalid user ada from 10.1.2.3 port 55123 ssh2",
  "pam_unix(sshd:session): session opened for user ada(uid=1000) by (uid=0)",
  "token expired, signing in again",
  "token: expired",
  "error: invalid password: required",
  '{"token":null,"secret":"","hasPassword":true,"password":false}',
  "usage: login <user> <password> [--token]",
  "option --password is required; use --password to sign in",
  "sessions: 12, tokens: 1200, secrets: 4, keys: 7",
  "max_tokens=4096 tokenizer=bpe token_type=bearer",
  "primary_key=id cache_key=cart:7 routing_key=orders foreign key: shop_id",
  "Basic authentication failed, Bearer authentication next",
  'WWW-Authenticate: Basic realm="shop"',
  "cd: OLDPWD=/srv/shop PWD=/srv/shop/current",
  "digest sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "Digest: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  shop-1.1.0.tar.gz",
  'integrity="sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="',
  "Host key fingerprint is SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDy5g4QvXr7bPjE0kA",
  "request 3f2b8c1e-9d4a-4f6b-8e2d-1a2b3c4d5e6f took 12 ms",
  "reading arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/db-AbCdEf",
  "secret: arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/db-AbCdEf",
  "    at com.example.auth.TokenFilter.doFilter(TokenFilter.java:42)",
  "    at Object.<anonymous> (/srv/shop/node_modules/password/token.js:12:5)",
  "com.example.BadCredentialsException: Bad credentials",
  "uninitialized constant Secret::Manager in Token::Kind",
  "docker run -u 1000:1000 --user 33:33 shop",
  "https://shop.example/a@b?page=2 GET http://10.0.0.1:8080/health",
  "method signature: charge(card, amount)",
  "/srv/shop/releases/current/components/ElkStack/Forwarder2/files",
];

const digits = (text: string) => createHash("sha512").update(text).digest("base64").replace(/=+$/, "");

/** Private keys as a program prints them: over several lines, which the journal and a plain file take one by one. */
const keyBody = (name: string, width: number, letters: number) =>
  Array.from({ length: 20 }, (_, n) => digits(`${name} ${n}`))
    .join("")
    .slice(0, letters)
    .match(new RegExp(`.{1,${width}}`, "g"))!;

const key = (kind: string, body: readonly string[], more: readonly string[] = []) => ({
  body,
  lines: [x("-----BEGIN ", kind, "-----"), ...more, ...body, x("-----END ", kind, "-----")],
});

export const PRIVATE_KEYS = [
  key(x("RSA PRIVATE", " KEY"), keyBody("rsa", 64, 64 * 18 + 44)),
  key(x("PRIVATE", " KEY"), [...keyBody("pkcs8", 64, 64 * 2), x("9cPq1zX7", "mB0k5Rt2Lw8=")]),
  key(x("OPENSSH PRIVATE", " KEY"), keyBody("openssh", 70, 70 * 5 + 33)),
  key(x("PGP PRIVATE", " KEY BLOCK"), keyBody("pgp", 76, 76 * 9), ["Version: 1", ""]),
  // Indented, as in a file of YAML that is printed.
  key(
    x("EC PRIVATE", " KEY"),
    keyBody("ec", 64, 64 * 2).map((line) => `    ${line}`),
  ),
];
