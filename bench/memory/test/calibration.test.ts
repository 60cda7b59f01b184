// What a real server (0.7.1, newer ingest) was seen to do with delivered episodes: sections 5.2 and 5.3 of the sheet, see README.md.
import { expect, test } from "vitest";
import {
  bagOfWords,
  compileEpisodes,
  renderMemory,
  type HeldEpisode,
  superseded,
} from "@statewave-connectors/testing/memory-rules";
import { hold, judge, scoreOf } from "../questions/judge.ts";

const compiledAtMs = Date.UTC(2026, 10, 29);

function episode(text: string, subject = "repo:acme.widgets"): HeldEpisode {
  const about = { subject_id: subject, source: "github.issue", type: "github.issue.opened" };
  return { ...about, payload: { text }, occurred_at: "2025-03-05T00:00:00Z", idempotency_key: text };
}

function shown(text: string): string {
  return renderMemory(compileEpisodes([episode(text)], { atMs: compiledAtMs })[0]!);
}

const log = Array.from({ length: 20 }, (_, at) => `worker ${at} killed`).join("\n");

test("a closing whose first 500 characters end in a code block shows its headline and a fence", () => {
  const headline =
    "ines closed issue acme/widgets#101 as completed [closed, bug, P1]: Nightly import fails with OOM on accounts over 2 million rows";
  const text = `${headline}\n\nOpened by ines.\n\nThe import needs 9 GB.\n\n\`\`\`\nkilled\n\`\`\`\n`;
  expect(shown(text)).toBe(`- [2026-11-29] ${headline} → \`\`\``);
});

test("a merge shows its headline and the last box of its checklist, a release its last line", () => {
  const merge = "ines merged pull request acme/widgets#102 [closed]: Evict the row cache in the streaming parser";
  expect(shown(`${merge}\n\nOpened by ines.\n\nThe cache grew without bound.\n\n- [x] tests\n- [x] changelog`)).toBe(
    `- [2026-11-29] ${merge} → - [x] changelog`,
  );
  const release = "ines published release v3.4.1 of acme/widgets";
  expect(shown(`${release}\n\nThe import streams.\n\nNo migration needed.`)).toBe(
    `- [2026-11-29] ${release} → No migration needed.`,
  );
});

test("a document shows its title and what its 500th character stands in", () => {
  const line = shown(`The configuration file (reference/config.md)\n\n${log}\n${"Unknown keys are errors. ".repeat(20)}`);
  expect(line).toMatch(/^- \[2026-11-29\] The configuration file \(reference\/config\.md\) → (Unknown|worker)/);
  expect(line.length).toBeLessThan(300);
});

test("a closing that repeats the body retires the opening, and ok retires ok", () => {
  const body = `Exports hang when the account has more than forty custom fields and the locale is not English. ${log}`;
  const titled = "issue acme/widgets#7 [closed]: Exports hang";
  const memories = compileEpisodes(
    [
      episode(`ines opened ${titled}\n\n${body}`),
      episode(`ines closed ${titled}\n\nOpened by ines.\n\n${body}`),
      episode("Mark posted in Slack channel #ops: ok"),
      episode("Mark posted in Slack channel #ops: ok"),
    ],
    { atMs: compiledAtMs },
  );
  expect([...superseded(memories)].map((memory) => memories.indexOf(memory))).toEqual([0, 2]);
});

test("of 20 issues among 1,915 episodes next to none is found with stub embeddings, and most are with the stand-in", () => {
  const subjects = ["Login fails", "Export is slow", "Tooltip flickers", "Crash at start", "Typo in the guide"];
  const episodes = Array.from({ length: 1_915 }, (_, at) => {
    const number = 1 + Math.floor(at / 2);
    const verb = at % 2 === 0 ? "opened" : "closed";
    const title = `${subjects[number % subjects.length] ?? ""} in part ${number * 7} of module ${number % 13}`;
    return episode(`ines ${verb} issue acme/widgets#${number} [closed, bug]: ${title}\n\nSeen by customer ${number * 31}.`);
  });
  const questions = Array.from({ length: 20 }, (_, at) => {
    const number = 20 + at * 45;
    return { ask: `What is the state of issue acme/widgets#${number}?`, answer: [`acme/widgets#${number} `] };
  });
  const held = hold(episodes, compiledAtMs);
  const score = (nearness: typeof bagOfWords | undefined) => scoreOf(judge(held, questions, { budget: 500, nearness, draws: 3 }));
  expect(score(undefined)).toBeLessThan(3);
  expect(score(bagOfWords)).toBeGreaterThanOrEqual(15);
}, 600_000);

/** 9 issues and 9 pull requests that ended, and 11 comments: 47 episodes. Each of ten comments holds an answer. */
function repository(closing: (opening: string, at: number) => string): readonly HeldEpisode[] {
  const nouns = "import export login invoice tooltip printer calendar backup search map".split(" ");
  const story = (at: number) => nouns.map((noun, place) => `${noun}${at}${place}`).join(" ");
  const ended = Array.from({ length: 18 }, (_, at) => {
    const opening = `ines opened issue acme/widgets#${at}: The ${nouns[at % 10] ?? ""} of area ${at} fails\nSeen on ${story(at)} since release ${at}00.`;
    return [episode(opening), episode(closing(opening, at))];
  });
  const comments = Array.from({ length: 11 }, (_, at) => {
    const answer = `the cause is valve${at} of the ${nouns[at % 10] ?? ""}`;
    return episode(
      `tom commented on issue acme/widgets#${at}: What breaks area ${at}\nAfter a look at ${story(100 + at)} ${answer}.`,
    );
  });
  return [...ended.flat(), ...comments];
}

const causes = Array.from({ length: 10 }, (_, at) => ({
  ask: `Which cause has the failure of area ${at}?`,
  answer: [`valve${at} of`],
}));

test("47 episodes of which every closing retires its opening answer ten of ten, and with closings of their own words about six", () => {
  const repeated = repository((opening) => opening.replace("opened", "closed"));
  const own = repository(
    (_, at) => `ines closed issue acme/widgets#${at} as completed: The end of area ${at}\nOpened by ines on day ${at}.`,
  );
  const score = (episodes: readonly HeldEpisode[]) =>
    scoreOf(judge(hold(episodes, compiledAtMs), causes, { budget: 500, nearness: undefined }));
  expect(repeated).toHaveLength(47);
  expect(hold(repeated, compiledAtMs).active).toHaveLength(29);
  expect(score(repeated)).toBe(10);
  expect(score(own)).toBeGreaterThan(4.5);
  expect(score(own)).toBeLessThan(7.5);
});

const sections: readonly (readonly [heading: string, body: string])[] = [
  ["Opening hours", "The desk opens at seven.\nOn Sundays it stays closed.\nVisitors ring twice."],
  ["Keys", "Each key opens one hall.\nLost keys cost 85 euros.\nThey are made in Kleve."],
  ["Parking", "Row B belongs to guests.\nThe barrier code is 5520.\nBicycles go inside."],
  ["Alarm", "The alarm is tested in March.\nPress the green button to stop it.\nTell the porter."],
];

const questions = [
  { ask: "When does the desk open?", answer: ["opens at seven"] },
  { ask: "What does a lost key cost?", answer: ["85 euros"] },
  { ask: "What is the barrier code for parking?", answer: ["5520"] },
  { ask: "How do I stop the alarm?", answer: ["green button"] },
];

test("a document as one episode answers next to nothing, a section an episode with one line of text answers all", () => {
  const whole = [
    episode(`House rules (house.md)\n\n${sections.map(([heading, body]) => `## ${heading}\n\n${body}`).join("\n\n")}`),
  ];
  const split = sections.map(([heading, body]) => episode(`House rules › ${heading} (house.md)\n${body.replaceAll("\n", " ")}`));
  const score = (episodes: readonly HeldEpisode[]) =>
    scoreOf(judge(hold(episodes, compiledAtMs), questions, { budget: 500, nearness: bagOfWords }));
  expect(score(whole)).toBeLessThanOrEqual(1);
  expect(score(split)).toBe(4);
});
