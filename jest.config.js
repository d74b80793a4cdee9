/** Two projects: `unit` (pure functions and graphs, beside the code) and `e2e` (the real engine on the sandbox). */
// Whoever runs the tests on an older Node need not read it from each worker.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

const common = {
  testEnvironment: "node",
  transform: { "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }] },
  modulePathIgnorePatterns: ["<rootDir>/dist"],
};
/** Parts with a command of their own, `npm run test:<name>`: their tests are in tests/<name>/ and are no unit tests. */
const own = [
  "ci",
  "docker",
  "machines",
  "vpn",
  "policies",
  "logs",
  "log-stores",
  "environments",
  "files",
  "loadtest",
];

module.exports = {
  // A busy machine is ten times slower, and that is no failure; what takes longer than this by its nature says so itself.
  testTimeout: 60_000,
  projects: [
    {
      ...common,
      displayName: "unit",
      // Pulumi's SDK loads npm's own tree for functions that are made of closures, of which there are none; it takes as long
      // as everything else that a graph test loads.
      moduleNameMapper: { "^@npmcli/arborist$": "<rootDir>/tests/support/nothing.js" },
      testMatch: ["<rootDir>/{components,stacks,policies,release,sandbox,tests,sample,scripts}/**/*.test.ts"],
      testPathIgnorePatterns: ["e2e", ...own].map((name) => `<rootDir>/tests/${name}/`),
      setupFiles: ["<rootDir>/tests/support/properties.ts"],
    },
    { ...common, displayName: "e2e", testMatch: ["<rootDir>/tests/e2e/**/*.test.ts"] },
    ...own.map((name) => ({
      ...common,
      displayName: name,
      testMatch: [`<rootDir>/tests/${name}/**/*.test.ts`],
    })),
  ],
};
