import { BadInputError, BadInputsError, ServerAwayError, messageOf, type Refusal } from '@factory/domain';

/** A server that the service cannot work without. */
export interface ServerProbe {
  readonly name: string;
  /** The variable with its address. */
  readonly variable: string;
  /**
   * @throws ServerAwayError if waiting may help
   * @throws any other error if it will not
   */
  check(): Promise<void>;
}

export interface WaitOptions {
  /** How long to wait for servers that are unavailable, milliseconds. */
  readonly timeoutMs: number;
  /** Logs what is waited for, once per change. */
  readonly log: (text: string) => void;
  readonly intervalMs?: number;
  readonly now?: () => number;
}

/**
 * Probes all servers concurrently and waits for those that are unavailable, including those that refuse the
 * account: a password may be in rotation, a bucket may be about to be created.
 *
 * @throws BadInputsError `servers-unusable` naming every server with a fault as soon as waiting cannot cure one
 * of them, or when the time is over
 */
export async function waitForServers(probes: readonly ServerProbe[], options: WaitOptions): Promise<void> {
  const now = options.now ?? Date.now;
  const until = now() + options.timeoutMs;
  let told = '';
  for (;;) {
    const faults = await faultsOf(probes);
    if (faults.length === 0) return;
    if (faults.some(({ away }) => !away) || now() >= until)
      throw new BadInputsError(
        'servers-unusable',
        faults.map(({ refusal }) => refusal),
      );
    const awaited = `waiting for ${faults.map(({ probe, error }) => `${probe.name} (${messageOf(error)})`).join(', ')}`;
    if (awaited !== told) options.log(awaited);
    told = awaited;
    await new Promise((resolve) => setTimeout(resolve, options.intervalMs ?? 1_000));
  }
}

interface Fault {
  readonly probe: ServerProbe;
  readonly error: unknown;
  readonly away: boolean;
  readonly refusal: Refusal;
}

async function faultsOf(probes: readonly ServerProbe[]): Promise<Fault[]> {
  const faults = await Promise.all(
    probes.map(async (probe): Promise<Fault | null> => {
      try {
        await probe.check();
        return null;
      } catch (error) {
        return { probe, error, away: error instanceof ServerAwayError, refusal: refusalOf(probe, error) };
      }
    }),
  );
  return faults.filter((one) => one !== null);
}

function refusalOf(probe: ServerProbe, error: unknown): Refusal {
  if (error instanceof BadInputError) return error.refusal;
  const todo =
    error instanceof ServerAwayError && error.why === 'unreachable'
      ? `start the ${probe.name} or correct the address (${messageOf(error.cause)})`
      : messageOf(error);
  return { field: probe.variable, value: probe.name, todo };
}
