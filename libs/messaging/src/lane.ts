import { messageOf } from '@factory/domain';
import { pause, type BoundConsumer } from './bound-consumer';
import type { Delivery } from './delivery';
import type { Binding } from './jetstream-server-options';
import { withLending } from './lend-slot';
import type { PullGate } from './pull-gate';
import { type Puller, type Pulled } from './puller';
import type { Slots } from './slots';

/** A binding with its consumer. */
export interface BoundBinding {
  readonly binding: Binding;
  readonly consumer: BoundConsumer;
}

export interface LaneOptions {
  readonly slots: Slots;
  readonly members: readonly BoundBinding[];
  readonly gate: PullGate;
  readonly stopped: AbortSignal;
  readonly pullMs: number;
  readonly pullerFor: (member: BoundBinding) => Puller;
  readonly log: (text: string) => void;
  readonly handle: (member: BoundBinding, delivery: Delivery, streamCreated: string) => Promise<void>;
}

/** Maximum wait at one of several queues that share slots, so that the others get their turn. */
const TURN_MS = 1_000;
const AFTER_LOSS_MS = 200;
const AFTER_FAULT_MS = 1_000;

/**
 * Bindings that share slots. Every slot runs a loop with either one pull or one message in progress, so there
 * are exactly as many pulls as free slots, and no message is buffered.
 */
export class Lane {
  private readonly pullers: Set<Puller> = new Set();
  /** Work that only waits and has lent its slot; at most as many as there are slots. */
  private readonly lent = new Set<Promise<void>>();

  constructor(private readonly options: LaneOptions) {}

  /** Runs until the service stops and the last message is settled. */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: this.options.slots.size }, (_, slot) => this.fill(slot)));
    await Promise.allSettled(this.lent);
  }

  /** Ends every wait; messages in transit are given back. */
  async drainPullers(): Promise<void> {
    const pullers = [...this.pullers];
    this.pullers.clear();
    await Promise.all(pullers.map((one) => one.drain()));
  }

  /** The connection was lost: waits on the broker's side are void. */
  losePullers(): void {
    for (const puller of this.pullers) puller.lose();
  }

  private async fill(slot: number): Promise<void> {
    const { stopped } = this.options;
    const own = new Map<BoundBinding, Puller>();
    for (let turn = slot; !stopped.aborted; turn++) {
      try {
        await this.takeOne(turn, own);
      } catch (thrown) {
        // A slot whose loop ended here would never pull again, and the rejection would end the process.
        this.options.log(`pulling failed, and is retried: ${messageOf(thrown)}`);
        for (const member of own.keys()) await this.forget(own, member);
        await pause(AFTER_FAULT_MS, stopped);
      }
    }
    await Promise.all([...own.values()].map((one) => one.drain()));
  }

  private async takeOne(turn: number, own: Map<BoundBinding, Puller>): Promise<void> {
    const { stopped, gate, members } = this.options;
    await untilStopped(gate.open(), stopped);
    if (stopped.aborted) return;
    const there = members.filter(({ consumer }) => consumer.streamCreated !== null);
    const found = members.map(({ consumer }) => consumer.whenBound());
    if (there.length === 0) {
      await untilStopped(Promise.race(found), stopped);
      return;
    }
    const [member, pulled] = await this.pullOne(there, turn, own);
    if (pulled === 'nothing') return;
    if (pulled === 'lost') {
      await this.forget(own, member);
      await pause(AFTER_LOSS_MS, stopped);
      return;
    }
    const created = member.consumer.streamCreated ?? (await member.consumer.whenBound());
    if (stopped.aborted || gate.state === 'closed' || created === null) pulled.nak(0);
    else await this.untilDoneOrLent(() => this.options.handle(member, pulled, created));
  }

  private untilDoneOrLent(handle: () => Promise<void>): Promise<void> {
    const { slots } = this.options;
    return new Promise((resolve, reject) => {
      const lend = (): void => {
        if (this.lent.size >= slots.size) return;
        this.lent.add(work);
        resolve();
      };
      const work = slots.during(() => withLending(lend, handle)).finally(() => this.lent.delete(work));
      work.then(resolve, reject);
    });
  }

  private async pullOne(
    there: readonly BoundBinding[],
    turn: number,
    own: Map<BoundBinding, Puller>,
  ): Promise<[BoundBinding, Pulled]> {
    const ordered = there.map((one, index) => there[(index + turn) % there.length] ?? one);
    const [first] = ordered as [BoundBinding];
    if (ordered.length === 1)
      return [first, await this.puller(own, first).pull({ waitMs: this.options.pullMs })];
    for (const member of ordered) {
      const pulled = await this.puller(own, member).pull({ waitMs: 0 });
      if (pulled !== 'nothing') return [member, pulled];
      if (this.options.stopped.aborted) return [member, 'nothing'];
    }
    return [first, await this.puller(own, first).pull({ waitMs: TURN_MS })];
  }

  private puller(own: Map<BoundBinding, Puller>, member: BoundBinding): Puller {
    const known = own.get(member);
    if (known && this.pullers.has(known)) return known;
    const puller = this.options.pullerFor(member);
    own.set(member, puller);
    this.pullers.add(puller);
    return puller;
  }

  private async forget(own: Map<BoundBinding, Puller>, member: BoundBinding): Promise<void> {
    member.consumer.unbind();
    const puller = own.get(member);
    own.delete(member);
    if (!puller) return;
    this.pullers.delete(puller);
    await puller.drain();
  }
}

async function untilStopped(work: Promise<unknown>, stopped: AbortSignal): Promise<void> {
  if (stopped.aborted) return;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  stopped.addEventListener('abort', end);
  await Promise.race([work, ended]);
  stopped.removeEventListener('abort', end);
}
