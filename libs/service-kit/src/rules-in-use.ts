import { FactoryError, messageOf, type ModelKey } from '@factory/domain';
import {
  DEFAULT_RULES,
  parseJudgementRules,
  rulesFor,
  type JudgementRules,
  type ProductRules,
  type RulesOf,
} from '@factory/judgement';
import { WatchedFile, readTextFile, unreadableFile } from '@factory/source';
import {
  Global,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Logger } from 'pino';
import type { Gauge } from 'prom-client';
import { z } from 'zod';
import { variable } from './config';
import { FilesInUse, type FileInUse } from './files-in-use';
import { LOGGER, SERVICE_CONFIG } from './tokens';

/** `RULES_FILE`, for services that judge data or models. */
export const rulesVariables = {
  RULES_FILE: variable(
    z.string().min(1).optional(),
    'file with the rules that differ from the defaults (rules R8), reloaded when it changes; absent: the defaults',
  ),
};
type RulesConfig = z.output<z.ZodObject<typeof rulesVariables>>;

const IN_USE = 'factory_rules_in_use';
const FAULTY = 'factory_rules_file_faulty';

/** The rules that this process judges by: the defaults, or those of a file that is watched. */
@Injectable()
export class RulesInUse implements RulesOf, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly file: WatchedFile<JudgementRules> | undefined;
  private readonly files: FilesInUse;

  constructor(
    @Inject(SERVICE_CONFIG) { RULES_FILE: path }: RulesConfig,
    @Inject(LOGGER) log: Logger,
    @InjectMetric(IN_USE) private readonly inUse: Gauge<'file' | 'sha256'>,
    @InjectMetric(FAULTY) private readonly faulty: Gauge<'file'>,
  ) {
    if (path !== undefined) {
      this.file = new WatchedFile({ path, readText, parse: (text) => parseJudgementRules(text, path) });
      this.file.refresh();
    }
    const line = (): string => `rules in use: ${path ?? ''}`;
    this.files = new FilesInUse(this.file ? [{ name: 'rules', file: this.file, inUse: line }] : [], log);
  }

  onApplicationBootstrap(): void {
    this.files.showIn(this.inUse, this.faulty);
    this.files.start();
  }

  onApplicationShutdown(): void {
    this.files.stop();
  }

  /** The rules of one product in force now. @throws FactoryError `no-rules` while no content has been valid */
  for(key: ModelKey): ProductRules {
    if (!this.file) return DEFAULT_RULES.for(key);
    const rules = this.file.current();
    if (rules) return rulesFor(rules, key);
    throw this.missing(this.file);
  }

  /**
   * Whoever has set rules does not want to be judged by others: without valid ones work waits.
   *
   * @throws FactoryError `no-rules`
   */
  requireValid(): void {
    if (this.file && !this.file.current()) throw this.missing(this.file);
  }

  /** For `/health/ready`; empty where the defaults are in force. */
  describe(): Readonly<Record<string, FileInUse>> {
    return this.files.describe();
  }

  private missing({ state: { path, fault } }: WatchedFile<JudgementRules>): FactoryError {
    return new FactoryError(
      'no-rules',
      `no valid rules are in ${path} yet: ${fault ? messageOf(fault) : 'it was not read'}`,
      true,
    );
  }
}

/**
 * Reads a rules file once, for programs that end with it.
 *
 * @throws BadInputError `no-rules-file`; BadInputsError `invalid-rules`
 */
export function loadRules(path: string): JudgementRules {
  return parseJudgementRules(readText(path), path);
}

function readText(path: string): string {
  try {
    return readTextFile(path);
  } catch (cause) {
    throw unreadableFile('no-rules-file', 'RULES_FILE', path, cause);
  }
}

/** Provides `RulesInUse` to services that judge; their configuration has `rulesVariables`. */
@Global()
@Module({
  providers: [
    RulesInUse,
    makeGaugeProvider({
      name: IN_USE,
      help: '1 for the content in use of the rules file, by its hash; absent where the defaults are in force',
      labelNames: ['file', 'sha256'],
    }),
    makeGaugeProvider({
      name: FAULTY,
      help: '1 while the content of the rules file on disk is not in use because of a fault',
      labelNames: ['file'],
    }),
  ],
  exports: [RulesInUse],
})
export class RulesModule {}
