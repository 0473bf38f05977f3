import { createInterface } from 'node:readline';

/**
 * Answers each line of standard input until it ends, as peers/lines.py does.
 *
 * @param {Record<string, (question: object) => unknown>} handlers by what a question says in `do`
 */
export async function serveLines(handlers) {
  const write = process.stdout.write.bind(process.stdout);
  // Libraries print as they like: only answers may go there.
  process.stdout.write = process.stderr.write.bind(process.stderr);
  for await (const line of createInterface({ input: process.stdin })) {
    const question = JSON.parse(line);
    const reply = await Promise.resolve(question)
      .then(handlers[question.do])
      .then(
        (answer) => ({ answer }),
        (error) => ({ failure: error.stack }),
      );
    write(`${JSON.stringify(reply)}\n`);
  }
}
