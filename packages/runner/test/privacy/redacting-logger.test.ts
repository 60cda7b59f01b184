import { expect, test } from "vitest";
import { createLogger } from "../../src/index.ts";
import { redactingLogger } from "../../src/privacy/redacting-logger.ts";

test("a line that the logger drops is not searched for private text, in a child neither", () => {
  const written: string[] = [];
  const mapped: string[] = [];
  const mapText = (text: string) => {
    mapped.push(text);
    return text.replaceAll("ines", "***");
  };
  const stream = { write: (line: string) => written.push(line) };
  const logger = redactingLogger(createLogger({ format: "text", level: "info", stream }), mapText);
  logger.debug("by ines", { name: "ines" });
  const child = logger.child({ place: "here" });
  mapped.length = 0;
  child.debug("by ines", { name: "ines" });
  expect([written, mapped]).toEqual([[], []]);
  child.info("by ines", { name: "ines" });
  expect(written.join("")).toContain("INFO  by ***  place=here name=***");
});
