import type { WindowMessage } from '@factory/contracts';
import type { LeftOutProduct } from '@factory/domain';
import {
  Requests,
  SourceWaits,
  leftOutProductsOf,
  standingsOf,
  trainingWindowsOf,
  type RunStanding,
  type WaitOf,
} from '@factory/ledger';
import { DeadLetters, type Published } from '@factory/messaging';
import type { NatsConnection } from '@nats-io/transport-node';
import type { DataSource } from 'typeorm';

/** Maximum number of dead letters searched for one request. */
const DEAD_LETTERS_READ = 200;

/** Why a request was refused permanently. */
export interface RefusedRequest {
  readonly code: string;
  readonly reason: string;
}

/** The current state of a request and its runs; each method may be called repeatedly. */
export interface RequestState {
  /** Whether data-prep has accepted the request. */
  taken(): Promise<boolean>;
  standings(): Promise<RunStanding[]>;
  /** The source that the request waits for before it can be accepted; undefined if it does not wait. */
  waiting(): Promise<WaitOf | undefined>;
  /** The dead letter of the request, if it has become one. */
  refused(): Promise<RefusedRequest | undefined>;
}

/** A run that has ended, and its training window. */
export interface EndedRun extends RunStanding {
  /** Null if it had none. */
  readonly window: WindowMessage | null;
}

/** The result of a request. */
export interface RequestOutcome {
  readonly runs: readonly EndedRun[];
  /** Products for which it could not start a run. */
  readonly leftOut: readonly LeftOutProduct[];
}

/** Looks up a published request in ledger and broker. */
export function requestState(
  { ledger, codeVersion }: { readonly ledger: DataSource; readonly codeVersion: string },
  broker: NatsConnection,
  requestId: string,
  published: Published,
): RequestState {
  const requests = new Requests(ledger, codeVersion);
  const waits = new SourceWaits(ledger);
  return {
    taken: async () => (await requests.answers(requestId)) !== undefined,
    standings: () => standingsOf(ledger, requestId),
    waiting: () => waits.ofRequest(requestId),
    refused: refusals(new DeadLetters(broker), published),
  };
}

/** The result of a request whose runs have ended. @throws ServerAwayError */
export async function requestOutcome(
  ledger: DataSource,
  requestId: string,
  runs: readonly RunStanding[],
): Promise<RequestOutcome> {
  const leftOut = await leftOutProductsOf(ledger, requestId);
  const windows = await trainingWindowsOf(
    ledger,
    runs.map((one) => one.run),
  );
  return { runs: runs.map((one) => ({ ...one, window: windows.get(one.run) ?? null })), leftOut };
}

/** Searches for the dead letter of a request; letters that were read once are not read again. */
function refusals(letters: DeadLetters, published: Published): RequestState['refused'] {
  let read = 0;
  return async () => {
    const found = await letters.list(DEAD_LETTERS_READ, read);
    read = found.at(-1)?.sequence ?? read;
    return found.find(
      (letter) => letter.stream === published.stream && letter.streamSequence === published.sequence,
    );
  };
}
