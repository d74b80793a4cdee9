# What CloudWatch cannot see from outside: memory, swap and disk, once a minute.
#
# @param environment tells environments apart in CloudWatch
# @param namespace the metrics' namespace; machines may write into no other
# @param enabled false where the machine's role may not write metrics
class profile::metrics (
  String[1] $environment,
  Pattern[/\A[A-Za-z0-9._\/-]+\z/] $namespace,
  Boolean $enabled,
) {
  $settings = {
    'environment' => $environment,
    'role'        => $facts['retrofit']['role'],
    'region'      => $facts['retrofit']['region'],
    'namespace'   => $namespace,
  }
  profile::unit { 'retrofit-metrics.service':
    content => epp('profile/metrics.service.epp', $settings),
  }
  profile::unit { 'retrofit-metrics.timer':
    content => epp('profile/metrics.timer.epp'),
    enable  => $enabled,
    running => $enabled,
  }
}
