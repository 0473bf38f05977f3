import { FactoryError } from '@factory/domain';

/** The trial was stopped on request: by a person, by a lost lease or because the process is shutting down. */
export class TrialCancelledError extends FactoryError {
  constructor() {
    super('trial-cancelled', 'the trial was cancelled before it was done', false);
  }
}

/** The thread of a trial died: out of memory, or an uncaught error. Other trials continue. */
export class TrialWorkerLostError extends FactoryError {
  constructor(
    readonly trial: number,
    readonly reason: string,
    options?: { cause?: unknown },
  ) {
    super(
      'trial-worker-lost',
      `the worker of trial ${trial} ended (${reason}): check the pod's memory limit and the engine's log`,
      false,
      options,
    );
  }
}

/** No backend of the configured kind can be loaded. */
export class EngineUnavailableError extends FactoryError {
  constructor(
    readonly engine: string,
    reason: string,
    options?: { cause?: unknown },
  ) {
    super(
      'engine-unavailable',
      `the training engine ${engine} cannot be used (${reason}): install it or choose another`,
      false,
      options,
    );
  }
}
