import { Champions, ModelStates, RunRecord } from '@factory/ledger';
import type { ObjectStore } from '@factory/object-store';
import { OBJECT_STORE, RulesInUse, RulesModule } from '@factory/service-kit';
import { StageModule } from '@factory/stage';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { EvaluateCandidate } from './evaluate-candidate';
import { EvaluateRun } from './evaluate-run';
import { EvaluationThread } from './evaluation-thread';
import { ChooseCandidate } from './windows/choose-candidate';
import { EvaluatorConsumer } from './evaluator.consumer';

@Module({
  imports: [StageModule, RulesModule],
  controllers: [EvaluatorConsumer],
  providers: [
    EvaluationThread,
    {
      provide: EvaluateRun,
      inject: [OBJECT_STORE, EvaluationThread, RulesInUse, DataSource],
      useFactory: (store: ObjectStore, thread: EvaluationThread, rules: RulesInUse, dataSource: DataSource) =>
        new EvaluateRun(
          new EvaluateCandidate(store, thread, rules, () => new Date()),
          new Champions(dataSource),
          new ModelStates(dataSource),
          new RunRecord(dataSource),
          store,
          new ChooseCandidate(store, thread, new RunRecord(dataSource)),
        ),
    },
  ],
})
export class EvaluatorModule {}
