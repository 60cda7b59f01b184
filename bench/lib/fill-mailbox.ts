import type { AppendedMail, DovecotServer } from "@statewave-connectors/testing/servers";

/** How a mailbox is filled. */
export interface MailboxSize {
  readonly count: number;
  readonly folders: number;
}

const atOnce = 1_000;

/** The folders of a filled mailbox. */
export function folderNames(folders: number): readonly string[] {
  return Array.from({ length: folders }, (_, at) => (at === 0 ? "INBOX" : `Folder ${at}`));
}

/** Fills folders evenly with mails as people have them: headers of some kilobytes, every third with HTML, every tenth with a file. */
export async function fillMailbox(dovecot: DovecotServer, user: string, { count, folders }: MailboxSize): Promise<void> {
  const script = await dovecot.connect(user);
  for (const [index, folder] of folderNames(folders).entries()) {
    if (index > 0) await script.command(`CREATE "${folder}"`);
    const share = Math.floor(count / folders) + (index < count % folders ? 1 : 0);
    for (let done = 0; done < share; done += atOnce) {
      const size = Math.min(atOnce, share - done);
      await script.append(
        folder,
        Array.from({ length: size }, (_, at) => mailOf(index, done + at)),
      );
    }
  }
  script.end();
}

const paragraph = "The numbers of the quarter are final, and the board has seen them; please tell me by Friday what is missing. ";
const trace = Array.from({ length: 12 }, (_, at) => `X-Trace-${at}: ${"0123456789abcdef".repeat(9)}`);
const file = `${"QUJD".repeat(19)}\r\n`.repeat(400);

function mailOf(folder: number, number: number): AppendedMail {
  const id = `${folder}.${number}@bench.example`;
  const head = [
    ...trace,
    `From: Person ${number % 500} <person${number % 500}@example.org>`,
    "To: ada@example.com",
    `Subject: ${number % 4 === 0 ? "Re: " : ""}Quarter ${number % 90}`,
    "Date: Thu, 01 Jan 2026 10:00:00 +0000",
    `Message-ID: <${id}>`,
    "MIME-Version: 1.0",
  ];
  const plain = paragraph.repeat(3 + (number % 12)).replaceAll("; ", ";\r\n");
  const at = new Date(Date.UTC(2026, 0, 1) + number * 60_000);
  if (number % 10 === 0) {
    const parts = ["--m", "Content-Type: text/plain; charset=utf-8", "", plain, "--m", filePart, file, "--m--", ""];
    return { mail: [...head, 'Content-Type: multipart/mixed; boundary="m"', "", ...parts].join("\r\n"), at };
  }
  if (number % 3 === 0) {
    const html = `<html><body><p>${plain}</p></body></html>`;
    const parts = [
      "--a",
      "Content-Type: text/plain; charset=utf-8",
      "",
      plain,
      "--a",
      "Content-Type: text/html",
      "",
      html,
      "--a--",
      "",
    ];
    return { mail: [...head, 'Content-Type: multipart/alternative; boundary="a"', "", ...parts].join("\r\n"), at };
  }
  return { mail: [...head, "Content-Type: text/plain; charset=utf-8", "", plain, ""].join("\r\n"), at };
}

const filePart = [
  'Content-Type: application/pdf; name="numbers.pdf"',
  "Content-Disposition: attachment",
  "Content-Transfer-Encoding: base64",
  "",
].join("\r\n");
