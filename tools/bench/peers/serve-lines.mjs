import { createInterface } from 'node:readline';

/**
 * Handlers by a question's `do`; each takes the question that the other side sends.
 *
 * @typedef {Readonly<Record<string, (question: never) => unknown>>} Handlers
 */

/**
 * Answers each line of standard input until it ends, as peers/lines.py does.
 *
 * @param {Handlers} handlers
 */
export async function serveLines(handlers) {
  const write = process.stdout.write.bind(process.stdout);
  // Libraries may print to standard output, which is reserved for answers.
  process.stdout.write = process.stderr.write.bind(process.stderr);
  for await (const line of createInterface({ input: process.stdin })) {
    const reply = await replyTo(handlers, JSON.parse(line));
    write(`${JSON.stringify(reply)}\n`);
  }
}

/**
 * @param {Handlers} handlers
 * @param {{do: string}} question
 */
async function replyTo(handlers, question) {
  try {
    const handler = handlers[question.do];
    if (!handler) throw new Error(`there is no answer to ${question.do}`);
    return { answer: await handler(/** @type {never} */ (question)) };
  } catch (error) {
    return { failure: error instanceof Error ? error.stack : String(error) };
  }
}
