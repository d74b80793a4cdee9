# Tells the application where sessions are kept, so that any machine can answer any visitor.
#
# @param settings variables for the application, such as SESSION_STORE_URL; empty when there is no session store
class profile::session_store (
  Hash[Pattern[/\A[A-Z][A-Z0-9_]*\z/], String] $settings,
) {
  profile::environment { 'session-store': settings => $settings }
}
