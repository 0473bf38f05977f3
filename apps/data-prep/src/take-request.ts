import { parseRetrainRequest, type RetrainRequested } from '@factory/contracts';
import {
  BadInputError,
  BadInputsError,
  checkProductId,
  mostWindows,
  type ModelKey,
  type Policy,
  type RequestWindow,
  type WindowChoice,
} from '@factory/domain';
import { requireKnownChecks } from '@factory/judgement';
import {
  endOf,
  type ModelState,
  type RefusedRun,
  type ResolvedRequest,
  type RunEnd,
  type RunPlan,
  type StoredEvent,
} from '@factory/ledger';
import {
  horizonDaysOf,
  observeSecondsOf,
  rowGoalsOf,
  sourceMeant,
  type ProductList,
  type SourceDefinition,
  type SourceReading,
} from '@factory/source';
import { isWaitCause, type SourcePatience } from '@factory/stage';
import { retiredError } from './retired';
import { oneProduct, refuseBadDeclaration, someProduct } from './requested-products';
import { latestCut, resolveRange } from './resolve-range';

/** A request as received: its bytes, and its stream sequence, which identifies it if it has no id. */
export interface IncomingRequest {
  readonly data: Uint8Array;
  /** `<stream created>:<stream sequence>`. */
  readonly place: string;
}

export interface TakeRequestPorts {
  readonly requests: {
    unpublished(requestKey: string): Promise<StoredEvent[] | undefined>;
    take(request: ResolvedRequest): Promise<StoredEvent[]>;
  };
  readonly policies: { complete(source: string, goal: string): Promise<(product: number) => Policy> };
  /** What people have decided about models of a source. */
  readonly states: { list(source: string): Promise<readonly (ModelKey & ModelState)[]> };
  readonly sources: SourceReading & { definition(source: string): SourceDefinition; names(): string[] };
  readonly announcer: { announce(events: readonly StoredEvent[]): Promise<void> };
  /** Called for requests that wait for their source. */
  readonly patience: Pick<SourcePatience, 'expectRequest' | 'requestWaits' | 'requestEnded'>;
  readonly now: () => Date;
}

/**
 * Turns a retrain request into runs: one per product, once however often it is delivered (rules R11). A product
 * whose stored policy is invalid gets a failed run; the others are not affected.
 */
export class TakeRequest {
  constructor(private readonly ports: TakeRequestPorts) {}

  /**
   * @returns whether the request was new
   * @throws BadInputError, BadInputsError: never to be retried
   * @throws SourceWaitError, SourceAwayError if its source is unavailable: the request must be redelivered
   * @throws ServerAwayError
   */
  async execute(incoming: IncomingRequest): Promise<'taken' | 'repeated'> {
    const { requests, announcer, patience, sources } = this.ports;
    const request = parseRetrainRequest(incoming.data);
    const requestKey = request.requestId ?? incoming.place;
    const source = sourceMeant(sources.names(), request.source);
    if (sources.names().includes(source)) await patience.expectRequest(requestKey, source);
    const unpublished = await requests.unpublished(requestKey);
    if (unpublished) {
      await announcer.announce(unpublished);
      return 'repeated';
    }
    await announcer.announce(await requests.take(await this.resolveOrWait(request, requestKey)));
    return 'taken';
  }

  /** With any result, the request does not wait for its source any more. @throws ServerAwayError */
  async ended({ data, place }: IncomingRequest): Promise<void> {
    await this.ports.patience.requestEnded(keyOf(data) ?? place);
  }

  private async resolveOrWait(request: RetrainRequested, requestKey: string): Promise<ResolvedRequest> {
    try {
      return await this.resolve(request, requestKey);
    } catch (error) {
      if (isWaitCause(error)) await this.ports.patience.requestWaits(requestKey, error);
      throw error;
    }
  }

  private async resolve(request: RetrainRequested, requestKey: string): Promise<ResolvedRequest> {
    const { sources, policies, states, now } = this.ports;
    const source = sourceMeant(sources.names(), request.source);
    const definition = sources.definition(source);
    const goal = request.goal ?? definition.defaultGoal;
    rowGoalsOf(definition, goal);
    requireKnownChecks(request.overrule ?? []);
    const requestedBy = request.requestedBy ?? 'unknown';
    const overrules = (request.overrule ?? []).map((one) => ({ ...one, by: requestedBy }));
    const asked = now();
    const horizonDays = horizonDaysOf(definition, goal);
    const range = resolveRange({
      startDate: request.startDate,
      endDate: request.endDate,
      timeZone: definition.timeZone,
      horizonDays,
      observeSeconds: observeSecondsOf(definition),
      now: asked,
    });
    const products = await this.productsOf(source, goal, request.productId);
    const policyOf = await policies.complete(source, goal);
    const retired = new Map(
      (await states.list(source))
        .filter((one) => one.goal === goal && one.state === 'retired')
        .map((one) => [one.product, one]),
    );
    const seed = request.seed ?? null;
    const runs: RunPlan[] = [];
    const refused: RefusedRun[] = [];
    for (const product of products.contradictory) {
      const key = { source, product, goal };
      refused.push({ ...key, grid: request.grid ?? '', end: contradictoryEnd(definition) });
    }
    for (const product of products.active) {
      const key = { source, product, goal };
      const state = retired.get(product);
      if (state) {
        refused.push({ ...key, grid: request.grid ?? '', end: endOf(retiredError(key, state)) });
        continue;
      }
      const policy = soundPolicy(() => ({
        ...policyOf(product),
        ...(request.window ? { window: policyWindow(request.window) } : {}),
      }));
      if (policy instanceof BadInputsError) {
        refused.push({ ...key, grid: request.grid ?? '', end: endFor(key, policy) });
        continue;
      }
      const grid = request.grid ?? policy.grid;
      const compare = mostWindows(request.window ?? policy.window);
      const body = {
        ...(range.start ? { start: range.start.toISOString() } : {}),
        end: range.end.toISOString(),
        ...(definition.cut === undefined ? {} : { latestCut: latestCut(asked, horizonDays).toISOString() }),
        grid,
        ...(seed === null ? {} : { seed }),
        ...(request.until ? { until: request.until } : {}),
        ...(compare === undefined ? {} : { compare }),
      };
      runs.push({ ...key, policy, grid, body, overrules });
    }
    return {
      requestKey,
      payload: request,
      requestedBy,
      reason: request.reason ?? '',
      force: request.force ?? false,
      seed,
      until: request.until ?? null,
      runs,
      refused,
      leftOut: products.leftOut,
    };
  }

  private async productsOf(source: string, goal: string, productId: number): Promise<ProductList> {
    if (productId !== 0) checkProductId(productId);
    return this.ports.sources.read(
      source,
      async (reader) => {
        refuseBadDeclaration(source, await reader.checkCatalogue(goal));
        if (productId === 0) return someProduct(source, await reader.productList());
        return oneProduct(source, productId, await reader.productState(productId), reader.definition);
      },
      { slot: false },
    );
  }
}

/** A learning curve is compared with what the sales volume chooses. */
function policyWindow(window: RequestWindow): WindowChoice {
  return window === 'curve' ? 'volume' : window;
}

/** Undefined if the request has no id, or cannot be read. */
function keyOf(data: Uint8Array): string | undefined {
  try {
    return parseRetrainRequest(data).requestId;
  } catch (error) {
    if (error instanceof BadInputError || error instanceof BadInputsError) return undefined;
    throw error;
  }
}

function soundPolicy(read: () => Policy): Policy | BadInputsError {
  try {
    return read();
  } catch (error) {
    if (error instanceof BadInputsError) return error;
    throw error;
  }
}

/** The end of the run of a product with an invalid stored policy: the faults, and the command that corrects them. */
function endFor({ source, product, goal }: ModelKey, error: BadInputsError): RunEnd {
  const command = `factory policy set ${product} --source ${source} --goal ${goal} FIELD=VALUE`;
  const todo = `correct each with \`${command}\` (no VALUE: its default), then request again`;
  return { ...endOf(error), details: { message: `${error.message}\n${todo}` } };
}

function contradictoryEnd({ name, products: { table, id, active } }: SourceDefinition): RunEnd {
  const message = `source ${name}: ${table} has several rows of this ${id}, some of them active and some not: correct ${table}.${active ?? 'active'}, or remove the rows that are wrong, then request again`;
  return { outcome: 'failed', reason: 'contradictory-product', details: { message } };
}
