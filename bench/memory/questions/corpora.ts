import { existsSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { parse } from "yaml";
import { githubCorpus, type GithubCorpus } from "../deliver/github-corpus.ts";
import { markdownCorpus, type MarkdownCorpus } from "../deliver/markdown-corpus.ts";
import { slackCorpus, type SlackCorpus } from "../deliver/slack-corpus.ts";
import type { Question } from "./question-set.ts";

const root = new URL("../corpora/", import.meta.url);

export const connectorNames = ["github", "slack", "markdown"] as const;

export type ConnectorName = (typeof connectorNames)[number];

interface Common {
  /** The folder's name. */
  readonly name: string;
  readonly questions: readonly Question[];
  /** The subject that the questions are put to, as the server spells it. */
  readonly subject: string;
}

/** What one team wrote in one place, as the provider holds it, and questions about it. */
export type Corpus =
  | (Common & { readonly connector: "github"; readonly content: GithubCorpus })
  | (Common & { readonly connector: "slack"; readonly content: SlackCorpus })
  | (Common & { readonly connector: "markdown"; readonly content: MarkdownCorpus; readonly folder: string });

/** All corpora, by connector. A folder has one of each connector, or of some. */
export function readCorpora(wanted: readonly ConnectorName[] = connectorNames): readonly Corpus[] {
  const names = readdirSync(root).toSorted();
  return wanted.flatMap((connector) =>
    names.filter((name) => existsSync(fileOf(name, connector))).map((name) => readCorpus(name, connector)),
  );
}

function fileOf(name: string, connector: ConnectorName): URL {
  return new URL(`${name}/${connector}.yaml`, root);
}

function readCorpus(name: string, connector: ConnectorName): Corpus {
  const written: unknown = parse(readFileSync(fileOf(name, connector), "utf8"));
  if (connector === "github") {
    const content = v.parse(githubCorpus, written);
    const subject = `repo:${content.repo.replace("/", ".")}`;
    return { name, connector, content, questions: content.questions, subject };
  }
  if (connector === "slack") {
    const content = v.parse(slackCorpus, written);
    return { name, connector, content, questions: content.questions, subject: `team:${content.team}` };
  }
  const folder = fileURLToPath(new URL(`${name}/documents`, root));
  const content = v.parse(markdownCorpus, written);
  return { name, connector, folder, content, questions: content.questions, subject: `docs:${name}` };
}
