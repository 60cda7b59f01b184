import { InvalidArgumentError } from "commander";

/** A number of rows: a whole number from 1 on, of at most seven digits. */
export function toCount(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError("It is not a whole number above 0.");
  return Number(text);
}
