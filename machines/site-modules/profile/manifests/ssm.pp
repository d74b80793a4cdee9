# The agent through which administrators reach the machine and commands are run on it. Amazon publishes it in a bucket of
# each region; Debian has no package of it.
#
# @param version the agent's version; `latest` for the newest
# @param source another place to fetch the package from
# @param sha256 the sum that the package must have, where it is known
# @param enabled false where there is no SSM to report to, as in a container on a developer's machine
class profile::ssm (
  String[1] $version,
  Optional[String[1]] $source = undef,
  Optional[Pattern[/\A[0-9a-f]{64}\z/]] $sha256 = undef,
  Boolean $enabled = true,
) {
  if $enabled {
    $region = $facts['retrofit']['region']
    $suffix = if $region =~ /\Acn-/ { 'amazonaws.com.cn' } else { 'amazonaws.com' }
    $arch = $facts['os']['architecture']
    $default = "https://s3.${region}.${suffix}/amazon-ssm-${region}/${version}/debian_${arch}/amazon-ssm-agent.deb"
    $url = if $source { $source } else { $default }
    $sum = if $sha256 { "--sha256 ${sha256}" } else { '' }
    exec { 'fetch the SSM agent':
      command => "/usr/local/lib/retrofit/retrofit-fetch url ${url} /var/cache/retrofit/amazon-ssm-agent.deb ${sum}",
      unless  => '/usr/bin/dpkg-query --show amazon-ssm-agent',
      require => Class['profile::helpers'],
    }
    -> package { 'amazon-ssm-agent':
      ensure   => installed,
      provider => 'dpkg',
      source   => '/var/cache/retrofit/amazon-ssm-agent.deb',
    }
    -> service { 'amazon-ssm-agent':
      ensure => running,
      enable => true,
    }
  }
}
