# An absolute path without anything that a shell or systemd would take apart.
type Profile::Path = Pattern[/\A\/[A-Za-z0-9._\/-]*\z/]
