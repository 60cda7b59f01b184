import { startFakeFreshdesk } from "@statewave-connectors/connector-freshdesk/testing";
import { adminOf, startFakeIntercom } from "@statewave-connectors/connector-intercom/testing";
import { FakeZendesk, fillDesk } from "@statewave-connectors/connector-zendesk/testing";
import type { FakeProvider } from "@statewave-connectors/testing/fake-provider";
import type { Ending } from "../workspace.ts";

/** A support desk with some pages of everything, and the entry that reads it. */
export interface DeskFake {
  readonly provider: Pick<FakeProvider, "setFaults" | "stats" | "refused">;
  /** Options of the entry. */
  readonly options: Readonly<Record<string, unknown>>;
  /** So many episodes does it prove. */
  readonly episodes: number;
}

export type StartDesk = (ending: Ending) => Promise<DeskFake>;

/** Three pages of tickets, five of their events, and some ratings. Names of people take requests of their own. */
export const startZendesk: StartDesk = async ({ onTestFinished }) => {
  const fake = await FakeZendesk.start({ ticketsPerPage: 10, eventsPerPage: 30, sideloads: false, exportsPerMinute: 100_000 });
  onTestFinished(() => fake.close());
  const { desk } = fake;
  const episodes = fillDesk(desk, { tickets: 30, commentsPerTicket: 3 });
  const rated = [...desk.tickets.values()].slice(0, 4);
  for (const ticket of rated) desk.rate(ticket, "good", "Quick!", new Date(ticket.updatedS * 1_000));
  const options = { subdomain: "acme", oauth_token: fake.token, base_url: fake.url, exports_per_minute: 1_000 };
  return { provider: fake.provider, options, episodes: episodes + rated.length };
};

/** Two lists of tickets, thirteen pages of their replies, and some ratings. */
export const startFreshdesk: StartDesk = async ({ onTestFinished }) => {
  const fake = await startFakeFreshdesk({ tickets: 130, replies: 2, agents: 2, companies: 2 });
  onTestFinished(() => fake.close());
  for (const ticket of [3, 70, 125]) fake.desk.rate(ticket, 103, "Thanks", { created_at: "2025-06-01T00:00:00Z" });
  return {
    provider: fake,
    options: { domain: "acme", api_key: fake.apiKey, base_url: fake.url },
    episodes: 130 * 3 + 3,
  };
};

/** Three pages of conversations. A teammate began one of them, so that the name of its customer takes a request. */
export const startIntercom: StartDesk = async ({ onTestFinished }) => {
  const conversations = 120;
  const fake = await startFakeIntercom({ conversations, comments: 2 });
  onTestFinished(() => fake.close());
  fake.workspace.start({}, { author: adminOf(1), delivered_as: "admin_initiated" });
  return {
    provider: fake,
    options: { app_id: fake.workspace.seed.appId, access_token: fake.token, base_url: fake.url },
    // Each is begun and answered twice, and every second one is closed.
    episodes: conversations * 3.5 + 1,
  };
};
