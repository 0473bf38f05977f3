import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const TOOL = join(__dirname, '../../../../tools/build-tfjs-native.mjs');

/** Builds TensorFlow.js's native binding for the CPU, or finds an earlier build. @returns its folder */
export function nativeBinding(): string {
  return execFileSync(process.execPath, [TOOL, '--cpu'], { encoding: 'utf8' }).trim();
}
