import { randomUUID } from 'node:crypto';
import { MESSAGE_VERSION, parseRetrainRequest, type RetrainRequested } from '@factory/contracts';
import { BadInputError, type GridName, type Until, type WindowChoice } from '@factory/domain';

export interface RetrainOptions {
  readonly product: number;
  readonly source?: string;
  readonly goal?: string;
  readonly grid?: GridName;
  readonly start?: string;
  readonly end?: string;
  readonly window?: WindowChoice;
  readonly seed?: string;
  readonly until?: Until;
  readonly force?: boolean;
  readonly reason?: string;
  readonly requestId?: string;
  readonly who?: string;
}

/** The request to be sent: it contains only keys that were given as options, or that identify the requester. */
export type OutgoingRequest = RetrainRequested & { readonly requestId: string };

/**
 * Converts options into the JSON that any client could send, validated by the schema of the reader.
 *
 * @throws BadInputsError `malformed-request`, BadInputError `end-before-start`
 */
export function retrainRequestOf(options: RetrainOptions, osUser: string): OutgoingRequest {
  const { product, start, end, who, requestId, ...same } = options;
  const fields = {
    v: MESSAGE_VERSION,
    productId: product,
    source: same.source,
    goal: same.goal,
    startDate: start,
    endDate: end,
    window: same.window,
    grid: same.grid,
    seed: same.seed,
    until: same.until,
    requestId: requestId ?? randomUUID(),
    force: same.force,
    reason: same.reason,
    requestedBy: (who ?? osUser).slice(0, 120),
  };
  const request = parseRetrainRequest(new TextEncoder().encode(JSON.stringify(fields)));
  refuseEndBeforeStart(request);
  return { ...request, requestId: fields.requestId };
}

/** Both forms can be compared as text; an end without time means that whole day. */
function refuseEndBeforeStart({ startDate, endDate }: RetrainRequested): void {
  if (startDate === undefined || endDate === undefined) return;
  const plain = (text: string): string => text.replace('T', ' ').replace('Z', '');
  const last = endDate.length > 10 ? plain(endDate) : `${endDate} 23:59:59`;
  if (plain(startDate) <= last) return;
  throw new BadInputError('end-before-start', {
    field: 'end',
    value: endDate,
    todo: `give an end that is not before the start ${startDate}`,
  });
}
