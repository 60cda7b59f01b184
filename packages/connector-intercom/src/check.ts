import { type CheckResult, describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { apiVersion } from "./client.ts";
import { identify, type Identity } from "./identity.ts";
import { searchConversations } from "./pull/search.ts";
import type { Region } from "./shared-options.ts";

/** What a check compares the token with. */
export interface CheckedEntry {
  readonly client: ProviderClient;
  readonly app_id: string;
  readonly region: Region;
  readonly signal: AbortSignal;
}

/** Whose token it is, where the workspace is hosted, whether conversations can be read, and in which version of the API. */
export async function checkEntry(entry: CheckedEntry): Promise<readonly CheckResult[]> {
  const { client, app_id, signal } = entry;
  const results: CheckResult[] = [];
  try {
    const identity = await identify(client, app_id, signal);
    results.push(identityResult(entry, identity), ...regionResults(entry, identity));
    results.push(await readResult(entry));
  } catch (error) {
    signal.throwIfAborted();
    if (!isConnectorsError(error)) throw error;
    results.push({ ok: false, message: describeError(error), error });
  }
  return results;
}

function identityResult({ client, app_id }: CheckedEntry, identity: Identity | undefined): CheckResult {
  const of = identity === undefined ? "a workspace that Intercom does not name" : `the workspace ${identity.name} (${app_id})`;
  return { ok: true, message: `\`access_token\` of ${client.entry} belongs to ${of}` };
}

function regionResults({ client, region }: CheckedEntry, identity: Identity | undefined): readonly CheckResult[] {
  const hosted = identity?.region.toLowerCase() ?? "";
  if (hosted === "" || hosted === region) return [];
  const message = `the workspace of ${client.entry} is hosted in ${hosted}, and \`region\` is ${region}: set \`region\``;
  return [{ ok: false, message }];
}

async function readResult({ client, signal }: CheckedEntry): Promise<CheckResult> {
  const { version } = await searchConversations(client, { sinceSeconds: 0, size: 1, signal });
  if (version === undefined || version === apiVersion) return { ok: true, message: `${client.entry} can read conversations` };
  const message = `Intercom answers ${client.entry} in version ${version} of its API, and not in ${apiVersion}: update the connector`;
  return { ok: false, message };
}
