import { type CheckResult, describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { GmailPullOptions } from "./pull-options.ts";
import type { Mailbox } from "./pull/mailbox.ts";

/** A check has to end within seconds. */
const mostChecked = 20;

/** Whose mailboxes an entry reads, whether their messages can be searched, and whether the labels that it names exist. */
export async function checkPull(
  mailboxes: readonly Mailbox[],
  options: GmailPullOptions,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const mailbox of mailboxes.slice(0, mostChecked)) results.push(...(await checkMailbox(mailbox, options, signal)));
  const others = mailboxes.length - mostChecked;
  return others > 0 ? [...results, { ok: true, message: `${others} more users are not checked` }] : results;
}

async function checkMailbox(
  { api }: Mailbox,
  { query, label_ids = [], label_changes = [] }: GmailPullOptions,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const { entry } = api.client;
  let address = "";
  const first = await look(signal, async () => {
    ({ mailbox: address } = await api.profile(signal));
    return `${entry} reads the mailbox ${address}`;
  });
  // The others would fail alike.
  if (!first.ok) return [first];
  const named = [...new Set([...label_ids, ...label_changes])];
  const filter = { q: query, labelIds: label_ids, pageToken: undefined, maxResults: 1 };
  const second = await look(signal, async () => {
    const { messages } = await api.messages(filter, signal);
    const found = messages.length > 0 ? "finds mails" : "finds no mail now";
    const labels = named.length === 0 ? `; its own labels: ${listOf(await api.labels(signal))}` : "";
    return `${entry} ${found} of ${address}${labels}`;
  });
  return named.length === 0 ? [first, second] : [first, second, await checkLabels({ api, named, address, entry }, signal)];
}

async function checkLabels(
  {
    api,
    named,
    address,
    entry,
  }: Pick<Mailbox, "api"> & { readonly named: readonly string[]; readonly address: string; readonly entry: string },
  signal: AbortSignal,
): Promise<CheckResult> {
  let missing: readonly string[] = [];
  const result = await look(signal, async () => {
    const labels = await api.labels(signal);
    const known = new Map(labels.map(({ id, name }) => [id, name]));
    missing = named.filter((id) => !known.has(id));
    return missing.length === 0
      ? `${entry} knows its labels in ${address}: ${named.map((id) => known.get(id) ?? id).join(", ")}`
      : `${address} has no label ${missing.join(", ")}; set \`label_ids\` and \`label_changes\` to ids of its labels: ${listOf(labels)}`;
  });
  return missing.length === 0 ? result : { ...result, ok: false };
}

function listOf(labels: readonly { readonly id: string; readonly name: string }[]): string {
  const own = labels.filter(({ id }) => id.startsWith("Label_")).slice(0, 20);
  return own.length === 0 ? "none" : own.map(({ id, name }) => `${id} is ${JSON.stringify(name)}`).join(", ");
}

async function look(signal: AbortSignal, find: () => Promise<string>): Promise<CheckResult> {
  try {
    return { ok: true, message: await find() };
  } catch (error) {
    signal.throwIfAborted();
    if (!isConnectorsError(error)) throw error;
    return { ok: false, message: describeError(error), error };
  }
}
