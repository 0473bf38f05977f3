import { Injectable } from '@nestjs/common';
import type { SettledDelivery } from '@factory/messaging';
import { InjectMetric, makeCounterProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import type { Counter, Histogram } from 'prom-client';

const STAGE_SECONDS = 'factory_stage_seconds';
const TRIALS = 'factory_trials_total';
const TRIAL_ROWS = 'factory_trial_rows_total';
const TRIAL_SECONDS = 'factory_trial_seconds_total';
const DELIVERIES = 'factory_deliveries_total';
const NEWER = 'factory_newer_messages_total';
const DEAD_LETTERS = 'factory_dead_letters_total';
const DEAD_LETTERS_NOT_KEPT = 'factory_dead_letters_not_kept_total';

/** The metrics of a service, as shown by `/metrics`. */
@Injectable()
export class ServiceMetrics {
  constructor(
    @InjectMetric(STAGE_SECONDS) private readonly stageSeconds: Histogram<'stage' | 'outcome'>,
    @InjectMetric(TRIALS) private readonly trials: Counter<'outcome'>,
    @InjectMetric(TRIAL_ROWS) private readonly trialRows: Counter<string>,
    @InjectMetric(TRIAL_SECONDS) private readonly trialSeconds: Counter<string>,
    @InjectMetric(DELIVERIES) private readonly deliveries: Counter<'consumer' | 'outcome' | 'settlement'>,
    @InjectMetric(NEWER) private readonly newer: Counter<'consumer'>,
    @InjectMetric(DEAD_LETTERS) private readonly deadLetters: Counter<'consumer' | 'code'>,
    @InjectMetric(DEAD_LETTERS_NOT_KEPT) private readonly notKept: Counter<'consumer' | 'code'>,
  ) {}

  /** Counts a claimed stage that has ended. */
  stageEnded(stage: string, outcome: string, seconds: number): void {
    this.stageSeconds.observe({ stage, outcome }, seconds);
  }

  /** Counts a trial that has ended. `rows`: those of the training part, once for each step (a network's epoch). */
  trialEnded(outcome: 'done' | 'failed' | 'crashed' | 'stopped', rows: number, seconds: number): void {
    this.trials.inc({ outcome });
    this.trialRows.inc(rows);
    this.trialSeconds.inc(seconds);
  }

  /** Counts a settled delivery. */
  settled({ binding, outcome, settlement, deadLetter }: SettledDelivery): void {
    const consumer = binding.consumer.durable;
    this.deliveries.inc({ consumer, outcome: outcome.kind, settlement: settlement.kind });
    if (outcome.kind === 'newer') this.newer.inc({ consumer });
    if (settlement.kind === 'term' && deadLetter === 'kept')
      this.deadLetters.inc({ consumer, code: settlement.code });
    if (typeof deadLetter === 'object') this.notKept.inc({ consumer, code: deadLetter.notKept });
  }
}

export const metricsProviders = [
  ServiceMetrics,
  makeHistogramProvider({
    name: STAGE_SECONDS,
    help: 'Seconds of claimed work of a stage, by outcome',
    labelNames: ['stage', 'outcome'],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900],
  }),
  makeCounterProvider({ name: TRIALS, help: 'Trials ended, by outcome', labelNames: ['outcome'] }),
  makeCounterProvider({ name: TRIAL_ROWS, help: 'Rows trained on: rows of the training part x epochs' }),
  makeCounterProvider({ name: TRIAL_SECONDS, help: 'Seconds of training; rows / seconds is the speed' }),
  makeCounterProvider({
    name: DELIVERIES,
    help: 'Messages settled, by outcome and by the answer to the broker',
    labelNames: ['consumer', 'outcome', 'settlement'],
  }),
  makeCounterProvider({
    name: NEWER,
    help: 'Messages given back because only a later release can process them; grows while one waits',
    labelNames: ['consumer'],
  }),
  makeCounterProvider({
    name: DEAD_LETTERS,
    help: 'Messages given up and stored as dead letters, by error code',
    labelNames: ['consumer', 'code'],
  }),
  makeCounterProvider({
    name: DEAD_LETTERS_NOT_KEPT,
    help: 'Dead letters that the broker did not store, by error code; their messages are redelivered until it does',
    labelNames: ['consumer', 'code'],
  }),
];
