/**
 * The daemon's configuration, `/etc/docker/daemon.json`. What it closes and where that is asked for: CIS Docker Benchmark
 * 1.6, section 2 (inter-container traffic, user namespaces, live restore, userland proxy, new privileges, default limits,
 * central logs).
 */
export function daemonConfig(options: { fleet: string }): Record<string, unknown> {
  return {
    // Containers reach each other only on the networks that their dependencies make.
    icc: false,
    // Root in a container is nobody on the host.
    "userns-remap": "default",
    // Containers go on while the daemon is updated.
    "live-restore": true,
    "no-new-privileges": true,
    "userland-proxy": false,
    // To the journal, where the host's log forwarder reads; `docker logs` goes on working.
    "log-driver": "journald",
    "log-opts": { tag: `docker/${options.fleet}/{{.Name}}` },
    "default-ulimits": {
      nofile: { Name: "nofile", Soft: 4096, Hard: 16384 },
      nproc: { Name: "nproc", Soft: 1024, Hard: 2048 },
    },
    "storage-driver": "overlay2",
    // Nothing is pulled from a registry without TLS.
    "insecure-registries": [],
  };
}
