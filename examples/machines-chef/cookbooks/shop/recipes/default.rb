# The role `web` for a team that has cookbooks: `retrofit:machines: { tool: chef, folder: examples/machines-chef }`.
# Everything of /etc/retrofit/machine.json is an attribute: application, release, environment, region, settings.
#
# Neither Chef nor Cinc is a package of Debian: bake cinc-client into the image (its version is yours to choose). This
# cookbook is not run by this project's tests.
application = node['application']
artifact = application['artifact']
folder = "/opt/#{application['name']}/#{node['release']}"
mark = "#{folder}/.retrofit-sha256"

file '/etc/ssh/sshd_config.d/10-retrofit.conf' do
  content <<~CONF
    # Managed by Chef.
    PermitRootLogin no
    PasswordAuthentication no
    KbdInteractiveAuthentication no
  CONF
  mode '0600'
  verify '/usr/sbin/sshd -t -f %{path}'
  notifies :restart, 'service[ssh]'
end

service 'ssh' do
  action :nothing
end

directory folder do
  mode '0755'
  recursive true
end

bash 'fetch the artifact, check its sum, unpack it' do
  code <<~SHELL
    set -e
    part=$(mktemp -d)
    trap 'rm -rf "$part"' EXIT
    aws --region #{node['region']} s3 cp --no-progress s3://#{artifact['bucket']}/#{artifact['key']} "$part/artifact.tar.gz"
    echo "#{artifact['sha256']}  $part/artifact.tar.gz" | sha256sum --check --quiet
    tar --extract --no-same-owner --file "$part/artifact.tar.gz" --directory #{folder}
    chmod -R a+rX #{folder}
    echo #{artifact['sha256']} > #{mark}
  SHELL
  not_if { ::File.exist?(mark) && ::File.read(mark).strip == artifact['sha256'] }
  notifies :restart, 'systemd_unit[application.service]'
end

systemd_unit 'application.service' do
  content <<~UNIT
    # Managed by Chef.
    [Unit]
    Description=#{application['name']} #{node['release']}
    After=network-online.target
    StartLimitIntervalSec=0
    [Service]
    WorkingDirectory=#{folder}
    ExecStart=/bin/sh -c "exec #{application['command']}"
    Environment=HOST=0.0.0.0 PORT=#{application['port']} RELEASE=#{node['release']}
    DynamicUser=yes
    NoNewPrivileges=yes
    ProtectSystem=strict
    ProtectHome=yes
    PrivateTmp=yes
    PrivateDevices=yes
    CapabilityBoundingSet=
    Restart=on-failure
    RestartSec=1
    [Install]
    WantedBy=multi-user.target
  UNIT
  action [:create, :enable, :start]
end
