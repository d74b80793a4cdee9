import jetbrains.buildServer.configs.kotlin.*
import jetbrains.buildServer.configs.kotlin.buildFeatures.pullRequests
import jetbrains.buildServer.configs.kotlin.buildSteps.script
import jetbrains.buildServer.configs.kotlin.triggers.schedule
import jetbrains.buildServer.configs.kotlin.triggers.vcs

// Versioned settings: .teamcity/settings.kts. Agents have Node, git and the Pulumi engine; they take the roles of
// ci/aws-profiles.ini with the role of their machine.
version = "2024.12"

project {
    params {
        param("env.AWS_CONFIG_FILE", "ci/aws-profiles.ini")
        password("env.PULUMI_CONFIG_PASSPHRASE", "", display = ParameterDisplay.HIDDEN)
        password("env.GITHUB_TOKEN", "", display = ParameterDisplay.HIDDEN)
    }
    buildType(Build)
    buildType(Check)
    buildType(Dev)
    buildType(Test)
    buildType(Promote)
    buildType(Rebuild)
    buildType(Environment)
    buildType(Sweep)
    // A project of its own has roles of its own: who may "Run build" here is not who may promote.
    subProject {
        id("Approvals")
        name = "approvals"
        buildType(Approve)
    }
}

/** A build of the default checkout that runs one step, one at a time. */
open class Step(stage: String, command: String, profile: String?, init: BuildType.() -> Unit = {}) : BuildType({
    name = stage
    maxRunningBuilds = 1
    vcs { root(DslContext.settingsRoot) }
    if (profile != null) params { param("env.AWS_PROFILE", profile) }
    steps {
        script { scriptContent = "npm ci" }
        script { scriptContent = command }
    }
    failureConditions { executionTimeoutMin = 120 }
    init()
})

object Build : Step("build", "sh ci/steps/build.sh", null, {
    triggers { vcs {} }
})

object Check : Step("check", "sh ci/steps/check.sh origin/%teamcity.pullRequest.target.branch%", "preview", {
    dependencies { snapshot(Build) { onDependencyFailure = FailureAction.FAIL_TO_START } }
    params {
        param("env.GITHUB_REPOSITORY", "example/shop")
        param("env.GITHUB_REF", "refs/pull/%teamcity.pullRequest.number%/head")
    }
    features {
        pullRequests {
            provider = github {
                authType = vcsRoot()
                filterAuthorRole = PullRequests.GitHubRoleFilter.MEMBER
            }
        }
    }
    triggers { vcs { branchFilter = "+pr:*" } }
})

object Dev : Step("dev", "sh ci/steps/deploy.sh dev", "dev", {
    dependencies { snapshot(Build) { onDependencyFailure = FailureAction.FAIL_TO_START } }
    triggers { vcs { branchFilter = "+:<default>" } }
})

object Test : Step("test", "git pull --quiet origin main && sh ci/steps/promote.sh dev test", "test", {
    dependencies { snapshot(Dev) { onDependencyFailure = FailureAction.FAIL_TO_START } }
    triggers { vcs { branchFilter = "+:<default>" } }
})

/** Whoever runs it agrees that the release that is live there goes on. */
object Approve : Step("approve", "sh ci/steps/approve.sh '%from%' '%teamcity.build.triggeredBy.username%'", "%from%", {
    params {
        select("from", "uat", display = ParameterDisplay.PROMPT, options = listOf("dev", "test", "integration", "uat", "perf", "preprod"))
    }
})

/** Run by hand by whoever may: Administration, Roles, "Run build". */
object Promote : Step("promote", "sh ci/steps/promote.sh '%from%' '%to%'", "%to%", {
    params {
        select("from", "dev", display = ParameterDisplay.PROMPT, options = listOf("dev", "test", "integration", "uat", "perf", "preprod"))
        select("to", "test", display = ParameterDisplay.PROMPT, options = listOf("test", "integration", "uat", "perf", "preprod", "prod"))
    }
})

object Rebuild : Step("rebuild", "sh ci/steps/rebuild.sh '%name%'", "%name%", {
    params {
        select("name", "dev", display = ParameterDisplay.PROMPT, options = listOf("dev", "test", "integration", "uat", "perf"))
    }
    triggers {
        schedule {
            schedulingPolicy = daily { hour = 2 }
            withPendingChangesOnly = false
        }
    }
})

object Environment : Step("environment", "sh ci/steps/environment.sh '%what%' '%name%' '%ttl%'", "dev", {
    params {
        select("what", "create", display = ParameterDisplay.PROMPT, options = listOf("create", "remove"))
        text("name", "", display = ParameterDisplay.PROMPT, regex = "[a-z][a-z0-9-]{0,19}", validationMessage = "Lower-case letters, digits and hyphens, at most 20")
        text("ttl", "8h", display = ParameterDisplay.PROMPT, regex = "[0-9]+[mhd]", validationMessage = "30m, 8h or 2d")
    }
})

object Sweep : Step("sweep", "sh ci/steps/environment.sh sweep", "dev", {
    triggers {
        schedule {
            schedulingPolicy = cron {
                minutes = "47"
                hours = "*"
            }
            triggerBuild = always()
            withPendingChangesOnly = false
        }
    }
})
