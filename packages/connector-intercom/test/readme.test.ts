import { readFileSync } from "node:fs";
import { documentedKinds, readmeProblems } from "@statewave-connectors/testing";
import { expect, test } from "vitest";
import { connector } from "../src/index.ts";
import { episodesIn, openPull, openPush } from "./open-fake.ts";
import { samples } from "./samples.ts";

const textOf = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
const readme = textOf("README.md");
const sorted = (kinds: Iterable<string>) => [...new Set(kinds)].toSorted();

async function pushedKinds(): Promise<readonly string[]> {
  const { episodesOf } = await openPush({ internal_notes: true });
  const stored = samples.filter(({ received = "event" }) => received === "event");
  const episodes = await Promise.all(stored.map(({ body }) => episodesOf(body)));
  return sorted(episodes.flat().map(({ kind }) => kind));
}

async function pulledKinds(): Promise<readonly string[]> {
  const { fake, walk } = await openPull({}, { internal_notes: true });
  const { workspace } = fake;
  const [first, second] = [workspace.start(), workspace.start()];
  workspace.reply(first.id);
  workspace.reply(first.id);
  workspace.note(first.id);
  workspace.close(first.id);
  workspace.rate(first.id, 4);
  workspace.reopen(first.id);
  workspace.merge(second.id, first.id);
  workspace.redact(first.id, String(workspace.conversation(first.id)?.parts[0]?.["id"]));
  return sorted(episodesIn(await walk()).map(({ kind }) => kind));
}

test("the README lists exactly what there is: options, rights and kinds", async () => {
  const { name: packageName } = JSON.parse(textOf("package.json")) as { readonly name: string };
  const kinds = [...(await pushedKinds()), ...(await pulledKinds())];
  expect(readmeProblems(readme, { connector, packageName, kinds })).toEqual([]);
});

test("the README lists exactly the kinds that webhooks bring", async () => {
  expect(await pushedKinds()).toEqual(documentedKinds(readme, "push"));
});

test("the README lists exactly the kinds that the API brings", async () => {
  expect(await pulledKinds()).toEqual(documentedKinds(readme, "pull"));
});
