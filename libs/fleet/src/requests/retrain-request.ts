import { randomUUID } from 'node:crypto';
import {
  OVERRULE_REQUEST_VERSION,
  PLAIN_REQUEST_VERSION,
  REQUEST_VERSION,
  parseRetrainRequest,
  type RetrainRequested,
} from '@factory/contracts';
import { BadInputError, mostWindows, type GridName, type RequestWindow, type Until } from '@factory/domain';
import { requireKnownChecks } from '@factory/judgement';

export interface RetrainOptions {
  readonly product: number;
  readonly source?: string;
  readonly goal?: string;
  readonly grid?: GridName;
  readonly start?: string;
  readonly end?: string;
  readonly window?: RequestWindow;
  readonly seed?: string;
  readonly until?: Until;
  /** `<check>` or `<check>:<column>`, each overruled for the run of the request; needs a reason. */
  readonly overrule?: readonly string[];
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
 * @throws BadInputsError `malformed-request`, `unknown-check`; BadInputError `end-before-start`,
 *   `overrule-without-reason`
 */
export function retrainRequestOf(options: RetrainOptions, osUser: string): OutgoingRequest {
  const { product, start, end, who, requestId, ...same } = options;
  const overrule = overrulesOf(options);
  const fields = {
    v: versionOf(same.window, overrule),
    productId: product,
    source: same.source,
    goal: same.goal,
    startDate: start,
    endDate: end,
    window: same.window,
    grid: same.grid,
    seed: same.seed,
    until: same.until,
    overrule,
    requestId: requestId ?? randomUUID(),
    force: same.force,
    reason: same.reason,
    requestedBy: (who ?? osUser).slice(0, 120),
  };
  const request = parseRetrainRequest(new TextEncoder().encode(JSON.stringify(fields)));
  refuseEndBeforeStart(request);
  return { ...request, requestId: fields.requestId };
}

/** A former data-prep refuses what it does not know, and waits for a later one by its version. */
function versionOf(window: RequestWindow | undefined, overrule: RetrainRequested['overrule']): number {
  if (window && mostWindows(window) !== undefined) return REQUEST_VERSION;
  return overrule ? OVERRULE_REQUEST_VERSION : PLAIN_REQUEST_VERSION;
}

function overrulesOf({ overrule, reason }: RetrainOptions): RetrainRequested['overrule'] {
  if (!overrule || overrule.length === 0) return undefined;
  if (!reason)
    throw new BadInputError('overrule-without-reason', {
      field: 'reason',
      value: reason,
      todo: 'say with --reason why the check does not count for this run: it is stored with the finding',
    });
  const asked = overrule.map((text) => {
    const [check = '', ...column] = text.split(':');
    return { check, ...(column.length > 0 ? { column: column.join(':') } : {}), reason };
  });
  requireKnownChecks(asked);
  return asked;
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
