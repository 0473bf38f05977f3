import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/**
 * Frees what finished work left behind on this thread; takes tens of milliseconds. Left to itself V8 waits for 64 MB of
 * arrays a thread: it counts objects, and a few arrays of a million numbers are few objects.
 */
export function collectGarbage(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
