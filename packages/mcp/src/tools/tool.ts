import type { z } from "zod";
import type { CommandOutcome, CommandRequest } from "../command.ts";

/** What a tool runs commands with. */
export interface ToolContext {
  readonly run: (request: Omit<CommandRequest, "signal"> & { readonly signal?: AbortSignal }) => Promise<CommandOutcome>;
  /** The agent's program, for the audit log. */
  readonly actor: string;
  readonly signal: AbortSignal;
}

/** What a tool found. */
export interface ToolAnswer {
  /** Undefined: the command printed no data, and said why on stderr. */
  readonly data: Readonly<Record<string, unknown>> | undefined;
  readonly outcome: Pick<CommandOutcome, "exitCode" | "stderr">;
}

export interface ToolDeclaration<Shape extends z.ZodRawShape> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Shape;
  /** Whether it changes anything. */
  readonly acts: boolean;
  /** Whether systems outside are called. */
  readonly reachesOut: boolean;
  /** Where `data` holds text that outside systems or people wrote. */
  readonly foreign: readonly string[];
  /** Characters of a text. */
  readonly textCharacters?: number;
  readonly call: (input: z.output<z.ZodObject<Shape>>, context: ToolContext) => Promise<ToolAnswer>;
}

/** A tool, whatever its input is. */
export interface Tool extends Omit<ToolDeclaration<z.ZodRawShape>, "call"> {
  readonly call: (input: unknown, context: ToolContext) => Promise<ToolAnswer>;
}

/** Declares a tool: its input is checked before it is called. */
export function defineTool<Shape extends z.ZodRawShape>(declaration: ToolDeclaration<Shape>): Tool {
  const { call } = declaration;
  return { ...declaration, call: (input, context) => call(input as z.output<z.ZodObject<Shape>>, context) };
}
