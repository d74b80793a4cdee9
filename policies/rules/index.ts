import type { Rule } from "../rule";
import { rule as dataAccessPointsConfine } from "./data/access-points-confine";
import { rule as dataDatabaseBackups } from "./data/database-backups";
import { rule as dataDatabaseObserved } from "./data/database-observed";
import { rule as dataDatabasePrivate } from "./data/database-private";
import { rule as dataDatabaseSurvivesZone } from "./data/database-survives-zone";
import { rule as dataDatabaseTls } from "./data/database-tls";
import { rule as dataFileSystemBackups } from "./data/file-system-backups";
import { rule as dataFileSystemEncrypted } from "./data/file-system-encrypted";
import { rule as dataFileSystemTlsOnly } from "./data/file-system-tls-only";
import { rule as dataSearchAccessControl } from "./data/search-access-control";
import { rule as dataSearchEncrypted } from "./data/search-encrypted";
import { rule as dataSearchInVpc } from "./data/search-in-vpc";
import { rule as dataSearchLogs } from "./data/search-logs";
import { rule as dataSearchSurvivesZone } from "./data/search-survives-zone";
import { rule as dataSearchTls } from "./data/search-tls";
import { rule as dataSessionStoreSafe } from "./data/session-store-safe";
import { rule as dockerBoundPorts } from "./docker/bound-ports";
import { rule as dockerCapabilitiesDropped } from "./docker/capabilities-dropped";
import { rule as dockerContainerLimits } from "./docker/container-limits";
import { rule as dockerDaemonLimits } from "./docker/daemon-limits";
import { rule as dockerDaemonLogs } from "./docker/daemon-logs";
import { rule as dockerHealthCheck } from "./docker/health-check";
import { rule as dockerIsolatedContainers } from "./docker/isolated-containers";
import { rule as dockerLiveRestore } from "./docker/live-restore";
import { rule as dockerNoDockerSocket } from "./docker/no-docker-socket";
import { rule as dockerNoInsecureRegistries } from "./docker/no-insecure-registries";
import { rule as dockerReadOnlyRoot } from "./docker/read-only-root";
import { rule as dockerUnprivileged } from "./docker/unprivileged";
import { rule as identityImageRepositories } from "./identity/image-repositories";
import { rule as identityKeysRotateAndStayApart } from "./identity/keys-rotate-and-stay-apart";
import { rule as identityNoUsers } from "./identity/no-users";
import { rule as identityNoWildcardPolicies } from "./identity/no-wildcard-policies";
import { rule as identityRolesTrustWhomTheyName } from "./identity/roles-trust-whom-they-name";
import { rule as identitySecretsKeptAsSecrets } from "./identity/secrets-kept-as-secrets";
import { rule as loadBalancerAccessLogs } from "./load-balancer/access-logs";
import { rule as loadBalancerCurrentTls } from "./load-balancer/current-tls";
import { rule as loadBalancerDeletionProtection } from "./load-balancer/deletion-protection";
import { rule as loadBalancerHealthChecks } from "./load-balancer/health-checks";
import { rule as loadBalancerHttpOnlyRedirects } from "./load-balancer/http-only-redirects";
import { rule as loadBalancerNoStickySessions } from "./load-balancer/no-sticky-sessions";
import { rule as loadBalancerStrictRequests } from "./load-balancer/strict-requests";
import { rule as loadBalancerTargetsOverTls } from "./load-balancer/targets-over-tls";
import { rule as loadBalancerTwoZones } from "./load-balancer/two-zones";
import { rule as loadBalancerWebApplicationFirewall } from "./load-balancer/web-application-firewall";
import { rule as logsRetention } from "./logs/retention";
import { rule as machinesEncryptedVolumes } from "./machines/encrypted-volumes";
import { rule as machinesFixedTemplateVersion } from "./machines/fixed-template-version";
import { rule as machinesInstanceProfile } from "./machines/instance-profile";
import { rule as machinesLaunchTemplates } from "./machines/launch-templates";
import { rule as machinesLoadBalancerHealth } from "./machines/load-balancer-health";
import { rule as machinesMetadataNeedsToken } from "./machines/metadata-needs-token";
import { rule as machinesMetadataStaysOnMachine } from "./machines/metadata-stays-on-machine";
import { rule as machinesNoPublicAddress } from "./machines/no-public-address";
import { rule as machinesNoSecretsInUserData } from "./machines/no-secrets-in-user-data";
import { rule as machinesPinnedImage } from "./machines/pinned-image";
import { rule as machinesSeveralInstanceTypes } from "./machines/several-instance-types";
import { rule as machinesTerminationProtection } from "./machines/termination-protection";
import { rule as machinesTwoZones } from "./machines/two-zones";
import { rule as networkAwsThroughEndpoints } from "./network/aws-through-endpoints";
import { rule as networkDefaultSecurityGroupClosed } from "./network/default-security-group-closed";
import { rule as networkInternetReachesOnlyWebPorts } from "./network/internet-reaches-only-web-ports";
import { rule as networkNoAutomaticPublicAddresses } from "./network/no-automatic-public-addresses";
import { rule as networkNoDefaultVpc } from "./network/no-default-vpc";
import { rule as networkNoRemoteAdministrationFromInternet } from "./network/no-remote-administration-from-internet";
import { rule as networkNoUnrestrictedEgress } from "./network/no-unrestricted-egress";
import { rule as networkOneWayOfWritingRules } from "./network/one-way-of-writing-rules";
import { rule as networkS3ThroughEndpoint } from "./network/s3-through-endpoint";
import { rule as networkSecurityGroupsDescribed } from "./network/security-groups-described";
import { rule as networkVpcFlowLogs } from "./network/vpc-flow-logs";
import { rule as organisationAllowedDatabaseClasses } from "./organisation/allowed-database-classes";
import { rule as organisationAllowedMachineTypes } from "./organisation/allowed-machine-types";
import { rule as organisationDataIsGuarded } from "./organisation/data-is-guarded";
import { rule as organisationImageOwnerAndAge } from "./organisation/image-owner-and-age";
import { rule as organisationLogForwarder } from "./organisation/log-forwarder";
import { rule as organisationMachinesWithinBudget } from "./organisation/machines-within-budget";
import { rule as organisationRequiredTags } from "./organisation/required-tags";
import { rule as storageBackupsOutOfReach } from "./storage/backups-out-of-reach";
import { rule as storageBucketAccessLogs } from "./storage/bucket-access-logs";
import { rule as storageBucketLifecycle } from "./storage/bucket-lifecycle";
import { rule as storageBucketOwnKey } from "./storage/bucket-own-key";
import { rule as storageBucketPublicAccessBlock } from "./storage/bucket-public-access-block";
import { rule as storageBucketTlsOnly } from "./storage/bucket-tls-only";
import { rule as storageBucketVersioning } from "./storage/bucket-versioning";
import { rule as storageBucketWithoutAcls } from "./storage/bucket-without-acls";
import { rule as storageNoForcedDeletion } from "./storage/no-forced-deletion";
import { rule as vpnDeclaredNetworksOnly } from "./vpn/declared-networks-only";
import { rule as vpnIkev2Only } from "./vpn/ikev2-only";
import { rule as vpnRoutesStayPrivate } from "./vpn/routes-stay-private";
import { rule as vpnStrongProposals } from "./vpn/strong-proposals";
import { rule as vpnTunnelAlarms } from "./vpn/tunnel-alarms";
import { rule as vpnTunnelLogs } from "./vpn/tunnel-logs";

/** The pack, in the order in which it is listed. */
export const rules: readonly Rule[] = [
  dataAccessPointsConfine,
  dataDatabaseBackups,
  dataDatabaseObserved,
  dataDatabasePrivate,
  dataDatabaseSurvivesZone,
  dataDatabaseTls,
  dataFileSystemBackups,
  dataFileSystemEncrypted,
  dataFileSystemTlsOnly,
  dataSearchAccessControl,
  dataSearchEncrypted,
  dataSearchInVpc,
  dataSearchLogs,
  dataSearchSurvivesZone,
  dataSearchTls,
  dataSessionStoreSafe,
  dockerBoundPorts,
  dockerCapabilitiesDropped,
  dockerContainerLimits,
  dockerDaemonLimits,
  dockerDaemonLogs,
  dockerHealthCheck,
  dockerIsolatedContainers,
  dockerLiveRestore,
  dockerNoDockerSocket,
  dockerNoInsecureRegistries,
  dockerReadOnlyRoot,
  dockerUnprivileged,
  identityImageRepositories,
  identityKeysRotateAndStayApart,
  identityNoUsers,
  identityNoWildcardPolicies,
  identityRolesTrustWhomTheyName,
  identitySecretsKeptAsSecrets,
  loadBalancerAccessLogs,
  loadBalancerCurrentTls,
  loadBalancerDeletionProtection,
  loadBalancerHealthChecks,
  loadBalancerHttpOnlyRedirects,
  loadBalancerNoStickySessions,
  loadBalancerStrictRequests,
  loadBalancerTargetsOverTls,
  loadBalancerTwoZones,
  loadBalancerWebApplicationFirewall,
  logsRetention,
  machinesEncryptedVolumes,
  machinesFixedTemplateVersion,
  machinesInstanceProfile,
  machinesLaunchTemplates,
  machinesLoadBalancerHealth,
  machinesMetadataNeedsToken,
  machinesMetadataStaysOnMachine,
  machinesNoPublicAddress,
  machinesNoSecretsInUserData,
  machinesPinnedImage,
  machinesSeveralInstanceTypes,
  machinesTerminationProtection,
  machinesTwoZones,
  networkAwsThroughEndpoints,
  networkDefaultSecurityGroupClosed,
  networkInternetReachesOnlyWebPorts,
  networkNoAutomaticPublicAddresses,
  networkNoDefaultVpc,
  networkNoRemoteAdministrationFromInternet,
  networkNoUnrestrictedEgress,
  networkOneWayOfWritingRules,
  networkS3ThroughEndpoint,
  networkSecurityGroupsDescribed,
  networkVpcFlowLogs,
  organisationAllowedDatabaseClasses,
  organisationAllowedMachineTypes,
  organisationDataIsGuarded,
  organisationImageOwnerAndAge,
  organisationLogForwarder,
  organisationMachinesWithinBudget,
  organisationRequiredTags,
  storageBackupsOutOfReach,
  storageBucketAccessLogs,
  storageBucketLifecycle,
  storageBucketOwnKey,
  storageBucketPublicAccessBlock,
  storageBucketTlsOnly,
  storageBucketVersioning,
  storageBucketWithoutAcls,
  storageNoForcedDeletion,
  vpnDeclaredNetworksOnly,
  vpnIkev2Only,
  vpnRoutesStayPrivate,
  vpnStrongProposals,
  vpnTunnelAlarms,
  vpnTunnelLogs,
];
