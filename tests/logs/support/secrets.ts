/**
 * Thirty secrets as they end up in log lines. Made up, and put together here, so that no scanner takes this file for a
 * leak. `secret` must not reach the store; `kept` must.
 */
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
];

/** Lines that only look a little like secrets; they must arrive as they are. */
export const HARMLESS_LINES = [
  "order 1700000000000 shipped in 12 ms",
  "token bucket of the rate limiter is full",
  "GET /password/reset 200 4111",
  "user ada signed in from 10.1.2.3:55123",
  "commit 4b825dc642cb6eb9a060e54bf8d69288fbee4904 deployed",
];
