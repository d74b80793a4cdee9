# Variables that the application gets from one part of the environment.
#
# @param settings names and values; never secrets
define profile::environment (
  Hash[String[1], String] $settings,
) {
  include profile::helpers
  $lines = $settings.keys.sort.map |$key| {
    $value = regsubst(regsubst($settings[$key], '\\\\', '\\\\\\\\', 'G'), '"', '\\\\"', 'G')
    "${key}=\"${value}\"\n"
  }
  file { "/etc/retrofit/environment.d/${title}.env":
    content => join($lines),
    mode    => '0644',
  }
}
