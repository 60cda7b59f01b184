import { type CheckResult, describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { isProviderError, path, type ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { toFields, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import * as v from "valibot";
import { apiVersion } from "./client.ts";
import { idOf } from "./episodes/conversation.ts";
import { type Identification, identify } from "./identity.ts";
import { readConversation } from "./pull/read-conversations.ts";
import { searchConversations } from "./pull/search.ts";
import type { Region } from "./shared-options.ts";

/** What a check compares the token with. */
export interface CheckedEntry {
  readonly client: ProviderClient;
  readonly app_id: string;
  readonly region: Region;
  readonly signal: AbortSignal;
}

/** Whose token it is, where the workspace is hosted, and whether the app has each right, with a line for each that is missing. */
export async function checkEntry(entry: CheckedEntry): Promise<readonly CheckResult[]> {
  const { client, app_id, signal } = entry;
  const results: CheckResult[] = [];
  try {
    const identification = await identify(client, app_id, signal);
    results.push(identityResult(entry, identification), ...regionResults(entry, identification));
    results.push(...(await readResults(entry)));
  } catch (error) {
    signal.throwIfAborted();
    if (!isConnectorsError(error)) throw error;
    results.push({ ok: false, message: describeError(error), error });
  }
  return results;
}

function identityResult({ client, app_id }: CheckedEntry, identification: Identification): CheckResult {
  const token = `\`access_token\` of ${client.entry}`;
  switch (identification.type) {
    case "named":
      return { ok: true, message: `${token} belongs to the workspace ${identification.identity.name} (${app_id})` };
    case "unnamed":
      return { ok: true, message: `${token} belongs to a workspace that Intercom does not name` };
    case "forbidden":
      return { ok: true, message: `${token} may not read admins: its workspace is not compared with \`app_id\`` };
  }
}

function regionResults({ client, region }: CheckedEntry, identification: Identification): readonly CheckResult[] {
  const hosted = identification.type === "named" ? identification.identity.region.toLowerCase() : "";
  if (hosted === "" || hosted === region) return [];
  const message = `the workspace of ${client.entry} is hosted in ${hosted}, and \`region\` is ${region}: set \`region\``;
  return [{ ok: false, message }];
}

/** A conversation is searched, read, and its contact requested: each takes a right. */
async function readResults(entry: CheckedEntry): Promise<readonly CheckResult[]> {
  const { client, signal } = entry;
  const { rows, version } = await searchConversations(client, { sinceSeconds: 0, size: 1, signal });
  if (version !== undefined && version !== apiVersion) {
    const message = `Intercom answers ${client.entry} in version ${version} of its API, and not in ${apiVersion}: update the connector`;
    return [{ ok: false, message }];
  }
  const [first] = rows;
  const conversation = first && (await readConversation(client, first.id, signal));
  const readable = { ok: true, message: `${client.entry} can read conversations` };
  const contacts = toFields(conversation)?.["contacts"];
  const contact = idOf(toFieldsList(toFields(contacts)?.["contacts"] ?? contacts)[0]);
  if (contact === undefined) return [readable, { ok: true, message: `${client.entry} lists no contact to try their right with` }];
  return [readable, await contactResult(entry, contact)];
}

async function contactResult({ client, signal }: CheckedEntry, id: string): Promise<CheckResult> {
  try {
    await client.get(path`contacts/${id}`, { schema: v.looseObject({}), about: `contact ${id}`, signal });
  } catch (error) {
    if (isProviderError(error, "forbidden")) {
      const without = "customers to whom a teammate wrote first appear without their names";
      return { ok: true, message: `the app of ${client.entry} may not read one user and one company: ${without}` };
    }
    // Deleted, or merged into another contact.
    if (!isProviderError(error, "not_found") && !isProviderError(error, "gone")) throw error;
  }
  return { ok: true, message: `${client.entry} can read contacts` };
}
