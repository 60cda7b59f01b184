import type {
  CodeScanningAlertClosedByUserEvent,
  DependabotAlertDismissedEvent,
  MilestoneEditedEvent,
  SecretScanningAlertCreatedEvent,
} from "@octokit/webhooks-types";
import { example, type Payload } from "./open-receiver.ts";

const at = "2026-01-31T09:00:00Z";

/** GitHub's examples have no alert of secret scanning: its published types say what is in one. */
type SecretAlert = SecretScanningAlertCreatedEvent["alert"];

const secretAlert: Partial<SecretAlert> & Record<"secret_type_display_name" | "validity", string> = {
  number: 7,
  created_at: "2026-01-30T08:00:00Z",
  updated_at: at,
  html_url: "https://github.com/Codertocat/Hello-World/security/secret-scanning/7",
  secret_type: "aws_access_key_id",
  resolution: null,
  resolved_at: null,
  resolved_by: null,
  secret_type_display_name: "Amazon AWS Access Key ID",
  validity: "active",
};

/** An alert of secret scanning; its common parts are those of another event about the same repository. */
export function secretScanning(action: string, fields: Readonly<Record<string, unknown>> = {}): Payload {
  return example("milestone", "created", { action, milestone: undefined, alert: { ...secretAlert, ...fields } });
}

export function dependabot(action: string, fields: Readonly<Record<string, unknown>> = {}): Payload {
  return example("dependabot_alert", "created", { action, alert: fields });
}

export function codeScanning(action: string, fields: Readonly<Record<string, unknown>> = {}): Payload {
  return example("code_scanning_alert", "created", { action, alert: fields });
}

export function workflow(fields: Readonly<Record<string, unknown>>): Payload {
  return example("workflow_run", "completed", { workflow_run: { conclusion: "failure", ...fields } });
}

export function deployment(state: string, fields: Readonly<Record<string, unknown>> = {}): Payload {
  return example("deployment_status", "created", { deployment_status: { state, ...fields } });
}

export function milestone(action: string, changes: MilestoneEditedEvent["changes"] = {}): Payload {
  return example("milestone", "created", { action, changes });
}

const resolvedBy = { login: "mona", type: "User" };
const tolerated: Partial<DependabotAlertDismissedEvent["alert"]> = { dismissed_at: at, dismissed_reason: "tolerable_risk" };
const dismissed: Partial<CodeScanningAlertClosedByUserEvent["alert"]> = {
  dismissed_at: at,
  dismissed_reason: "false positive",
};

/** What GitHub's examples lack of the events that are taken on demand. */
export const optInVariants: readonly (readonly [event: string, what: string, payload: Payload])[] = [
  ["milestone", "edited", milestone("edited", { title: { from: "v0.9" } })],
  ["milestone", "opened", milestone("opened")],
  ["deployment_status", "failed", deployment("failure", { description: "Health checks timed out" })],
  ["workflow_run", "failed", workflow({})],
  ["dependabot_alert", "dismissed", dependabot("dismissed", tolerated)],
  ["dependabot_alert", "auto_dismissed", dependabot("auto_dismissed", { updated_at: at })],
  ["dependabot_alert", "reopened", dependabot("reopened", { updated_at: at })],
  ["code_scanning_alert", "dismissed with a time", codeScanning("closed_by_user", dismissed)],
  ["code_scanning_alert", "reopened by a user", codeScanning("reopened_by_user", { updated_at: at })],
  ["secret_scanning_alert", "created", secretScanning("created")],
  [
    "secret_scanning_alert",
    "resolved",
    secretScanning("resolved", { resolution: "revoked", resolved_at: at, resolved_by: resolvedBy }),
  ],
  ["secret_scanning_alert", "reopened", secretScanning("reopened")],
  ["secret_scanning_alert", "revoked", secretScanning("revoked")],
  ["secret_scanning_alert", "leaked", secretScanning("publicly_leaked", { publicly_leaked: true })],
];
