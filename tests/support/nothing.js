// What a test has no use for, and what takes long to load.
module.exports = {};
