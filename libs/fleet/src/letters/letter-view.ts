import { isCut, type DeadLetter } from '@factory/messaging';

/** A dead letter with its message as JSON if it is JSON, otherwise as text. */
export interface LetterView extends Omit<DeadLetter, 'data'> {
  /** Whether only the beginning of the message was stored. */
  readonly cut: boolean;
  readonly message: unknown;
}

/** Converts a dead letter for output by a program or a page. */
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
