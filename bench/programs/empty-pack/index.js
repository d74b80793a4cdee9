const { PolicyPack } = require("@pulumi/policy");

new PolicyPack("empty", {
  policies: [
    {
      name: "nothing",
      description: "Says nothing.",
      enforcementLevel: "advisory",
      validateResource: () => {},
    },
  ],
});
