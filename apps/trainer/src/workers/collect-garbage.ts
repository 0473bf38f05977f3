import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/**
 * Frees the garbage of finished work on this thread; takes tens of milliseconds. Without this, V8 waits until a thread
 * has 64 MB of arrays: it counts objects, and a few arrays of a million numbers are few objects.
 */
export function collectGarbage(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
