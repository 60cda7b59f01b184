import { type Readable, Writable } from "node:stream";

/** Where a protocol is spoken. */
export interface ProtocolPipes {
  readonly input: Readable;
  readonly output: Writable;
}

type Streams = Pick<NodeJS.Process, "stdin" | "stdout" | "stderr">;

/**
 * Stdin and stdout for a protocol alone: what anything else in this process writes to stdout from now on, such as a connector or the `stdout:`
 * sink, goes to stderr.
 */
export function takeProtocolPipes({ stdin, stdout, stderr }: Streams): ProtocolPipes {
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  const output = new Writable({
    decodeStrings: false,
    write(text: string | Buffer, encoding, taken) {
      // Its reader is gone: the end of the connection, and no failure.
      write(text, Buffer.isBuffer(text) ? "utf8" : encoding, (error) => {
        if (error) output.destroy();
        taken();
      });
    },
  });
  return { input: stdin, output };
}
