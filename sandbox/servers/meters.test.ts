import { clientOf } from "./postgres-meter";
import { numbersIn } from "./redis-meter";

test.each([
  ["postgres: app_admin app 127.0.0.1(50162) SELECT", { user: "app_admin", active: true }],
  ["postgres: app_admin app 127.0.0.1(50162) idle", { user: "app_admin", active: false }],
  ["postgres: app_admin app ::1(50162) idle in transaction", { user: "app_admin", active: false }],
  ["postgres: checkpointer", undefined],
  ["postgres: walsender rdsadmin 127.0.0.1(50162) streaming 0/3000148", undefined],
])("%s is told from the title of a process of PostgreSQL", (title, client) => {
  expect(clientOf(title)).toEqual(client);
});

test("reads and writes of a session store are told apart, and commands that are neither do not count", () => {
  const lines = [
    "# Clients",
    "connected_clients:3",
    "redis_version:7.0.15",
    "cmdstat_get:calls=10,usec=40,usec_per_call=4.00,rejected_calls=0,failed_calls=0",
    "cmdstat_incr:calls=2,usec=9,usec_per_call=4.50,rejected_calls=0,failed_calls=0",
    "cmdstat_expire:calls=2,usec=3,usec_per_call=1.50,rejected_calls=0,failed_calls=0",
    "cmdstat_info:calls=7,usec=900,usec_per_call=128.57,rejected_calls=0,failed_calls=0",
  ];
  expect(numbersIn(lines.join("\r\n"))).toEqual({
    connected_clients: 3,
    "read calls": 10,
    "read usec": 40,
    "write calls": 4,
    "write usec": 12,
  });
});
