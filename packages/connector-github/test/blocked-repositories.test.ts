import { expect, test } from "vitest";
import { openSource, read } from "./open-source.ts";

const small = { issues: 6, comments: 4, reviewComments: 0, releases: 0 };
const others = Array.from({ length: 6 }, (_, at) => ({ ...small, fullName: `acme/r${at}` }));
const subjectsOf = (episodes: readonly { subject: string }[]) => [...new Set(episodes.map(({ subject }) => subject))].toSorted();

test.each([
  { title: "451, access blocked", status: 451, message: "Repository access blocked" },
  { title: "403, resource not accessible", status: 403, message: "Resource not accessible by personal access token" },
  { title: "402, payment required", status: 402, message: "Payment required" },
])(
  "three blocked repositories in a row ($title) keep no other repository from being read, in any run",
  async ({ status, message }) => {
    const { fake, clock, source } = await openSource({ ...small, others, entry: { repo: undefined, org: "acme" } });
    const blocked = { when: /acme\/r[123]\//, times: 999, answer: { status, body: JSON.stringify({ message }) } };
    fake.fail(blocked);
    const requests: number[] = [];
    let cursor: string | undefined;
    for (let run = 0; run < 3; run += 1) {
      for (const repository of fake.repositories) repository.addIssue({ title: `news ${run}` });
      clock.set(clock.now() + 600_000);
      fake.forget();
      const reading = await read(source, cursor);
      ({ cursor } = reading);
      expect(subjectsOf(reading.episodes)).toEqual(["repo:acme/r0", "repo:acme/r4", "repo:acme/r5", "repo:acme/widgets"]);
      expect(reading.pages.at(-1)?.skipped).toEqual({ repositories_blocked: 3 });
      requests.push(fake.log.filter((line) => blocked.when.test(line)).length);
    }
    // They rest: only the first run requests them.
    expect(requests.slice(1)).toEqual([0, 0]);
  },
);

test("a repository that fails in passing keeps no other repository from being read, and the error names it", async () => {
  const { fake, clock, source } = await openSource({ ...small, others, entry: { repo: undefined, org: "acme" } });
  fake.fail({ when: /acme\/r2\//, times: 999, answer: { status: 502 } });
  let cursor: string | undefined;
  for (let run = 0; run < 3; run += 1) {
    for (const repository of fake.repositories) repository.addIssue({ title: `news ${run}` });
    clock.set(clock.now() + 600_000);
    const seen = new Set<string>();
    const reading = async () => {
      for await (const page of source.pages(cursor, new AbortController().signal)) {
        ({ cursor = cursor } = page);
        for (const { subject } of page.episodes) seen.add(subject);
      }
    };
    await expect(reading()).rejects.toMatchObject({ code: "GITHUB_UNAVAILABLE", message: expect.stringContaining("acme/r2") });
    expect(seen.size).toBe(6);
  }
});
