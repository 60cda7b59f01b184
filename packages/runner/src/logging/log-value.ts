import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { LogFields } from "@statewave-connectors/connector-sdk/host";
import { isSecret, maskSecrets } from "@statewave-connectors/connector-sdk/secrets";

/** Turns whatever is logged into bounded, masked, JSON-able values. */
export interface LogRenderer {
  text(text: unknown): string;
  fields(fields: LogFields | undefined): LogFields;
}

const maxTextLength = 2_000;
const maxDepth = 4;
const maxCauses = 5;
/** Of all the values of one entry, nested ones included. */
const maxValues = 200;

/** Never shows a known secret, nor the user info of a URL. */
export const logRenderer: LogRenderer = {
  // JavaScript callers hand over what they like.
  text: (value) => (typeof value === "string" ? boundedText(value) : JSON.stringify(new Rendering().value(value, 0) ?? null)),
  fields: (fields) => {
    const rendered = fields === undefined ? {} : new Rendering().value(fields, 0);
    return typeof rendered === "object" && rendered !== null && !Array.isArray(rendered)
      ? (rendered as LogFields)
      : { fields: rendered };
  },
};

function boundedText(text: string): string {
  const shown = maskSecrets(text, maxTextLength);
  return text.length <= maxTextLength ? shown : `${shown}… (${text.length} characters)`;
}

/** The rendering of one entry's fields. */
class Rendering {
  #valuesLeft = maxValues;

  value(value: unknown, depth: number): unknown {
    this.#valuesLeft -= 1;
    switch (typeof value) {
      case "string":
        return boundedText(value);
      case "number":
      case "bigint": {
        const digits = String(value);
        const masked = boundedText(digits);
        return masked === digits && typeof value === "number" && Number.isFinite(value) ? value : masked;
      }
      case "boolean":
      case "undefined":
        return value;
      case "symbol":
      case "function":
        return `[${typeof value}]`;
      case "object":
        return value === null ? null : this.#object(value, depth);
    }
  }

  #object(value: object, depth: number): unknown {
    try {
      if (isSecret(value)) return String(value);
      if (value instanceof Error) return this.#error(value, 0);
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? "[invalid date]" : value.toISOString();
      if (value instanceof URL) return boundedText(value.href);
      if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
      if (depth >= maxDepth) return "[…]";
      return Array.isArray(value) ? this.#list(value, depth) : this.#record(value, depth);
    } catch {
      // A getter or a proxy that throws; the line is worth having without it.
      return "[unreadable]";
    }
  }

  #list(list: readonly unknown[], depth: number): unknown[] {
    const rendered: unknown[] = [];
    for (const value of list) {
      if (this.#valuesLeft <= 0) return [...rendered, `… (${list.length} in all)`];
      rendered.push(this.value(value, depth + 1));
    }
    return rendered;
  }

  #record(record: object, depth: number): Record<string, unknown> {
    const rendered: Record<string, unknown> = {};
    for (const name of Object.keys(record)) {
      if (this.#valuesLeft <= 0) return { ...rendered, "…": "[cut]" };
      // defineProperty: a field named __proto__ is a field like any other.
      const value = this.#property(record, name, depth);
      Object.defineProperty(rendered, boundedText(name), { value, enumerable: true, configurable: true, writable: true });
    }
    return rendered;
  }

  #property(record: object, name: string, depth: number): unknown {
    try {
      return this.value((record as Record<string, unknown>)[name], depth + 1);
    } catch {
      return "[unreadable]";
    }
  }

  /** Code, message, hint and the chain of causes; of an error outside our family also its name and where it was thrown. */
  #error(error: Error & { code?: unknown; hint?: unknown; errors?: unknown }, depth: number): Record<string, unknown> {
    const { code, hint, name, message, stack, cause, errors } = error;
    const ours = isConnectorsError(error);
    const thrownAt = ours || depth > 0 ? undefined : /^ {1,8}at (.+)$/m.exec(typeof stack === "string" ? stack : "")?.[1];
    const withCauses = depth < maxCauses;
    return {
      ...(ours ? {} : { name: this.value(name, 0) }),
      ...(code === undefined ? {} : { code: this.value(code, 0) }),
      message: this.value(message, 0),
      ...(hint === undefined ? {} : { hint: this.value(hint, 0) }),
      ...(thrownAt === undefined ? {} : { at: boundedText(thrownAt) }),
      ...(Array.isArray(errors) && withCauses
        ? { errors: errors.slice(0, maxCauses).map((part) => this.#cause(part, depth)) }
        : {}),
      ...(cause === undefined || !withCauses ? {} : { cause: this.#cause(cause, depth) }),
    };
  }

  #cause(cause: unknown, depth: number): unknown {
    if (this.#valuesLeft <= 0) return "[cut]";
    try {
      return cause instanceof Error ? this.#error(cause, depth + 1) : this.value(cause, maxDepth - 1);
    } catch {
      return "[unreadable]";
    }
  }
}
