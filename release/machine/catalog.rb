# frozen_string_literal: true

# Compiles the catalog of every role in every environment in one process, which is what a Puppet server does, and prints
# what came of each as JSON. Arguments: the configuration's folder, and the machines' documents as a JSON file.
require 'json'
require 'puppet'

folder, documents = ARGV
Puppet.initialize_settings(['--environmentpath', File.dirname(folder), '--environment', File.basename(folder)])
Puppet[:log_level] = 'warning'
warnings = []
Puppet::Util::Log.newdestination(Puppet::Test::LogCollector.new(warnings)) if defined?(Puppet::Test::LogCollector)
environment = Puppet.lookup(:environments).get!(File.basename(folder).to_sym)

base = {
  'os' => { 'family' => 'Debian', 'name' => 'Debian', 'architecture' => 'amd64', 'distro' => { 'codename' => 'bookworm' },
            'release' => { 'major' => '12' } },
  'memory' => { 'system' => { 'total_bytes' => 4_096 * 1_048_576 } },
  'virtual' => 'kvm'
}

results = JSON.parse(File.read(documents)).map do |name, entry|
  started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  facts = Puppet::Node::Facts.new(name, base.merge('retrofit' => entry['document']).merge(entry['facts'] || {}))
  node = Puppet::Node.new(name, environment: environment, facts: facts)
  node.merge(facts.values)
  result =
    begin
      catalog = Puppet::Parser::Compiler.compile(node).to_resource.to_ral
      catalog.finalize
      # A cycle of dependencies is found only when the order is made.
      cycles = catalog.relationship_graph.find_cycles_in_graph
      raise "cycle: #{cycles.first.map(&:ref).join(' => ')}" unless cycles.empty?

      packages = catalog.resources.select { |one| one.is_a?(Puppet::Type.type(:package)) }.map { |one| one[:name] }
      classes = catalog.classes.grep(/::/)
      { 'resources' => catalog.resources.size, 'packages' => packages.sort, 'classes' => classes.sort,
        'files' => catalog.resources.select { |one| one.is_a?(Puppet::Type.type(:file)) }.to_h { |one| [one[:path], one[:ensure].to_s] },
        'contents' => catalog.resources.select { |one| one.is_a?(Puppet::Type.type(:file)) && one.parameter(:content) }.to_h { |one| [one[:path], one.parameter(:content).actual_content] },
        'units' => catalog.resources.select { |one| one.is_a?(Puppet::Type.type(:file)) && one[:path].start_with?('/etc/systemd/system/') && one.parameter(:content) }.to_h { |one| [File.basename(one[:path]), one.parameter(:content).actual_content] } }
    rescue StandardError => e
      { 'error' => e.message }
    end
  [name, result.merge('milliseconds' => ((Process.clock_gettime(Process::CLOCK_MONOTONIC) - started) * 1000).round)]
end
puts JSON.generate(results.to_h)
