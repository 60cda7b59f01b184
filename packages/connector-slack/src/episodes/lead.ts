import { oneLine, shorten } from "@statewave-connectors/connector-sdk/text";

/** Of a text: the words of the message begin behind it, within the first 60 characters. */
const maxLength = 58;
const lengthsOfNames = [60, 24, 16, 10];

/** Who says it where. Long names are cut before one of them pushes the place out. `write` gets a function that cuts a name. */
export function leadOf(write: (cut: (name: string) => string) => string): string {
  let lead = "";
  for (const length of lengthsOfNames) {
    lead = write((name) => shorten(oneLine(name), length));
    if (lead.length <= maxLength) break;
  }
  return lead;
}
