# What Pulumi told this machine, as hiera data: where the application comes from, and `settings`, which may give any key.
# @param _options not used; hiera passes them to every backend
# @param _context not used; hiera passes it to every backend
# @return hiera keys and their values
function profile::machine_data(Hash $_options, Puppet::LookupContext $_context) >> Hash[RichDataKey, RichData] {
  $machine = $facts['retrofit']
  $application = $machine['application'] ? {
    Undef   => {},
    default => {
      'profile::artifact::application' => $machine['application'],
      'profile::artifact::release'     => $machine['release'],
      'profile::migration::application' => $machine['application'],
      'profile::migration::release'     => $machine['release'],
    },
  }
  $containers = $machine['docker'] ? {
    Undef   => {},
    default => { 'profile::containers::host' => $machine['docker'] },
  }
  $settings = $machine['settings'] ? {
    Undef   => {},
    default => $machine['settings'],
  }
  $application + $containers + { 'profile::metrics::environment' => $machine['environment'] } + $settings
}
