import { messageOf } from '@factory/domain';
import type { JetStreamMessage } from './jetstream-message';

const TELL_EVERY_MS = 60_000;

/**
 * Tells that messages wait for services of a later release: a line a consumer and minute, however many they are. Each
 * message comes back after a quarter of a minute at the latest, so the line returns as long as one waits.
 */
export class WaitingNotice {
  private readonly toldAt = new Map<string, number>();

  constructor(
    private readonly warn: (text: string) => void,
    private readonly now: () => number,
  ) {}

  /** @param error why this release cannot do what the message asks for */
  tell({ consumer, stream, streamSequence, subject }: JetStreamMessage, error: unknown): void {
    const last = this.toldAt.get(consumer);
    if (last !== undefined && this.now() - last < TELL_EVERY_MS) return;
    this.toldAt.set(consumer, this.now());
    this.warn(
      `messages of ${consumer} wait for a later release, without an attempt; one is ${subject} (${stream}, sequence ${streamSequence}): ${messageOf(error)}`,
    );
  }
}
