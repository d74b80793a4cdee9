// Loaded into a measured program before anything else: writes what it used when it ends.
const { writeFileSync } = require("node:fs");

const file = process.env.BENCH_USAGE_FILE;
process.on("exit", () => writeFileSync(file, JSON.stringify(process.resourceUsage())));
