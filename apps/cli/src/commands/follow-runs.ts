import {
  followRequest,
  publishRequest,
  requestOutcome,
  requestState,
  watchRuns,
  type FollowPorts,
  type OutgoingRequest,
  type RequestOutcome,
} from '@factory/fleet';
import type { Published } from '@factory/messaging';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cli } from '../program/cli';
import { InterruptedError } from '../program/exit-codes';
import { warnOfLeftOut } from '../rendering/left-out';
import { LiveView } from '../rendering/live-view';

const POLL_MS = 1_000;

/** Publishes a request and shows how its runs do until all have ended. @throws WaitTimeoutError, InterruptedError */
export async function followRuns(
  cli: Cli,
  request: OutgoingRequest,
  options: { readonly timeout?: number },
): Promise<RequestOutcome & { readonly published: Published }> {
  const broker = await cli.servers.broker();
  const ledger = await cli.servers.ledger();
  const { requestId } = request;
  const progress = watchRuns(broker);
  const published = await publishRequest(broker, request);
  cli.out.say(told(published, request));
  const now = (): number => cli.now().getTime();
  const view = new LiveView(cli.out, now(), now);
  const { codeVersion } = cli.servers;
  const ports: FollowPorts = {
    ...requestState({ ledger, codeVersion }, broker, requestId, published),
    sleep: (ms) =>
      sleep(ms, undefined, { signal: cli.signal }).catch(() => {
        throw new InterruptedError(
          `stopped watching; the runs continue: \`factory runs --request ${requestId}\``,
        );
      }),
    now,
  };
  try {
    const timeout = options.timeout === undefined ? {} : { timeoutSeconds: options.timeout };
    const ended = await followRequest(ports, {
      requestId,
      ...timeout,
      pollMs: POLL_MS,
      progress: progress.byRun,
      show: view.show,
    });
    view.finish();
    const outcome = await requestOutcome(ledger, requestId, ended);
    warnOfLeftOut(cli, outcome.leftOut);
    return { ...outcome, published };
  } finally {
    progress.stop();
  }
}

/** That the request is published, in words. */
export function told(published: Published, request: OutgoingRequest): string {
  const what = request.productId === 0 ? 'every active product' : `product ${request.productId}`;
  return published.duplicate
    ? `request ${request.requestId} was published before; no new runs are started`
    : `request ${request.requestId} for ${what} is published (${published.stream} ${published.sequence})`;
}
