import { BadInputError, BadInputsError, ServerAwayError, messageOf, type Refusal } from '@factory/domain';

/** A server that the service cannot work without. */
export interface ServerProbe {
  readonly name: string;
  /** The variable that says where it is. */
  readonly variable: string;
  /**
   * @throws ServerAwayError when waiting may help
   * @throws anything else when it will not
   */
  check(): Promise<void>;
}

export interface WaitOptions {
  /** How long servers that are unavailable are waited for, milliseconds. */
  readonly timeoutMs: number;
  /** Told once per change what is waited for. */
  readonly log: (text: string) => void;
  readonly intervalMs?: number;
  readonly now?: () => number;
}

/**
 * Asks all servers at once and waits for those that are unavailable, also where they refuse the account: a password
 * that is being rotated, a bucket that is being made.
 *
 * @throws BadInputsError `servers-unusable` naming every server with a fault as soon as one cannot be cured
 *   by waiting, or when the time is over
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
