import type { EnvironmentConfig } from "./config/types";

/**
 * Tags of everything in an environment. The provider gives them to what the program makes; what an Auto Scaling group
 * starts has them only where its group hands them on.
 */
export const ownTags = ({
  environment,
  application,
}: Pick<EnvironmentConfig, "environment" | "application">) => ({
  "retrofit:environment": environment,
  "retrofit:application": application.name,
});
