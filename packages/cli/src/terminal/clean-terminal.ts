import { escapeInvisible, maskSecrets, maskSecretsIn } from "@statewave-connectors/connector-sdk/secrets";
import type { Output, Terminal } from "./terminal.ts";

/** The terminal of a command: everything printed to it is masked and cleaned. */
export interface CommandTerminal extends Terminal {
  /** Stdout for data that is passed back to a command, such as a cursor: unaltered, except in a terminal. */
  readonly data: Output;
  /** Replaces the last line of stderr, cleaned and cut to the width. Absent where stderr is no terminal. */
  readonly redraw?: (line: string) => void;
  /** Clears the screen of a terminal. */
  readonly clear: () => void;
}

/** Puts masking and cleaning in front of everything that a command, its help and its errors print. */
export function cleanTerminal(terminal: Terminal): CommandTerminal {
  const stdout = cleaned(terminal.stdout);
  const data = terminal.stdout.isTTY === true ? stdout : terminal.stdout;
  const { stderr } = terminal;
  const redraw = (line: string) => {
    const width = Math.max(1, (stderr.columns ?? 80) - 1);
    stderr.write(
      `\r\u001b[2K${Array.from(oneLine(printable(line)))
        .slice(0, width)
        .join("")}`,
    );
  };
  const clear = () => void terminal.stdout.write(clearScreen);
  return { ...terminal, stdout, stderr: cleaned(stderr), data, clear, ...(stderr.isTTY === true && { redraw }) };
}

/** To the upper left corner, and erases from there on: what was scrolled out of the screen stays, and nothing is added to it. */
const clearScreen = "\u001b[H\u001b[J";

function cleaned(output: Output): Output {
  return {
    write: (text) => output.write(printable(text)),
    get isTTY() {
      return output.isTTY;
    },
    get columns() {
      return output.columns;
    },
  };
}

/** A text without known secrets, and without characters that could drive a terminal; line ends and tabs stay. */
function printable(text: string): string {
  return escapeInvisible(masked(text), "\n\t");
}

/** A provider's text on one line, so that it cannot imitate a line of this program. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\t\u2028\u2029]+/g, " ");
}

/** JSON stays JSON: a secret of digits may be a number in it. */
function masked(text: string): string {
  const result = maskSecrets(text);
  if (result === text || !isJson(text) || isJson(result)) return result;
  const indent = /^.\n/.test(text) ? 2 : undefined;
  return `${JSON.stringify(maskSecretsIn(JSON.parse(text)), undefined, indent)}\n`;
}

function isJson(text: string): boolean {
  try {
    return /^[[{]/.test(text) && JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}
