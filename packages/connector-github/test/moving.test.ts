import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { expect, test } from "vitest";
import { iso as isoOfSeconds } from "../src/testing/history.ts";
import { openSource, read } from "./open-source.ts";

const iso = (ms: number) => isoOfSeconds(Math.floor(ms / 1_000));
const shape = { issues: 350, comments: 450, reviewComments: 150, releases: 20, reviewsPerPull: 3 };

test.each([
  { sameSecond: 1, withToken: true },
  { sameSecond: 1, withToken: false },
  { sameSecond: 240, withToken: true },
])(
  "loses nothing while people work on the repository during the walk ($sameSecond in a second, token: $withToken)",
  async (mode) => {
    const seed = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
    const random = seededRandom(seed);
    const pick = (count: number) => Math.floor(random() * count);
    const { fake, clock, source, reopen } = await openSource({ ...shape, ...mode, seed });
    const { repository } = fake;
    const lastTitle = new Map<number, string>();
    const lastBody = new Map<number, string>();
    const gone = new Set<number>();
    let steps = 0;
    const work = () => {
      steps += 1;
      const number = 1 + pick(shape.issues);
      const id = 1_000_000_000 + pick(shape.comments);
      if (gone.has(number) || gone.has(id)) return;
      const pull = 4 * (1 + pick(80));
      const onPull = (deed: (pull: number) => void) => (gone.has(pull) ? undefined : deed(pull));
      const deeds = [
        () => lastTitle.set(repository.editIssue(number, { title: `title ${steps}` }), `title ${steps}`),
        () => lastTitle.set(repository.addIssue({ title: `new ${steps}` }), `new ${steps}`),
        () => lastBody.set(repository.editComment(id, { body: `body ${steps}` }), `body ${steps}`),
        () => lastBody.set(repository.addComment(number, `comment ${steps}`), `comment ${steps}`),
        () => onPull((to) => repository.addReview(to, { body: `review ${steps}` })),
        () => onPull((to) => repository.addReviewComment(to, `line ${steps}`)),
        () => {
          repository.deleteIssue(number);
          gone.add(number);
        },
        () => {
          repository.deleteComment(id);
          gone.add(id);
        },
      ];
      deeds[pick(deeds.length)]!();
    };
    fake.onRequest(() => {
      clock.set(clock.now() + pick(3_000));
      for (let deed = pick(4); deed > 0; deed -= 1) work();
    });
    const first = await read(source);
    const second = await read(source, first.cursor);
    fake.onRequest(() => undefined);
    const third = await read(source, second.cursor);

    const truth = await read(await reopen());
    const got = new Set([...first.keys, ...second.keys, ...third.keys]);
    const missing = truth.episodes.filter((episode) => !got.has(episode.idempotency_key)).map((episode) => episode.source.id);
    expect(missing, `seed ${seed}`).toEqual([]);
    const texts = [...first.episodes, ...second.episodes, ...third.episodes].map((episode) => episode.text).join("\n");
    const lost = [...lastTitle, ...lastBody].filter(([item, text]) => !gone.has(item) && !texts.includes(text));
    expect(lost, `seed ${seed}`).toEqual([]);
    expect(steps).toBeGreaterThan(20);
  },
);

test("reports every closing, reopening and title, and the last edit of everything, while people work on the repository during the walk", async () => {
  const seed = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  const random = seededRandom(seed);
  const pick = (count: number) => Math.floor(random() * count);
  const { fake, clock, source } = await openSource({
    ...shape,
    seed,
    entry: { include: ["issues", "pull_requests", "comments"] },
  });
  const { repository } = fake;
  const gone = new Set<number>();
  const edited = new Map<number, string>();
  const work = () => {
    // A few, so that much happens to each.
    const number = 1 + 7 * pick(50);
    const id = 1_000_000_000 + pick(shape.comments);
    if (gone.has(number)) return;
    const { state, pull_request: pull } = repository.issue(number - 1);
    const isMerged = typeof Reflect.get(Object(pull), "merged_at") === "string";
    const close = () => repository.closeIssue(number);
    const reopen = () => (isMerged ? number : repository.reopenIssue(number));
    const deeds = [
      () => repository.editIssue(number, { title: `title ${pick(1e9)}` }),
      () => repository.editIssue(number, { labels: [] }),
      state === "open" ? close : reopen,
      () => edited.set(repository.editComment(id, { body: `body ${pick(1e9)}` }), iso(clock.now())),
    ];
    deeds[pick(deeds.length)]!();
    if (pick(60) > 0) return;
    repository.deleteIssue(number);
    gone.add(number);
  };
  fake.onRequest(() => {
    clock.set(clock.now() + pick(6_000));
    for (let deed = pick(20); deed > 0; deed -= 1) work();
  });
  let cursor: string | undefined;
  const told = new Set<string>();
  for (let tick = 0; tick < 6; tick += 1) {
    if (tick === 4) fake.onRequest(() => clock.set(clock.now() + 1_000));
    const reading = await read(source, cursor);
    ({ cursor } = reading);
    for (const { kind, metadata, occurred_at: at, title } of reading.episodes) {
      const id = metadata?.["comment_id"] ?? metadata?.["number"];
      told.add(`${kind.split(".")[2]} ${String(id)} ${at}${kind.endsWith(".edited") ? ` ${title}` : ""}`);
    }
    clock.set(clock.now() + pick(400_000));
  }

  const kinds: Readonly<Record<string, string>> = {
    ClosedEvent: "closed",
    ReopenedEvent: "reopened",
    RenamedTitleEvent: "edited",
  };
  const happened = Array.from({ length: shape.issues }, (_, at) => at + 1).flatMap((number) =>
    gone.has(number)
      ? []
      : repository.history.of(number).map(({ type, createdAt, ...event }) => {
          const title = type === "RenamedTitleEvent" ? ` ${String(event["currentTitle"])}` : "";
          return `${kinds[String(type)]} ${number} ${String(createdAt)}${title}`;
        }),
  );
  const edits = [...edited].map(([id, at]) => `comment_edited ${id} ${at}`);
  expect(
    [...happened, ...edits].filter((deed) => !told.has(deed)),
    `seed ${seed}`,
  ).toEqual([]);
  expect(happened.length).toBeGreaterThan(20);
});

test("reads a numbered window of one second twice, and so finds the comment that an edit made it step over", async () => {
  const { fake, source } = await openSource({
    issues: 4,
    comments: 350,
    reviewComments: 0,
    releases: 0,
    sameSecond: 300,
    entry: { include: ["comments"] },
  });
  fake.onRequest((asked) => {
    // Pages 2 to 3 of the second move up by one: the first comment of page 3 slips onto page 2, which was read.
    if (asked.includes("page=3") && !touched) fake.repository.editComment(1_000_000_150, { body: "edited" });
    touched ||= asked.includes("page=3");
  });
  let touched = false;

  const { episodes } = await read(source);

  expect(touched).toBe(true);
  expect(new Set(episodes.map((episode) => episode.metadata?.["comment_id"])).size).toBe(350);
});

test("reads every review of a pull request that was touched before the pass over them reached it", async () => {
  const { fake, clock, source } = await openSource({ ...shape, issues: 600, entry: { include: ["reviews"] } });
  const reviews = fake.repository.reviews(12).map((review) => `acme/widgets#12/review/${String(review["id"])}`);
  let isTouched = false;
  fake.onRequest((asked) => {
    if (!asked.startsWith("POST /graphql") || isTouched) return;
    isTouched = true;
    clock.set(clock.now() + 1_000);
    // One of the oldest leaves the end of the list for its front, behind the reader's back.
    setImmediate(() => fake.repository.editIssue(12));
  });
  const first = await read(source);
  clock.set(clock.now() + 3_600_000);
  fake.repository.editIssue(16);
  const second = await read(source, first.cursor);

  expect(reviews.length).toBeGreaterThan(0);
  expect(first.episodes.map((episode) => episode.source.id)).toEqual(expect.arrayContaining(reviews));
  expect(second.episodes).toEqual([]);
});
