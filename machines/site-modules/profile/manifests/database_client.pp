# What is needed to reach the database: the client's programs, and where it is. Its password is read at run time.
#
# @param engine which client is installed; none by default, since applications bring their own drivers
# @param settings variables for the application, such as DATABASE_HOST
class profile::database_client (
  Enum['none', 'postgres', 'mysql'] $engine,
  Hash[Pattern[/\A[A-Z][A-Z0-9_]*\z/], String] $settings,
) {
  $packages = { 'none' => [], 'postgres' => ['postgresql-client'], 'mysql' => ['default-mysql-client'] }
  package { $packages[$engine]: ensure => installed }
  profile::environment { 'database': settings => $settings }
}
