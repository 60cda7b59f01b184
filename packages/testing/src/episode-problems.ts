import type { Author, Episode } from "@statewave-connectors/connector-sdk";
import type { MemoryCandidate } from "@statewave-connectors/connector-sdk/host";
import { isCalendarDate } from "@statewave-connectors/connector-sdk/options";
import { cleanText } from "@statewave-connectors/connector-sdk/text";

const maxKindLength = 128;
const maxSourceTypeLength = 256;
const maxSubjectLength = 256;
const maxSessionLength = 256;
const dottedWordsPattern = /^(\.[a-z0-9_]+)+$/;
const keyPattern = /^[0-9a-f]{32}$/;
const isoPattern = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

/**
 * What is wrong with an episode of a connector, one sentence each; empty when it is sound. Sound is what Statewave takes as it is, and what
 * makes episodes of different sources look alike: dotted kinds that begin with the source's word, keys made by `idempotencyKey`.
 */
export function episodeProblems(episode: Episode, connectorKind: string): readonly string[] {
  const { subject, kind, text, occurred_at: occurredAt, source, idempotency_key: key, session, metadata } = episode;
  const prefix = connectorKind.replaceAll("-", "_");
  return [
    ...lengthProblems("subject", subject, maxSubjectLength),
    ...lengthProblems("kind", kind, maxKindLength),
    ...(kind.startsWith(prefix) && dottedWordsPattern.test(kind.slice(prefix.length))
      ? []
      : [`kind ${JSON.stringify(kind)} is not of the form ${prefix}.<lower_snake>…`]),
    ...lengthProblems("text", text, Number.POSITIVE_INFINITY),
    ...(isInstant(occurredAt) ? [] : [`occurred_at ${JSON.stringify(occurredAt)} is not an ISO 8601 time with offset`]),
    ...lengthProblems("source.type", source.type, maxSourceTypeLength),
    ...(source.type.startsWith(prefix) ? [] : [`source.type ${JSON.stringify(source.type)} does not begin with ${prefix}`]),
    ...lengthProblems("source.id", source.id, Number.POSITIVE_INFINITY),
    ...(source.url === undefined || isWebUrl(source.url) ? [] : [`source.url ${JSON.stringify(source.url)} is no web address`]),
    ...(keyPattern.test(key) ? [] : [`idempotency_key ${JSON.stringify(key)} is not 32 hex characters`]),
    ...(session === undefined ? [] : lengthProblems("session", session, maxSessionLength)),
    ...optionalProblems(episode),
    ...(isJson(metadata) ? [] : ["metadata is not JSON"]),
  ];
}

const maxTitleLength = 512;
const maxNameLength = 256;
const maxStatusLength = 64;
const maxCandidates = 50;
const maxCandidateLength = 4_000;
const candidateKinds: readonly string[] = [
  "domain_fact",
  "procedure",
  "episode_summary",
] satisfies readonly MemoryCandidate["kind"][];
const authorKinds: readonly string[] = ["self", "member", "external", "bot", "anonymous"] satisfies readonly Author["kind"][];

/** Of what Statewave ranks and renders. It is cut or left out on delivery, so it should be right before. */
function optionalProblems({ title, breadcrumb, author, outcome, candidates = [] }: Episode): readonly string[] {
  return [
    ...(title === undefined ? [] : lengthProblems("title", title, maxTitleLength)),
    ...(breadcrumb === undefined ? [] : lengthProblems("breadcrumb", breadcrumb, maxTitleLength)),
    ...(author === undefined ? [] : lengthProblems("author.name", author.name, maxNameLength)),
    ...(author === undefined || authorKinds.includes(author.kind) ? [] : [`author.kind ${JSON.stringify(author.kind)} is none`]),
    ...(author?.verifiedBy === undefined ? [] : lengthProblems("author.verifiedBy", author.verifiedBy, maxNameLength)),
    ...(outcome === undefined ? [] : lengthProblems("outcome.status", outcome.status, maxStatusLength)),
    ...(outcome?.reason === undefined ? [] : lengthProblems("outcome.reason", outcome.reason, maxTitleLength)),
    ...(candidates.length > maxCandidates ? [`${candidates.length} candidates, at most ${maxCandidates} are taken`] : []),
    ...candidates.flatMap(({ kind, text }) => [
      ...(candidateKinds.includes(kind) ? [] : [`candidates.kind ${JSON.stringify(kind)} is none`]),
      ...lengthProblems("candidates.text", text, maxCandidateLength),
    ]),
  ];
}

function lengthProblems(field: string, value: string, maxLength: number): readonly string[] {
  if (typeof value !== "string") return [`${field} is not a string`];
  if (cleanText(value).trim() === "") return [`${field} is empty`];
  return value.length > maxLength ? [`${field} has ${value.length} characters, at most ${maxLength} are taken`] : [];
}

function isInstant(text: string): boolean {
  const [, year, month, day] = isoPattern.exec(text) ?? [];
  return (
    isCalendarDate(Number(year), Number(month), Number(day)) &&
    !Number.isNaN(Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, "$1:$2")))
  );
}

function isWebUrl(text: string): boolean {
  return ["http:", "https:"].includes(URL.parse(text)?.protocol ?? "");
}

function isJson(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}
