import { describe, expect, test } from "vitest";
import { trimReply } from "../src/index.ts";

const text = (...lines: readonly string[]) => lines.join("\n");
const quote = ["> The first line", "> and the second"];

describe("a quote below the answer is left out", () => {
  test.each([
    ["On Mon, Nov 30, 2026 at 8:38 PM Ann Lee <ann@example.com> wrote:"],
    ["On Mon, Nov 30, 2026 at 8:38 PM Ann Lee <ann@example.com>\nwrote:"],
    ["On 11/30/26 20:38,\nAnn Lee\n<ann@example.com> wrote:"],
    ["Ann Lee wrote:"],
    ["Am 30.11.26 um 20:38 schrieb Ann Lee:"],
    ["Ann Lee <ann@example.com> schrieb am Mo., 30. Nov. 2026, 20:38:"],
    ["Am 30. November 2026 20:38:00 MEZ schrieb Ann Lee <ann@example.com>:"],
    ["Le lun. 30 nov. 2026 à 20:38, Ann Lee <ann@example.com> a écrit :"],
    ["Le 30/11/2026 à 20:38, Ann Lee a écrit\u00A0:"],
    ["El lun, 30 nov 2026 a las 20:38, Ann Lee (<ann@example.com>) escribió:"],
    ["Il giorno lun 30 nov 2026 alle ore 20:38 Ann Lee <ann@example.com> ha scritto:"],
    ["Em seg., 30 de nov. de 2026 às 20:38, Ann Lee <ann@example.com>\nescreveu:"],
    ["Op ma 30 nov. 2026 om 20:38 schreef Ann Lee <ann@example.com>:"],
    ["Am Mo., 30. Nov. 2026 um 20:38 Uhr schrieb Ann Lee <\nann@example.com>:"],
    ["Le lun. 30 nov. 2026 à 20:38, Ann Lee <ann@example.com> a\nécrit :"],
    ["El lun, 30 nov 2026 a la(s) 20:38, Ann Lee (ann@example.com)\nescribió:"],
    ["Op 30 nov. 2026 om 20:38 heeft Ann Lee <ann@example.com> het volgende geschreven:"],
    ["Ann Lee <ann@example.com> schrieb am Fr., 30.\nNov. 2026 um 20:38 Uhr:"],
    ['Am 30.11.2026 20:38 schrieb "Ann Lee" <ann@example.com\n>:'],
    ['30 лист. 2026 р. 20:38 "Ann" <ann@example.com> пише:'],
    ["2026-11-30 20:38 GMT+01:00 Ann Lee <\nann@example.com>:"],
    ["2026.11.30. 20:38 keltezéssel, Ann Lee írta:"],
    ["2026年11月30日(月) 20:38 Ann Lee <ann@example.com>:"],
    ["pon., 30 lis 2026 o 20:38 Ann Lee <ann@example.com> napisał(a):"],
    ["Den mån 30 nov. 2026 kl 20:38 skrev Ann Lee <ann@example.com>:"],
  ])("%s", (attribution) => {
    expect(trimReply(text("Yes, on Friday.", "", attribution, "", ...quote))).toBe("Yes, on Friday.");
    expect(trimReply(text("Yes, on Friday.", "", attribution, ...quote, ">", "> more", "", ...quote))).toBe("Yes, on Friday.");
  });

  test("without an attribution", () => {
    expect(trimReply(text("Yes.", "", ...quote))).toBe("Yes.");
  });

  test("with its attribution, where its lines are not marked", () => {
    const attribution = "On Nov 30, 2026, at 20:38, Ann Lee <ann@example.com> wrote:";
    expect(trimReply(text("Yes.", "", attribution, "", "Is it Friday?", "", "Ann"))).toBe("Yes.");
  });
});

describe("a mail that Outlook quotes is left out", () => {
  test.each([
    [["From: Ann Lee <ann@example.com>", "Sent: Monday, November 30, 2026 8:38 PM", "To: Ben Ode", "Cc: Cem", "Subject: Friday"]],
    [["________________________________", "From: Ann Lee", "Sent: Monday", "To: Ben", "Subject: Friday"]],
    [["-----Original Message-----", "From: Ann Lee", "Is it Friday?"]],
    [["-----Ursprüngliche Nachricht-----", "Von: Ann Lee", "Gesendet: Montag"]],
    [["Von: Ann Lee <ann@example.com>", "Gesendet: Montag, 30. November 2026 20:38", "An: Ben Ode", "Betreff: Freitag"]],
    [["De : Ann Lee <ann@example.com>", "Envoyé : lundi 30 novembre 2026 20:38", "À : Ben Ode", "Objet : Vendredi"]],
    [["De: Ann Lee", "Enviado el: lunes, 30 de noviembre de 2026 20:38", "Para: Ben", "Asunto: Viernes"]],
    [["De: Ann Lee", "Enviada em: segunda-feira, 30 de novembro de 2026", "Para: Ben", "Assunto: Sexta"]],
    [["Da: Ann Lee", "Inviato: lunedì 30 novembre 2026 20:38", "A: Ben", "Oggetto: Venerdì"]],
    [["Van: Ann Lee", "Verzonden: maandag 30 november 2026 20:38", "Aan: Ben", "Onderwerp: Vrijdag"]],
    [["Date: Mon, 30 Nov 2026 20:38:00 +0100", "Subject: Friday", "From: ann@example.com", "To: ben@example.org"]],
    [["От: Ann Lee", "Отправлено: 30 ноября 2026 г.", "Кому: Ben"]],
    [[" ------------------------------", "", "*From:* Ann Lee", "*Sent:* 2026-11-30", "*To:* Ben", "*Subject:* Friday"]],
    [["*-------- Original Message --------*", "", "Is it Friday?"]],
    [["---- On Mon, 30 Nov 2026 20:38:36 +0100 Ann Lee <ann@example.com> wrote ----"]],
    [["-------- Oprindelig besked --------"]],
    [["Ann Lee <ann@example.com> wrote:"]],
    [["Monday, 30 November 2026, 8:38 PM +0300 from Ann <ann@example.com>:"]],
    [["*From:* Ann Lee <ann@example.com>", "*Sent:* Monday", "*To:* Ben", "*Subject:* Friday"]],
  ])("%s", (head) => {
    expect(trimReply(text("Yes, on Friday.", "", ...head, "", "Is it Friday?", "> older"))).toBe("Yes, on Friday.");
  });

  test("but its headers in the middle of words are words", () => {
    const words = text("From: the beginning,", "this is prose.", "Subject matters.");
    expect(trimReply(words)).toBe(words);
  });
});

describe("an answer between quotes", () => {
  test("is kept with the end of the quote that it answers", () => {
    const mail = text(
      "Ann Lee wrote:",
      "> 1",
      "> 2",
      "> 3",
      "> Is it Friday?",
      "",
      "Yes.",
      "",
      "> And where?",
      "At home.",
      "",
      "> Bye",
      "> Ann",
    );
    expect(trimReply(mail)).toBe(text("> […]", "> 2", "> 3", "> Is it Friday?", "", "Yes.", "", "> And where?", "", "At home."));
  });

  test("is kept without what the quote quotes itself", () => {
    expect(trimReply(text("> > old", "> Is it Friday?", "Yes."))).toBe(text("> Is it Friday?", "", "Yes."));
  });
});

describe("a mail without words of its own keeps its text", () => {
  test.each([
    ["a quote", text("Ann Lee wrote:", ...quote)],
    ["a forward", text("---------- Forwarded message ---------", "From: Ann Lee", "", "Is it Friday?", "> yes")],
    ["a mail that Outlook quotes", text("From: Ann Lee", "Sent: Monday", "To: Ben", "Subject: Friday", "", "Is it Friday?")],
    ["a signature", text("-- ", "Ann Lee")],
  ])("%s", (_, mail) => {
    expect(trimReply(mail)).toBe(mail);
  });
});

describe("a forwarded mail is content", () => {
  test.each([
    "---------- Forwarded message ---------",
    "-------- Weitergeleitete Nachricht --------",
    "Begin forwarded message:",
    "Anfang der weitergeleiteten Nachricht:",
    "---------- Message transféré ---------",
    "---------- Mensaje reenviado ---------",
    "---------- Mensagem encaminhada ---------",
    "---------- Messaggio inoltrato ---------",
    "---------- Doorgestuurd bericht ---------",
  ])("behind %s", (mark) => {
    const mail = text("For you.", "", mark, "From: Ann Lee", "Subject: Friday", "", "Is it Friday?", "", "> older");
    expect(trimReply(mail)).toBe(mail);
  });

  test("behind headers, when the subject says that it is one", () => {
    const mail = text("For you.", "", "From: Ann Lee", "Sent: Monday", "To: Ben", "Subject: Friday", "", "Is it Friday?");
    expect(trimReply(mail, { isForward: true })).toBe(mail);
    expect(trimReply(mail)).toBe("For you.");
  });
});

describe("a signature is left out", () => {
  test.each([
    ["behind its mark", ["-- ", "Ann Lee", "Example Inc."]],
    ["behind a mark without its space", ["--", "Ann Lee"]],
    ...["Sent from my iPhone", "Von meinem iPhone gesendet", "Envoyé de mon iPhone", "Enviado desde mi iPhone"].map(
      (line): [string, string[]] => [line, [line]],
    ),
    ...[
      "Inviato da iPhone",
      "Verstuurd vanaf mijn iPhone",
      "Enviado do meu iPhone",
      "Get Outlook for iOS<https://aka.ms/o0ukef>",
    ].map((line): [string, string[]] => [line, [line]]),
    [
      "of a mailing list",
      ["_______________________________________________", "Dev mailing list", "https://lists.example.com/dev"],
    ],
  ])("%s", (_, lines) => {
    expect(trimReply(text("Yes.", "", ...lines))).toBe("Yes.");
    expect(trimReply(text("Yes.", "", ...lines, "", "On 11/30/26, Ann wrote:", ...quote))).toBe("Yes.");
  });

  test("not when much text follows its mark", () => {
    const mail = text("Yes.", "--", ...Array.from({ length: 40 }, (_, index) => `Line ${index}`));
    expect(trimReply(mail)).toBe(mail);
  });
});

test("each of both is kept when it is wanted", () => {
  const mail = text("Yes.", "-- ", "Ann", "", ...quote);
  expect(trimReply(mail, { quotes: false, signature: false })).toBe(mail);
  expect(trimReply(mail, { quotes: false })).toBe(text("Yes.", "", ...quote));
  expect(trimReply(mail, { signature: false })).toBe(text("Yes.", "-- ", "Ann"));
});

test("prose that speaks of writing stays", () => {
  const mail = text("On Monday Ben wrote:", "we meet on Friday.", "", "That is 3 days from now:", "good.");
  expect(trimReply(mail)).toBe(mail);
});

test("a quote of very many lines is left out like any other", () => {
  const lines = Array.from({ length: 300_000 }, () => "a");
  const attribution = "On Nov 30, 2026, at 20:38, Ann Lee <ann@example.com> wrote:";
  expect(trimReply(text("Yes.", "", attribution, "", lines.join("\n")))).toBe("Yes.");
  expect(trimReply(text("Yes.", lines.map(() => "> a").join("\n")))).toBe("Yes.");
});

test("what happened at a time is no introduction of a quote", () => {
  const mail = text("Hallo,", "", "Am 3.12. um 14:00 hat Ben vorgeschlagen:", "", "Wir treffen uns.");
  expect(trimReply(mail)).toBe(mail);
});

test("a sentence above the introduction of a quote stays", () => {
  expect(trimReply(text("On Friday we meet.", "Ann wrote:", ...quote))).toBe("On Friday we meet.");
  expect(trimReply(text("On Friday we meet", "Ann wrote on 11/30/26:", "> a", "Yes."))).toContain("On Friday we meet");
});

test("an introduction without a time or an address is prose, unless a quote follows", () => {
  const mail = text("See:", "", "On 3 December Ben wrote:", "", "we meet on Friday.");
  expect(trimReply(mail)).toBe(mail);
});

test("several lines that programs put below a mail are left out, and such words within a mail are not", () => {
  expect(trimReply(text("Yes.", "", "Sent from my phone", "Get Outlook for Android"))).toBe("Yes.");
  const mail = text("The notice was sent.", "Sent from my phone, it reached all users.", "That is all.");
  expect(trimReply(mail)).toBe(mail);
});
