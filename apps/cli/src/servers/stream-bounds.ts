import { REQUESTS_KEPT, STREAMS } from '@factory/contracts';
import type { StreamBounds } from '@factory/messaging';
import { variable, wholeNumber } from '@factory/service-kit';
import type { z } from 'zod';

const { requests, runs, dead, schedules } = STREAMS;
const mib = (stream: { readonly maxMib: number }, meaning: string) =>
  variable(wholeNumber(1, 1_048_576).default(stream.maxMib), `provision: ${meaning}`);

/** Variables of `provision`. */
export const streamVariables = {
  STREAM_REQUESTS_WAITING: variable(
    wholeNumber(1, 10_000_000).default(requests.maxMessagesPerSubject - REQUESTS_KEPT),
    'provision: requests that may wait in FACTORY_REQUESTS; further ones are refused',
  ),
  STREAM_REQUESTS_MIB: mib(requests, 'most that FACTORY_REQUESTS holds, MiB; further requests are refused'),
  STREAM_EVENTS_MIB: mib(runs, 'most that FACTORY holds, MiB; then its oldest messages go'),
  STREAM_DEAD_MIB: mib(dead, 'most that FACTORY_DEAD holds, MiB; then the oldest dead letters go'),
  STREAM_SCHEDULES_MIB: mib(schedules, 'most that FACTORY_SCHEDULES holds, MiB; then its oldest messages go'),
};

/** The bounds, from the names of the environment. */
export function streamBoundsOf(config: z.output<z.ZodObject<typeof streamVariables>>): StreamBounds {
  return {
    requests: {
      maxMib: config.STREAM_REQUESTS_MIB,
      maxMessagesPerSubject: config.STREAM_REQUESTS_WAITING + REQUESTS_KEPT,
    },
    runs: { maxMib: config.STREAM_EVENTS_MIB },
    dead: { maxMib: config.STREAM_DEAD_MIB },
    schedules: { maxMib: config.STREAM_SCHEDULES_MIB },
  };
}
