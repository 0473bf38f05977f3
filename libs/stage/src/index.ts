export { Announcer } from './announcer';
export { StageRunner, type InputOf, type StageOptions, type StageWork } from './stage-runner';
export { StageModule } from './stage.module';
export type { StageObserver } from './stage-observer';
export { SourcePatience, isWaitCause, type WaitCause } from './source-patience';
export { SourcesModule, sourceReadingVariables } from './sources.module';
export { endAfter } from './end-after';
