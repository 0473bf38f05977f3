import { env } from 'node:process'; // refused
import whole from 'process'; // refused

export const one = process.env; // refused
export const two = process['env']; // refused
export const { env: three } = process; // refused
export const four = globalThis.process.env; // refused
export const five = globalThis['process'].env; // refused
export const six = process[String('env') as 'env']; // refused
export const seven = (await import('node:process')).env; // refused
const alias = process; // refused

export const others = [process.pid, { process: 1 }.process, env, whole, alias];
