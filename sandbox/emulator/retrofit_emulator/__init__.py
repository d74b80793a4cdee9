"""An AWS API on loopback: moto in process, made durable, deterministic and complete enough for the sandbox."""
