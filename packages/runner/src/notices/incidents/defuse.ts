import { escapeInvisible } from "@statewave-connectors/connector-sdk/secrets";

const mostCharacters = 200;

/**
 * A text of others as it may stand in a message: short, on one line, and nothing in it becomes a link or a mention. Addresses stay readable:
 * `hxxps` and `[.]` are how they are usually written where they must not be followed.
 */
export function defuse(text: string): string {
  const line = text
    .slice(0, 4 * mostCharacters)
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
  const safe = escapeInvisible(line)
    .replaceAll(/[@\uff20\ufe6b]/g, "(at)")
    .replaceAll("://", "[:]//")
    .replaceAll(/\bhtt(?=ps?\[:\])/gi, "hxx")
    // A host without a scheme becomes a link as well; numbers such as 1.5 do not.
    .replaceAll(/(?<=[\p{L}\p{N}])[.\u3002\uff0e\uff61](?=\p{L})/gu, "[.]")
    .replaceAll("](", "] (")
    .replaceAll(/<(?=[!#])/g, "< ")
    .replaceAll(/\b(mailto|tel|slack|javascript|data):/gi, "$1[:]");
  return safe.length <= mostCharacters ? safe : `${safe.slice(0, mostCharacters - 1).toWellFormed()}…`;
}
