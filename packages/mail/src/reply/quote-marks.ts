// How programs introduce what they quote, in the languages that they speak. All in lower case.

/** `From`, `Date`, `To` and `Subject` above a quoted mail. */
const labels: Readonly<Record<HeaderLabel, ReadonlySet<string>>> = {
  from: new Set(["from", "von", "de", "da", "van", "från", "fra", "od", "от", "kimden", "差出人", "发件人", "寄件者"]),
  date: new Set([
    "sent",
    "date",
    "gesendet",
    "datum",
    "envoyé",
    "enviado",
    "enviado el",
    "enviada em",
    "enviada",
    "data",
    "inviato",
    "verzonden",
    "fecha",
    "skickat",
    "sendt",
    "dato",
    "wysłano",
    "отправлено",
    "дата",
    "送信日時",
    "日付",
    "发送时间",
    "日期",
  ]),
  to: new Set(["to", "an", "à", "para", "a", "aan", "till", "til", "do", "кому", "宛先", "收件人"]),
  subject: new Set([
    "subject",
    "betreff",
    "objet",
    "asunto",
    "assunto",
    "oggetto",
    "onderwerp",
    "ämne",
    "emne",
    "temat",
    "тема",
    "件名",
    "主题",
    "主旨",
  ]),
};

export type HeaderLabel = "from" | "date" | "to" | "subject";

const maxLabel = 30;

/** What a line such as `*Von:* Ann Lee` labels. */
export function headerLabel(line: string): HeaderLabel | undefined {
  const colon = line.slice(0, maxLabel).search(/[:：]/);
  if (colon < 1) return undefined;
  const name = line
    .slice(0, colon)
    .replaceAll(/[*_\u00A0]/g, " ")
    .trim()
    .toLowerCase();
  return labelNames.find((label) => labels[label].has(name));
}

const labelNames = ["from", "date", "to", "subject"] as const satisfies readonly HeaderLabel[];

/** Between dashes, above a mail that is answered. */
const originals: ReadonlySet<string> = new Set([
  "original message",
  "reply message",
  "original appointment",
  "ursprüngliche nachricht",
  "originalnachricht",
  "ursprünglicher termin",
  "message d'origine",
  "message d’origine",
  "message original",
  "mensaje original",
  "mensagem original",
  "messaggio originale",
  "oorspronkelijk bericht",
  "origineel bericht",
  "ursprungligt meddelande",
  "oprindelig meddelelse",
  "oprindelig besked",
  "opprinnelig melding",
  "alkuperäinen viesti",
  "původní zpráva",
  "исходное сообщение",
  "oryginalna wiadomość",
]);

/** Between dashes or alone with a colon, above a mail that is passed on. */
const forwards: ReadonlySet<string> = new Set([
  "forwarded message",
  "begin forwarded message",
  "weitergeleitete nachricht",
  "anfang der weitergeleiteten nachricht",
  "message transféré",
  "début du message transféré",
  "début du message réexpédié",
  "mensaje reenviado",
  "inicio del mensaje reenviado",
  "mensagem encaminhada",
  "mensagem reencaminhada",
  "início da mensagem encaminhada",
  "início da mensagem reencaminhada",
  "messaggio inoltrato",
  "inizio messaggio inoltrato",
  "doorgestuurd bericht",
  "begin doorgestuurd bericht",
]);

/** Few lines of a mail begin or end so. */
const mayBeSeparator = /^[\s*]*--|[:：][\s*]*$/;

/** What is between the dashes of a line such as `-----Original Message-----`, or before the colon of `Begin forwarded message:`. */
function separatorWords(line: string): string | undefined {
  if (line.length > 100 || !mayBeSeparator.test(line)) return undefined;
  const plain = line.replaceAll("*", " ").trim().toLowerCase();
  if (plain.startsWith("--")) return plain.replaceAll("-", " ").trim();
  return endsWithColon(plain) ? plain.slice(0, -1).trim() : undefined;
}

export function isOriginalMark(line: string): boolean {
  const words = separatorWords(line) ?? "";
  // Zoho puts the whole introduction between dashes.
  return !endsWithColon(line) && (originals.has(words) || (words.startsWith("on ") && words.endsWith(" wrote")));
}

export function isForwardMark(line: string): boolean {
  return forwards.has(separatorWords(line) ?? "");
}

/** A sentence such as `On Monday, Ann Lee wrote:`: how it begins, what it holds, and how it may end. */
interface Attribution {
  /** Empty: with the name of the writer. */
  readonly start: string;
  readonly verbs: readonly string[];
}

const attributions: readonly Attribution[] = [
  { start: "on ", verbs: [" wrote:", " writes:"] },
  { start: "am ", verbs: [" schrieb", " geschrieben:"] },
  { start: "le ", verbs: [" a écrit"] },
  { start: "el ", verbs: [" escribió:", " escribio:"] },
  { start: "il ", verbs: [" ha scritto:"] },
  { start: "em ", verbs: [" escreveu:"] },
  { start: "a ", verbs: [" escreveu:"] },
  { start: "op ", verbs: [" schreef", " geschreven:"] },
  { start: "den ", verbs: [" skrev"] },
  {
    start: "",
    verbs: [" wrote:", " schrieb am ", " schrieb:", " a écrit :", " a écrit:", " escribió:", " ha scritto:", " escreveu:"],
  },
  {
    start: "",
    verbs: [
      " schreef:",
      " schreef op ",
      " skrev:",
      " napisał:",
      " napisał(a):",
      " пишет:",
      " пише:",
      " kirjoitti:",
      " írta:",
      " şunu yazdı:",
      " napsal:",
      " napsal(a):",
      " написал:",
      " написал(а):",
    ],
  },
];

/** Whether a line ends as attributions do in all languages. */
export function endsWithColon(line: string): boolean {
  const last = line.trimEnd().at(-1);
  return last === ":" || last === "：";
}

/** Whether a line, joined where it was folded, introduces a quote; `certain` is one that says who wrote when, in a known language. */
export function isAttribution(line: string): "certain" | "possible" | undefined {
  if (line.length > 500 || !endsWithColon(line)) return undefined;
  const plain = ` ${line.replaceAll("\u00A0", " ").trim().toLowerCase()}`;
  const found = attributions.find(
    ({ start, verbs }) => plain.startsWith(` ${start}`) && verbs.some((verb) => plain.includes(verb)),
  );
  // Google puts the address last in the languages that have the verb elsewhere.
  if (found === undefined) return isAddressLast(plain) ? (hasTime(plain) ? "certain" : "possible") : undefined;
  const isDated = /\d/.test(plain) && (plain.includes("@") || hasTime(plain));
  const verb = plain.slice(plain.lastIndexOf(">") + 1);
  // Nothing but a name and an address before the verb.
  const isNamed = plain.includes("@") && plain.indexOf(">") < plain.length - 2 && verb.length < 20 && found.verbs.includes(verb);
  return isDated || isNamed ? "certain" : "possible";
}

function hasTime(line: string): boolean {
  return /\d[:.h]\d\d/.test(line);
}

/** `2026-11-30 Ann Lee <ann@example.com>:` */
function isAddressLast(line: string): boolean {
  const end = line.slice(0, -1).trimEnd();
  const address = end.slice(end.lastIndexOf("<") + 1, -1).trim();
  return end.endsWith(">") && /\d/.test(line) && address.includes("@", 1) && !/[\s<>]/.test(address);
}

/** How an attribution may begin: only then the lines behind it may belong to it. */
export function mayBeginAttribution(line: string): boolean {
  const plain = line.trimStart();
  const head = plain.slice(0, longestStart).toLowerCase();
  return starts.some((start) => head.startsWith(start)) || /[<@]/.test(plain.slice(0, 300));
}

const starts = attributions.map(({ start }) => start).filter((start) => start !== "");
const longestStart = Math.max(...starts.map(({ length }) => length));

/** What mail programs of phones put below a mail. */
const advertisements: readonly string[] = [
  "sent from my ",
  "sent from outlook",
  "sent from mail for",
  "sent from yahoo",
  "sent from proton",
  "sent via ",
  "sent with ",
  "get outlook for",
  "von meinem ",
  "gesendet von ",
  "diese nachricht wurde von meinem",
  "holen sie sich outlook",
  "outlook für",
  "envoyé de mon ",
  "envoyé depuis ",
  "envoyé à partir de",
  "télécharger outlook",
  "obtenez outlook",
  "enviado desde mi ",
  "enviado desde ",
  "obtener outlook",
  "enviado do meu ",
  "enviado a partir d",
  "obter o outlook",
  "inviato da ",
  "scarica outlook",
  "verstuurd vanaf mijn ",
  "verzonden vanaf mijn ",
  "outlook voor ",
  "skickat från min ",
  "sendt fra min ",
];

const maxAdvertisement = 120;

export function isAdvertisement(line: string): boolean {
  const plain = line.trim().toLowerCase();
  return plain !== "" && plain.length <= maxAdvertisement && advertisements.some((start) => plain.startsWith(start));
}
