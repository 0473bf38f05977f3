import { STREAMS } from '@factory/contracts';
import type { EventLog, StoredEvent } from '@factory/ledger';
import type { EventPublisher } from '@factory/messaging';

const AT_ONCE = 32;

/**
 * Publishes the events that a commit decided on and records in the ledger where they are stored (rules R13).
 */
export class Announcer {
  constructor(
    private readonly log: Pick<EventLog, 'markPublished' | 'unpublished' | 'raiseGeneration'>,
    private readonly publisher: EventPublisher,
    private readonly headers: () => Readonly<Record<string, string>> = () => ({}),
  ) {}

  /**
   * Publishes events; safe to repeat: JetStream stores only the first message of an id. @throws ServerAwayError
   */
  async announce(events: readonly StoredEvent[]): Promise<void> {
    for (let from = 0; from < events.length; from += AT_ONCE)
      await Promise.all(events.slice(from, from + AT_ONCE).map((event) => this.announceOne(event)));
  }

  /** Publishes events that an earlier worker committed but did not publish. */
  async announceUnpublished(run: string): Promise<void> {
    await this.announce(await this.log.unpublished(run));
  }

  /** Publishes an event under a new message id, unless another process has done so meanwhile. */
  async announceAgain(event: StoredEvent): Promise<boolean> {
    const raised = await this.log.raiseGeneration(event);
    if (raised) await this.announceOne(raised);
    return raised !== undefined;
  }

  private async announceOne(event: StoredEvent): Promise<void> {
    const stream = STREAMS.runs.name;
    const streamCreated = await this.publisher.streamCreated(stream);
    const { sequence } = await this.publisher.publish(event.subject, event.body, {
      stream,
      messageId: event.messageId,
      headers: this.headers(),
    });
    await this.log.markPublished(event, { sequence, streamCreated });
  }
}
