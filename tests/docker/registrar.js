#!/usr/bin/env node
/** Stands in for the target group's API: `register|deregister|state <target group> <port>`, asked of the test's balancer. */
const { get } = require("node:http");

const [action, , target] = process.argv.slice(2);
get(`${process.env.RETROFIT_TEST_TARGETS}/${action}/${target}`, (answer) => answer.pipe(process.stdout));
