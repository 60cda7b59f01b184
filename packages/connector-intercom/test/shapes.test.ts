import { type Intercom, IntercomClient } from "intercom-client";
import { expect, test } from "vitest";
import { adminOf } from "../src/testing/index.ts";
import { openFake } from "./open-fake.ts";

/** The client's types lack `sort`, which it passes on like the rest of a body. */
type SortedSearch = Intercom.SearchRequest & { readonly sort: { readonly field: string; readonly order: string } };

test("Intercom's own client reads from the fake what the connector reads", async () => {
  const { fake } = await openFake({ conversations: 120, comments: 2 });
  const { workspace } = fake;
  const begun = workspace.start({}, { author: adminOf(1), delivered_as: "admin_initiated" }).id;
  workspace.close(begun);
  workspace.rate(begun, 5, "Quick!");
  const client = new IntercomClient({ token: fake.token, baseUrl: fake.url, maxRetries: 0 });

  expect(await client.admins.identify()).toMatchObject({ type: "admin", app: { id_code: workspace.seed.appId } });
  const search: SortedSearch = {
    query: { operator: "AND", value: [{ field: "updated_at", operator: ">", value: 0 }] },
    pagination: { per_page: 50 },
    sort: { field: "updated_at", order: "ascending" },
  };
  const found: Intercom.Conversation[] = [];
  for await (const each of await client.conversations.search(search)) found.push(each);
  expect(found.map(({ id }) => id)).toEqual(workspace.ids);

  const conversation = await client.conversations.find({ conversation_id: begun });
  expect(conversation).toMatchObject({
    type: "conversation",
    state: "closed",
    open: false,
    source: { delivered_as: "admin_initiated", author: { type: "admin" } },
    conversation_rating: { rating: 5, remark: "Quick!" },
    conversation_parts: { total_count: 1, conversation_parts: [{ part_type: "close", author: { type: "admin" } }] },
    statistics: { last_close_at: expect.any(Number) },
  });
  const [contact] = conversation.contacts?.contacts ?? [];
  expect(await client.contacts.find({ contact_id: contact?.id ?? "" })).toMatchObject({ role: "user", id: contact?.id });
  expect(fake.refused).toEqual([]);
});
