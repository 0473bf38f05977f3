import { isCut, type DeadLetter } from '@factory/messaging';

/** A dead letter with its message as JSON where it is JSON, else as text. */
export interface LetterView extends Omit<DeadLetter, 'data'> {
  /** Whether only the beginning of the message was kept. */
  readonly cut: boolean;
  readonly message: unknown;
}

/** What a program or a page shows of a dead letter. */
export function letterView(letter: DeadLetter): LetterView {
  const { data, ...rest } = letter;
  return { ...rest, cut: isCut(letter), message: parsed(new TextDecoder().decode(data)) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
