import { assignmentEpisodes, reviewRequestEpisodes } from "../episodes/assignment-episodes.ts";
import { codeScanningEpisodes } from "../episodes/code-scanning-episodes.ts";
import { dependabotEpisodes } from "../episodes/dependabot-episodes.ts";
import { deploymentEpisodes, unfinishedDeployment } from "../episodes/deployment-episodes.ts";
import {
  discussionAnsweredEpisodes,
  discussionCommentEpisodes,
  discussionCreatedEpisodes,
} from "../episodes/discussion-episodes.ts";
import { milestoneEpisodes } from "../episodes/milestone-episodes.ts";
import { otherBranch, pushEpisodes } from "../episodes/push-episodes.ts";
import { secretScanningEpisodes } from "../episodes/secret-scanning-episodes.ts";
import { passedWorkflow, workflowEpisodes } from "../episodes/workflow-episodes.ts";
import type { OptInEvent } from "../push-options.ts";
import type { EventMapping } from "./event-mapping.ts";

type Mapped = Omit<EventMapping, "group">;

/** The actions of an event that is taken as a whole. */
function actions(group: OptInEvent, names: readonly string[], mapped: Mapped): readonly (readonly [string, EventMapping])[] {
  return names.map((name) => [`${group}.${name}`, { group, ...mapped }]);
}

/** An action that is taken by itself. */
function action(group: OptInEvent, toEpisodes: Mapped["toEpisodes"]): readonly [string, EventMapping] {
  return [group, { group, toEpisodes }];
}

/** What an entry takes only when its `events` name it. */
export const optInMappings: readonly (readonly [string, EventMapping])[] = [
  ...actions("discussion", ["created"], { toEpisodes: discussionCreatedEpisodes }),
  ...actions("discussion", ["answered"], { toEpisodes: discussionAnsweredEpisodes }),
  ...actions("discussion_comment", ["created"], { toEpisodes: discussionCommentEpisodes }),
  ["push", { group: "push", toEpisodes: pushEpisodes, passedOver: otherBranch }],
  action("issues.assigned", assignmentEpisodes),
  action("issues.unassigned", assignmentEpisodes),
  action("pull_request.assigned", assignmentEpisodes),
  action("pull_request.unassigned", assignmentEpisodes),
  action("pull_request.review_requested", reviewRequestEpisodes),
  action("pull_request.review_request_removed", reviewRequestEpisodes),
  ...actions("milestone", ["created", "edited", "closed", "opened", "deleted"], { toEpisodes: milestoneEpisodes }),
  ...actions("deployment_status", ["created"], { toEpisodes: deploymentEpisodes, passedOver: unfinishedDeployment }),
  ...actions("workflow_run", ["completed"], { toEpisodes: workflowEpisodes, passedOver: passedWorkflow }),
  ...actions(
    "dependabot_alert",
    ["created", "dismissed", "auto_dismissed", "fixed", "reopened", "auto_reopened", "reintroduced"],
    { toEpisodes: dependabotEpisodes },
  ),
  // `appeared_in_branch` repeats a finding for each branch that has it.
  ...actions("code_scanning_alert", ["created", "closed_by_user", "fixed", "reopened", "reopened_by_user"], {
    toEpisodes: codeScanningEpisodes,
  }),
  ...actions("secret_scanning_alert", ["created", "resolved", "reopened", "revoked", "publicly_leaked"], {
    toEpisodes: secretScanningEpisodes,
  }),
];
