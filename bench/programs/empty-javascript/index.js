// The least that a Pulumi program can be.
const pulumi = require("@pulumi/pulumi");

exports.stack = pulumi.getStack();
