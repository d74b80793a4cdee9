# What everything else needs comes before everything else: memory to install packages with, sources to take them from,
# and a clock that certificates can be checked against.
stage { 'foundation': before => Stage['main'] }

$role = $facts.dig('retrofit', 'role')
if $role =~ Undef {
  fail('This machine does not know its role: /etc/retrofit/machine.json has no "role"')
}
unless defined("role::${role}") {
  fail("There is no role \"${role}\": site-modules/role/manifests/${role}.pp is missing. Write it, or correct the role")
}
include "role::${role}"
