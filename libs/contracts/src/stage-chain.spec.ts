import { readFileSync, readdirSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { DATASET_MESSAGE_VERSION } from './fields';
import {
  DEAD_PREFIX,
  EVENTS,
  REQUESTS_CONSUMER,
  RETRAIN_SUBJECT,
  SCHEDULED_RETRAIN_SUBJECT,
  STAGE_CHAIN,
  STREAMS,
  allConsumers,
  consumerOf,
  controlSubject,
  messageIdOf,
  progressSubject,
  stageOfSubject,
  subjectOf,
  versionOf,
  type ConsumingStage,
  type EventName,
} from './stage-chain';

const stages = Object.keys(STAGE_CHAIN) as ConsumingStage[];
const events = Object.keys(EVENTS) as EventName[];
const streams = Object.values(STREAMS);
const consumedEvents = stages.map((stage): EventName => STAGE_CHAIN[stage].consumes);
const emittedEvents = new Set<EventName>(stages.flatMap((stage) => [...STAGE_CHAIN[stage].emits]));
/** Not emitted by a stage's own work, but by the request consumer, a person, and any service that ends a run. */
const FROM_ELSEWHERE: readonly EventName[] = ['run.queued', 'model.retired', 'run.finished'];
const key = { source: 'shop-de', product: 7 };

/** Whether a subject matches a NATS filter: `*` is one token, `>` one or more at the end. */
function matches(filter: string, subject: string): boolean {
  const wanted = filter.split('.');
  const tokens = subject.split('.');
  for (const [index, token] of wanted.entries()) {
    if (token === '>') return tokens.length > index;
    if (tokens[index] === undefined || (token !== '*' && token !== tokens[index])) return false;
  }
  return tokens.length === wanted.length;
}
const streamsOf = (subject: string): string[] =>
  streams.filter(({ subjects }) => subjects.some((one) => matches(one, subject))).map(({ name }) => name);
const consumersOf = (subject: string, pools?: readonly string[]): string[] =>
  allConsumers(pools)
    .filter(({ filterSubject }) => matches(filterSubject, subject))
    .map(({ durable }) => durable);

describe('the chain of stages', () => {
  it.each(events)('knows who consumes %s: one stage, or anyone if it is an announcement', (event) => {
    const takers = stages.filter((stage) => STAGE_CHAIN[stage].consumes === event);
    const { consumedBy } = EVENTS[event];
    expect(takers).toEqual(consumedBy === null ? [] : [consumedBy]);
  });

  it('announces what is published, retired and ended, and nothing else', () => {
    expect(events.filter((event) => EVENTS[event].consumedBy === null)).toEqual([
      'model.published',
      'model.retired',
      'run.finished',
    ]);
  });

  it('emits every event that a stage consumes', () => {
    expect(
      consumedEvents.filter((event) => !emittedEvents.has(event) && !FROM_ELSEWHERE.includes(event)),
    ).toEqual([]);
  });

  it('has no event that nobody emits', () => {
    expect([...new Set([...emittedEvents, ...FROM_ELSEWHERE])].sort()).toEqual([...events].sort());
  });

  it('leads from the request to the published model through every stage', () => {
    const reached = new Set<EventName>(['run.queued']);
    const passed = stages.filter((stage) => {
      const { consumes, emits } = STAGE_CHAIN[stage];
      if (reached.has(consumes)) emits.forEach((event) => reached.add(event));
      return reached.has(consumes);
    });
    expect(passed).toEqual(stages);
    expect(reached).toContain('model.published');
  });
});

describe('the subject of an event', () => {
  it.each(events)('is in one stream, the one of runs: %s', (event) => {
    expect(streamsOf(subjectOf(event, key))).toEqual([STREAMS.runs.name]);
  });

  it.each(events)('is consumed by its stage only: %s', (event) => {
    const { consumedBy } = EVENTS[event];
    const taker = consumedBy === null ? [] : [consumerOf(consumedBy as ConsumingStage).durable];
    expect(consumersOf(subjectOf(event, key), ['default', 'gpu'])).toEqual(taker);
  });

  it('ends in source and product, after the pool if it is a trial group', () => {
    expect(subjectOf('model.trained', key)).toBe('factory.model.trained.shop-de.7');
    expect(subjectOf('model.trained', key, 'gpu')).toBe('factory.model.trained.shop-de.7');
    expect(subjectOf('trials.queued', key, 'gpu')).toBe('factory.trials.queued.gpu.shop-de.7');
  });

  it('of a request is in the stream of requests and has one consumer', () => {
    expect(streamsOf(RETRAIN_SUBJECT)).toEqual([STREAMS.requests.name]);
    expect(consumersOf(RETRAIN_SUBJECT)).toEqual([REQUESTS_CONSUMER.durable]);
  });

  it('of what a schedule publishes is in the stream of schedules, and becomes a request', () => {
    expect(streamsOf(SCHEDULED_RETRAIN_SUBJECT)).toEqual([STREAMS.schedules.name]);
    expect(streamsOf('factory.schedule.nightly')).toEqual([STREAMS.schedules.name]);
    expect(STREAMS.requests.takesFrom).toMatchObject({
      stream: STREAMS.schedules.name,
      as: RETRAIN_SUBJECT,
    });
  });

  it.each(events)('%s is recognised by its subject, in any pool', (event) => {
    expect(stageOfSubject(subjectOf(event, key, 'gpu'))).toBe(EVENTS[event].consumedBy);
  });

  it.each([RETRAIN_SUBJECT, '', 'factory', 'factory.run.queuedness.x', '__proto__', 'constructor.x'])(
    '%p belongs to no stage',
    (subject) => expect(stageOfSubject(subject)).toBeNull(),
  );

  it.each([...events.map((event) => subjectOf(event, key)), RETRAIN_SUBJECT])(
    'as a dead letter is in the stream of dead letters and has no consumer: %s',
    (subject) => {
      expect(streamsOf(`${DEAD_PREFIX}${subject}`)).toEqual([STREAMS.dead.name]);
      expect(consumersOf(`${DEAD_PREFIX}${subject}`)).toEqual([]);
    },
  );

  it('of progress and control is not stored', () => {
    expect([progressSubject('r'), controlSubject('r')].flatMap((subject) => streamsOf(subject))).toEqual([]);
  });
});

describe('the consumers', () => {
  it('have distinct names, in existing streams', () => {
    const consumers = allConsumers(['default', 'gpu', 'data-prep', 'plan-b']);
    expect(new Set(consumers.map(({ stream, durable }) => `${stream}/${durable}`)).size).toBe(
      consumers.length,
    );
    for (const { stream, filterSubject } of consumers) {
      const { subjects } = streams.find(({ name }) => name === stream)!;
      expect(subjects.some((one) => matches(one, filterSubject.replace('>', 'any')))).toBe(true);
    }
  });

  it('of a pool called plan would be the one that plans trials: no message may name such a pool', () => {
    expect(consumerOf('trials', 'plan').durable).toBe(consumerOf('trainer-plan').durable);
    expect(EVENTS['trials.queued'].schema.shape.pool.safeParse('plan').success).toBe(false);
  });

  it('are one per stage and one for requests; trials have one per pool', () => {
    expect(allConsumers(['default', 'gpu']).map(({ durable }) => durable)).toEqual([
      'data-prep-requests',
      'data-prep',
      'sampling',
      'trainer-plan',
      'trainer-default',
      'trainer-gpu',
      'evaluator',
      'publisher',
    ]);
  });

  it('give each pool its own trial groups only', () => {
    const taken = (pool: string) =>
      consumersOf(subjectOf('trials.queued', key, pool), ['default', 'gpu', 'gpu-2']);
    expect(['default', 'gpu', 'gpu-2'].map(taken)).toEqual([
      ['trainer-default'],
      ['trainer-gpu'],
      ['trainer-gpu-2'],
    ]);
    expect(taken('nobody')).toEqual([]);
  });
});

describe('the version of an event', () => {
  it.each(events)('is the highest that its schema and its consumer read: %s', (event) => {
    const { schema, consumedBy } = EVENTS[event];
    const version = schema.shape.v.safeParse(undefined).data;
    expect(version).toBe(versionOf(event));
    if (consumedBy !== null) expect(consumerOf(consumedBy as ConsumingStage).messageVersion).toBe(version);
  });

  it('is that of datasets from the draw to the verdict: an older reader takes the halves for a feature', () => {
    expect(events.filter((event) => versionOf(event) === DATASET_MESSAGE_VERSION)).toEqual(
      events.filter((event) =>
        ['trainer-plan', 'trials', 'evaluator', 'publisher'].includes(`${EVENTS[event].consumedBy}`),
      ),
    );
  });
});

describe('the message id', () => {
  it('differs by run, event, part and generation: the broker drops duplicates', () => {
    const base: Parameters<typeof messageIdOf> = ['r1', 'model.published', '0', 1];
    expect(messageIdOf(...base)).toBe('r1/model.published/0/1');
    const ids = [
      base,
      ['r2', 'model.published', '0', 1],
      ['r1', 'model.trained', '0', 1],
      ['r1', 'model.published', 'again', 1],
      ['r1', 'model.published', '0', 2],
    ] satisfies Parameters<typeof messageIdOf>[];
    expect(new Set(ids.map((one) => messageIdOf(...one))).size).toBe(ids.length);
  });

  it.each(stages.filter((stage) => STAGE_CHAIN[stage].emits.length > 1))(
    'is different for each event that one shard of a stage emits: %s',
    (stage) => {
      const { emits } = STAGE_CHAIN[stage];
      expect(new Set(emits.map((event) => messageIdOf('r1', event, '0', 1))).size).toBe(emits.length);
    },
  );
});

describe('the names of streams, subjects and consumers', () => {
  const root = join(__dirname, '../../..');
  const own = join('libs', 'contracts') + sep;
  const sources = ['apps', 'libs']
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => path.includes(`${sep}src${sep}`) && path.endsWith('.ts'))
    .filter((path) => !path.endsWith('spec.ts') && !basename(path).startsWith('spec-'));

  const subject = String.raw`factory\.(retrain|scoring|scheduled?|run|data|sample|trials|model)\b`;
  const stream = streams.map(({ name }) => `['"\`]${name}['"\`]`).join('|');
  const ephemeral = String.raw`['"\`](${DEAD_PREFIX.replace('.', '')}|progress|control)\.`;
  const literal = new RegExp(`${subject}|${stream}|${ephemeral}`);

  it.each([
    "'factory.run.'",
    '`factory.model.trained.${key}`',
    "'FACTORY_DEAD'",
    '`dead.${subject}`',
    "'progress.*'",
  ])('are found by this test in text: %s', (text) => expect(text).toMatch(literal));

  it('are in the contracts and nowhere else', () => {
    expect(sources.length).toBeGreaterThan(100);
    const places = sources
      .filter((path) => !path.startsWith(own))
      .flatMap((path) =>
        readFileSync(join(root, path), 'utf8')
          .split('\n')
          .flatMap((line, index) => (literal.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
      );
    expect(places).toEqual([]);
  });
});
