import { messageOf } from '@factory/domain';
import type { JetStreamMessage } from './jetstream-message';

const TELL_EVERY_MS = 60_000;

/**
 * Logs that messages wait for services of a later release: one line per consumer and minute, however many they
 * are. Each message is redelivered within a quarter of a minute, so the line is repeated as long as one waits.
 */
export class WaitingNotice {
  private readonly toldAt = new Map<string, number>();

  constructor(
    private readonly warn: (text: string) => void,
    private readonly now: () => number,
  ) {}

  /** @param error why this release cannot process the message */
  tell({ consumer, stream, streamSequence, subject }: JetStreamMessage, error: unknown): void {
    const last = this.toldAt.get(consumer);
    if (last !== undefined && this.now() - last < TELL_EVERY_MS) return;
    this.toldAt.set(consumer, this.now());
    this.warn(
      `messages of ${consumer} wait for a later release, no attempt is used; one of them is ${subject} (${stream}, sequence ${streamSequence}): ${messageOf(error)}`,
    );
  }
}
