import type { ArtefactRef } from '@factory/contracts';
import { DEFAULT_POLICY, runIdOf, type ModelKey } from '@factory/domain';
import {
  Requests,
  StageClaims,
  StageCommits,
  connectLedger,
  sqlOf,
  type ResolvedRequest,
  type RunEnd,
  type StageResult,
} from '@factory/ledger';
import { connectBroker } from '@factory/messaging';
import type { Report } from '@factory/model';
import { putVerified, type S3ObjectStore } from '@factory/object-store';
import { freshServers, type FreshServers } from '@factory/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { Servers, type Environment } from '../servers/servers';
import { specCli } from './spec-cli';

/** The product of the simulated shop that specs work on. */
export const key: ModelKey = { source: 'main', product: 7, goal: 'sale' };

/** A provisioned factory with a small shop, the command line over it, and builders for its ledger. */
export class SpecFactory {
  private constructor(
    private readonly servers: FreshServers,
    readonly env: Environment,
    readonly folder: string,
    readonly cli: ReturnType<typeof specCli>,
    readonly broker: NatsConnection,
    readonly ledger: DataSource,
    readonly store: S3ObjectStore,
  ) {}

  /** Creates it on separate databases and streams; the shop is filled and declared. */
  static async open(): Promise<SpecFactory> {
    const servers = await freshServers();
    const folder = mkdtempSync(join(tmpdir(), 'cli-spec-'));
    const env: Environment = {
      ...servers.env,
      SOURCES_FILE: join(folder, 'sources.yaml'),
      SOURCE_MAIN_URL: servers.env['SOURCE_ADMIN_URL'],
    };
    const cli = specCli(env);
    await cli.json('provision');
    const shop = [
      '--product',
      '7:300:0.1',
      '--features',
      'small',
      '--days',
      '20',
      '--database',
      servers.shop,
    ];
    await cli.json('simulate', '--source', key.source, ...shop);
    return new SpecFactory(
      servers,
      env,
      folder,
      cli,
      await connectBroker({ url: env['NATS_URL'] ?? '', name: 'cli spec' }),
      await connectLedger(env['FACTORY_DATABASE_URL'] ?? ''),
      new Servers(env).store(),
    );
  }

  async close(): Promise<void> {
    await this.broker.close();
    await this.ledger.destroy();
    this.store.close();
    await this.servers.dispose();
    rmSync(this.folder, { recursive: true });
  }

  /** Name of the shop's database. */
  get shop(): string {
    return this.servers.shop;
  }

  /** The command line with other server addresses. */
  cliWith(env: Environment): ReturnType<typeof specCli> {
    return specCli({ ...this.env, ...env });
  }

  /** Starts a run as data-prep would; a run in flight is cancelled. @returns its id */
  async startRun(requestKey: string): Promise<string> {
    const body = { end: '2023-04-01T00:00:00.000Z', grid: 'quick' };
    return this.take(requestKey, { runs: [{ ...key, policy: DEFAULT_POLICY, grid: 'quick', body }] });
  }

  /** Records a run that cannot begin, as data-prep would. @returns its id */
  async refuseRun(requestKey: string, end: RunEnd): Promise<string> {
    return this.take(requestKey, { runs: [], refused: [{ ...key, grid: '', end }] });
  }

  private async take(requestKey: string, given: Pick<ResolvedRequest, 'runs' | 'refused'>): Promise<string> {
    await new Requests(this.ledger, 'spec').take({
      requestKey,
      payload: {},
      requestedBy: 'spec',
      reason: '',
      force: true,
      seed: null,
      until: null,
      ...given,
    });
    return runIdOf(requestKey, key);
  }

  /** Claims and completes a stage. */
  async did(run: string, stage: string, result: StageResult): Promise<void> {
    const answer = await new StageClaims(this.ledger).claim({ run, stage, shard: '0' }, 'worker-1');
    if (answer.kind !== 'claimed') throw new RangeError(`${stage} is ${answer.kind}`);
    await new StageCommits(this.ledger, 'spec').complete(answer.claim, result, 5);
  }

  /** Stores a report and its verdict, and ends the run. */
  async evaluated(run: string, report: Report): Promise<ArtefactRef> {
    const candidate = {
      trial: 1,
      weights: { key: 'runs/w', sha256: 'a'.repeat(64), bytes: 1 },
      naturalValidationLogLoss: 0.1,
      parameters: 30,
    };
    const body = { trialsDone: 1, trialsFailed: 0, candidates: [candidate] };
    await this.did(run, 'data-prep', { output: {}, events: [{ event: 'model.trained', shard: '0', body }] });
    const stored = await putVerified(this.store, `runs/${run}/report.json`, JSON.stringify(report), {
      contentType: 'application/json',
    });
    await this.did(run, 'evaluator', {
      output: { report: stored, candidate, verdict: report.verdict },
      end: { outcome: 'kept', reason: report.verdict.decisive },
    });
    return stored;
  }

  async end(run: string, outcome: 'failed' | 'kept', reason: string): Promise<void> {
    await new StageCommits(this.ledger, 'spec').end(run, { outcome, reason });
  }

  auditRows(action: string): Promise<Record<string, unknown>[]> {
    const text = 'SELECT who, reason, subject FROM factory_audit WHERE action = ? ORDER BY id';
    return sqlOf(this.ledger).rows(text, [action]);
  }

  /** A stored message: by its sequence, or the last of a subject. */
  async stored(stream: string, which: { seq: number } | { last_by_subj: string }) {
    const message = await (await jetstreamManager(this.broker)).streams.getMessage(stream, which);
    const text = message ? new TextDecoder().decode(message.data) : '';
    return { message, subject: message?.subject, text, body: (text ? JSON.parse(text) : null) as unknown };
  }
}
