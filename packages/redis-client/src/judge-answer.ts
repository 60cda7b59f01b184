/** The second part of an error's code. */
export type RedisTrouble = "UNAVAILABLE" | "ACCESS_DENIED" | "QUERY_FAILED" | "TLS_FAILED";

export interface AnswerVerdict {
  readonly trouble: RedisTrouble;
  readonly hint: string;
}

/**
 * What the server answers while it cannot serve for now, by the first word:
 * https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors
 */
const passingHints = {
  LOADING: "wait until the server has loaded its data",
  MASTERDOWN: "check the replication of the server, or name its primary in the url",
  READONLY: "name the primary in the url: this server is a replica",
  CLUSTERDOWN: "check the state of the cluster",
  TRYAGAIN: "wait until the cluster has moved the keys",
  BUSY: "end the script that blocks the server, with SCRIPT KILL",
  OOM: "raise maxmemory on the server, or remove keys",
  MISCONF: "look at the log of the server: it cannot save its data to the disk",
  NOREPLICAS: "check the replicas of the server: fewer are connected than min-replicas-to-write requires",
} as const;

const deniedHints = {
  NOAUTH: "add user and password to the url: the server requires them",
  WRONGPASS: "check user and password in the url",
  NOPERM: "grant the user of the url the rights that the documentation of the redis kind lists",
  DENIED: "set a password on the server and in the url: without one it takes no connections from other machines",
} as const;

const clusterHint =
  'put a part of key_prefix in braces, for example "{statewave_runner}:", and name the node that holds those keys';
const otherKeysHint = "name another key_prefix if something else uses the keys with this one";

/** Errors of these texts have no word of their own; the texts differ from release to release. */
const byText: readonly (readonly [text: RegExp, verdict: AnswerVerdict])[] = [
  [
    /max number of clients/,
    { trouble: "UNAVAILABLE", hint: "raise maxclients on the server, or close connections of other programs" },
  ],
  [/^ERR (ACL failure in script|The user executing the script can't )/, { trouble: "ACCESS_DENIED", hint: deniedHints.NOPERM }],
  [/invalid password|without any password configured/i, { trouble: "ACCESS_DENIED", hint: deniedHints.WRONGPASS }],
  [
    /DB index|SELECT is not allowed/i,
    { trouble: "QUERY_FAILED", hint: "name a database that the server has, such as /0, at the end of the url" },
  ],
];

/** What to do about an error that the server itself answered. `word` is its first one. */
export function judgeAnswer(word: string, text: string): AnswerVerdict {
  if (isPassingWord(word)) return { trouble: "UNAVAILABLE", hint: passingHints[word] };
  if (isDeniedWord(word)) return { trouble: "ACCESS_DENIED", hint: deniedHints[word] };
  if (word === "MOVED" || word === "CROSSSLOT") return { trouble: "QUERY_FAILED", hint: clusterHint };
  const known = byText.find(([pattern]) => pattern.test(text));
  return known?.[1] ?? { trouble: "QUERY_FAILED", hint: otherKeysHint };
}

function isPassingWord(word: string): word is keyof typeof passingHints {
  return Object.hasOwn(passingHints, word);
}

function isDeniedWord(word: string): word is keyof typeof deniedHints {
  return Object.hasOwn(deniedHints, word);
}
